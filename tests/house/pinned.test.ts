import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseConfig } from '../../shared/config/load.ts';
import { pinnedRole } from '../../shared/lambda/pinned.ts';

const config = parseConfig(parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8')));

test('each region of the config has its role', () => {
  expect(
    ['eu-west-1', 'eu-central-1', 'eu-north-1'].map((region) => pinnedRole(config, '111122223333', region)),
  ).toEqual(['primary', 'recovery', 'witness']);
});

test.each([
  ['another account', '999988887777', 'eu-west-1', 'this is account 999988887777'],
  ['an unknown account', undefined, 'eu-west-1', 'this is account unknown'],
  ['another region', '111122223333', 'us-east-1', 'this is region us-east-1'],
  ['no region', '111122223333', undefined, 'this is region unknown'],
])('%s is refused before anything is read', (_what, account, region, message) => {
  expect(() => pinnedRole(config, account, region)).toThrow(message);
});
