import { RestoreDBInstanceFromDBSnapshotCommand } from '@aws-sdk/client-rds';
import { afterEach, expect, test } from '@jest/globals';
import type { KeyLookup } from '../../local/rds/keys.ts';
import { copyOnce, elsewhere, minuteMs, Records, region } from './records.ts';

let aws: Records;
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

const refused = { name: 'KMSKeyNotAccessibleFault' };
const restore = (DBInstanceIdentifier: string) =>
  aws.rds().send(new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier: 'one' }));

test.each(['disabled', 'pending-deletion'] as const)(
  'with a key that is %s nothing encrypted is created, snapshotted, copied or restored, and with the key back it is',
  async (state) => {
    aws = new Records();
    await aws.createAvailable('alpha', { StorageEncrypted: true, KmsKeyId: 'k' });
    await aws.snapshot('alpha', 'one');
    await aws.advance(10 * minuteMs);
    aws.world.admin.setKey(region, 'k', state);
    await expect(aws.create('beta', { StorageEncrypted: true, KmsKeyId: 'k' })).rejects.toMatchObject(refused);
    await expect(aws.snapshot('alpha', 'two')).rejects.toMatchObject(refused);
    await expect(copyOnce(aws, 'one', { KmsKeyId: 'c' })).rejects.toMatchObject(refused);
    await expect(restore('gamma')).rejects.toMatchObject(refused);
    expect((await aws.snapshots()).map((one) => one.DBSnapshotIdentifier)).toEqual(['one']);
    aws.world.admin.setKey(region, 'k', 'enabled');
    expect((await restore('gamma')).DBInstance?.KmsKeyId).toBe('arn:aws:kms:eu-west-1:111122223333:key/k');
    aws.world.admin.setKey(elsewhere, 'c', state);
    await expect(copyOnce(aws, 'one', { KmsKeyId: 'c' })).rejects.toMatchObject(refused);
  },
);

test('the account’s own KMS is asked, its ARN is shown in place of an alias, and a key that it doesn’t know is refused', async () => {
  const asked: string[] = [];
  const findKey: KeyLookup = async (name, key) => {
    asked.push(`${name} ${key}`);
    return key === 'alias/mine' ? { arn: `arn:aws:kms:${name}:111122223333:key/real`, state: 'enabled' } : undefined;
  };
  aws = new Records({ findKey });
  const made = await aws.createAvailable('alpha', { StorageEncrypted: true, KmsKeyId: 'alias/mine' });
  expect(made.KmsKeyId).toBe('arn:aws:kms:eu-west-1:111122223333:key/real');
  await expect(aws.create('beta', { StorageEncrypted: true })).rejects.toMatchObject(refused);
  expect(asked).toEqual(['eu-west-1 alias/mine', 'eu-west-1 alias/aws/rds']);
});
