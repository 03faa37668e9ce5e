import { expect, test } from '@jest/globals';
import { iamToken, openDatabase } from './login.ts';

test('an IAM login without a host is refused by its user, before anything is asked', async () => {
  const login = { kind: 'iam', dbname: 'ledger', username: 'mainstay' } as const;
  await expect(openDatabase(login, { region: 'eu-west-1' })).rejects.toThrow('the login of mainstay names no host');
});

test('an IAM token is a signed request to connect as the user, to the certified name', async () => {
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' });
  try {
    const token = await iamToken({
      region: 'eu-west-1',
      host: 'a.c9.eu-west-1.rds.amazonaws.com',
      port: 5432,
      username: 'mainstay',
    });
    const url = new URL(`https://${token}`);
    expect(url.host).toBe('a.c9.eu-west-1.rds.amazonaws.com:5432');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'mainstay',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringContaining('/eu-west-1/rds-db/aws4_request'),
    });
  } finally {
    process.env = before;
  }
});
