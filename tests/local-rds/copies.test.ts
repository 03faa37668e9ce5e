import { CopyDBSnapshotCommand, DeleteDBSnapshotCommand, DescribeDBSnapshotsCommand } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { elsewhere, minuteMs, Records, region, snapshotArn } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

test('a copy into another region keeps the original time, needs a key if encrypted, and its source must stay', async () => {
  await aws.createAvailable('alpha', { StorageEncrypted: true });
  await aws.snapshot('alpha', 'one');
  await aws.advance(10 * minuteMs);
  const central = aws.rds(elsewhere);
  const copy = (more: object) =>
    central.send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: 'arn:aws:rds:eu-west-1:111122223333:snapshot:one',
        TargetDBSnapshotIdentifier: 'copy-1',
        ...more,
      }),
    );
  await expect(copy({})).rejects.toThrow('Must specify new KMS key');
  await copy({ KmsKeyId: 'alias/recovery' });
  await copy({ KmsKeyId: 'alias/recovery', TargetDBSnapshotIdentifier: 'copy-2' });
  await aws.advance(10 * minuteMs);
  const { DBSnapshots = [] } = await central.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'copy-1' }));
  const [original] = await aws.snapshots({ DBSnapshotIdentifier: 'one' });
  expect(DBSnapshots[0]).toMatchObject({
    Status: 'available',
    SourceRegion: 'eu-west-1',
    KmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:alias/recovery',
    OriginalSnapshotCreateTime: original?.OriginalSnapshotCreateTime,
  });
  expect(DBSnapshots[0]?.SnapshotCreateTime?.getTime()).toBeGreaterThan(original!.SnapshotCreateTime!.getTime());
  await copy({ KmsKeyId: 'alias/recovery', TargetDBSnapshotIdentifier: 'copy-3' });
  await aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'one' }));
  await aws.advance(10 * minuteMs);
  const { DBSnapshots: orphan } = await central.send(
    new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'copy-3' }),
  );
  expect(orphan?.[0]?.Status).toBe('failed');
});

test('at most twenty copies are in progress in a region', async () => {
  aws.plant('one', { engine: 'mysql' });
  const copy = (i: number) =>
    aws
      .rds(region)
      .send(new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: 'one', TargetDBSnapshotIdentifier: `copy-${i}` }));
  for (let i = 0; i < 20; i += 1) await copy(i);
  await expect(copy(20)).rejects.toMatchObject({
    name: 'SnapshotQuotaExceededFault',
    message: expect.stringContaining('more than 20'),
  });
  await aws.advance(10 * minuteMs);
  await copy(20);
});

const copyHere = (source: string, target: string, more: object = {}) =>
  aws.rds(elsewhere).send(
    new CopyDBSnapshotCommand({
      SourceDBSnapshotIdentifier: snapshotArn(source),
      TargetDBSnapshotIdentifier: target,
      ...more,
    }),
  );
const statuses = async () =>
  (await aws.snapshots({}, elsewhere)).map((one) => `${one.DBSnapshotIdentifier} ${one.Status} ${one.PercentProgress}`);

test('copies of one database run one after the other, the next one without progress until it begins', async () => {
  for (const id of ['a-1', 'a-2', 'a-3']) aws.plant(id, { resourceId: 'db-A' });
  aws.plant('b-1', { resourceId: 'db-B' });
  for (const id of ['a-1', 'a-2', 'a-3', 'b-1']) await copyHere(id, id);
  await aws.advance(5 * minuteMs);
  expect(await statuses()).toEqual(['a-1 creating 50', 'a-2 pending 0', 'a-3 pending 0', 'b-1 creating 50']);
  await aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'a-2' }));
  await aws.advance(10 * minuteMs);
  // The second has lost its source, so the third went on at once.
  expect(await statuses()).toEqual(['a-1 available 100', 'a-2 failed 0', 'a-3 creating 50', 'b-1 available 100']);
  await aws.advance(5 * minuteMs);
  expect(await statuses()).toContainEqual('a-3 available 100');
});

test('an unencrypted snapshot becomes an encrypted one with a key of the destination, and of no other region', async () => {
  aws.plant('one');
  const key = (name: string) => ({ KmsKeyId: `arn:aws:kms:${name}:111122223333:key/k` });
  await expect(copyHere('one', 'copy', key(region))).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });
  expect((await copyHere('one', 'copy', key(elsewhere))).DBSnapshot).toMatchObject({
    ...{ Encrypted: true, ...key(elsewhere), SourceRegion: region, SourceDBSnapshotIdentifier: snapshotArn('one') },
  });
});

test('an option group with options needs its like at the destination, and the refusal names the options', async () => {
  const { admin } = aws.world;
  admin.optionGroup(region, 'zoned', ['Timezone']);
  admin.optionGroup(elsewhere, 'zoned-too', ['Timezone', 'SSL']);
  admin.optionGroup(elsewhere, 'other', ['SSL']);
  aws.plant('one', { optionGroup: 'zoned' });
  const refusal = 'The snapshot requires a target option group with the following options: [Timezone]';
  await expect(copyHere('one', 'copy')).rejects.toMatchObject({ name: 'InvalidParameterValue', message: refusal });
  await expect(copyHere('one', 'copy', { OptionGroupName: 'other' })).rejects.toThrow(refusal);
  await expect(copyHere('one', 'copy', { OptionGroupName: 'none' })).rejects.toMatchObject({
    name: 'OptionGroupNotFoundFault',
  });
  const { DBSnapshot } = await copyHere('one', 'copy', { OptionGroupName: 'zoned-too' });
  expect(DBSnapshot?.OptionGroupName).toBe('zoned-too');
});

test('CopyTags fails on tags of AWS’s own, and tags that are given replace all of the source’s', async () => {
  const own = { key: 'aws:cloudformation:stack-name', value: 'x' };
  aws.plant('one', { tags: [own, { key: 'team', value: 'a' }] });
  aws.plant('two', { tags: [{ key: 'team', value: 'a' }] });
  await expect(copyHere('one', 'copy', { CopyTags: true })).rejects.toThrow('Tag keys cannot start with the reserved');
  const given = [{ Key: 'mine', Value: '1' }];
  expect((await copyHere('one', 'c-1', { CopyTags: true, Tags: given })).DBSnapshot?.TagList).toEqual(given);
  expect((await copyHere('two', 'c-2', { CopyTags: true })).DBSnapshot?.TagList).toEqual([{ Key: 'team', Value: 'a' }]);
  expect((await copyHere('two', 'c-3')).DBSnapshot?.TagList).toEqual([]);
});

test('a presigned address is taken and not needed', async () => {
  aws.plant('one');
  const PreSignedUrl = 'https://rds.eu-west-1.amazonaws.com/?Action=CopyDBSnapshot';
  expect((await copyHere('one', 'with', { PreSignedUrl })).DBSnapshot?.Status).toBe('creating');
});

test('a copy that loses its source under way is cancelled, with its event', async () => {
  aws.plant('one');
  await copyHere('one', 'copy');
  await aws.advance(minuteMs);
  await aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'one' }));
  await aws.advance(9 * minuteMs);
  expect(await statuses()).toEqual(['copy failed 99']);
  expect(aws.events.map(({ detail }) => detail.EventID)).toEqual([
    'RDS-EVENT-0059',
    'RDS-EVENT-0041',
    'RDS-EVENT-0061',
  ]);
});
