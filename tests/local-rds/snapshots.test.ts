import {
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  paginateDescribeDBSnapshots,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minuteMs, Records, region } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

test('a snapshot grows, has no creation time before it is done, and holds its instance up', async () => {
  await aws.createAvailable('alpha', { CopyTagsToSnapshot: true, Tags: [{ Key: 'team', Value: 'a' }] });
  const young = await aws.snapshot('alpha', 'one');
  expect(young).toMatchObject({ Status: 'creating', PercentProgress: 0, TagList: [{ Key: 'team', Value: 'a' }] });
  expect(young.SnapshotCreateTime).toBeUndefined();
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('backing-up');
  await expect(aws.snapshot('alpha', 'two')).rejects.toThrow('is not currently in the available state');
  await expect(aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'one' }))).rejects.toMatchObject({
    name: 'InvalidDBSnapshotStateFault',
  });
  await aws.advance(5 * minuteMs);
  const [half] = await aws.snapshots({ DBSnapshotIdentifier: 'one' });
  expect(half?.PercentProgress).toBeGreaterThanOrEqual(50);
  expect(half?.PercentProgress).toBeLessThan(60);
  await aws.advance(5 * minuteMs);
  const [done] = await aws.snapshots({ DBSnapshotIdentifier: 'one' });
  expect(done).toMatchObject({ Status: 'available', PercentProgress: 100, SnapshotType: 'manual' });
  expect(done?.SnapshotCreateTime).toEqual(done?.OriginalSnapshotCreateTime);
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('available');
  await expect(aws.snapshot('alpha', 'One')).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
});

test('the manual quota counts manual snapshots only, and the attributes say how full it is', async () => {
  await aws.createAvailable('alpha');
  aws.world.admin.setQuota(region, { manualSnapshots: 2 });
  aws.plant('m-1');
  aws.plant('a-1', { type: 'automated' });
  await aws.snapshot('alpha', 'm-2');
  await aws.advance(10 * minuteMs);
  await expect(aws.snapshot('alpha', 'm-3')).rejects.toMatchObject({
    name: 'SnapshotQuotaExceededFault',
    message: 'Cannot create more than 2 manual snapshots',
  });
  const { AccountQuotas } = await aws.rds().send(new DescribeAccountAttributesCommand({}));
  expect(AccountQuotas).toContainEqual({ AccountQuotaName: 'ManualSnapshots', Used: 2, Max: 2 });
});

test('snapshots are listed in pages of 20 to 100, and what is deleted meanwhile hides no other', async () => {
  for (let i = 0; i < 130; i += 1) aws.plant(`s-${String(i).padStart(3, '0')}`);
  const seen: string[] = [];
  for await (const page of paginateDescribeDBSnapshots({ client: aws.rds(), pageSize: 20 }, {})) {
    expect(page.DBSnapshots?.length).toBeLessThanOrEqual(20);
    seen.push(...(page.DBSnapshots ?? []).map((one) => one.DBSnapshotIdentifier!));
    await aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: seen.at(-1)! }));
  }
  expect(seen).toHaveLength(130);
  expect(new Set(seen).size).toBe(130);
  for (const MaxRecords of [19, 101]) {
    await expect(aws.snapshots({ MaxRecords })).rejects.toThrow('Must be between 20 and 100');
  }
  await expect(aws.snapshots({ Marker: 'made up' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('snapshots are found by type, instance, resource id and filter; an automated one by name only with its type', async () => {
  const { DbiResourceId } = await aws.createAvailable('alpha');
  aws.plant('mine', { instanceId: 'alpha' });
  aws.plant('old', { instanceId: 'alpha', resourceId: 'db-GONE', engine: 'mysql' });
  aws.plant('nightly', { instanceId: 'alpha', type: 'automated' });
  const names = async (input: Parameters<typeof aws.snapshots>[0]) =>
    (await aws.snapshots(input)).map((one) => one.DBSnapshotIdentifier);
  expect(await names({})).toEqual(['mine', 'old', 'rds:nightly']);
  expect(await names({ SnapshotType: 'manual' })).toEqual(['mine', 'old']);
  expect(await names({ SnapshotType: 'awsbackup' })).toEqual([]);
  expect(await names({ DBInstanceIdentifier: 'nobody' })).toEqual([]);
  expect(await names({ DbiResourceId })).toEqual(['mine', 'rds:nightly']);
  expect(await names({ Filters: [{ Name: 'engine', Values: ['mysql', 'db2-se'] }] })).toEqual(['old']);
  await expect(names({ Filters: [{ Name: 'status', Values: ['x'] }] })).rejects.toThrow('Unrecognized filter name');
  await expect(names({ DBSnapshotIdentifier: 'rds:nightly' })).rejects.toMatchObject({
    name: 'DBSnapshotNotFoundFault',
  });
  expect(await names({ DBSnapshotIdentifier: 'rds:nightly', SnapshotType: 'automated' })).toEqual(['rds:nightly']);
  await expect(
    aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'rds:nightly' })),
  ).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
});

test('a restore takes a free name and an available snapshot', async () => {
  await aws.createAvailable('alpha');
  await aws.snapshot('alpha', 'one');
  const restore = (DBInstanceIdentifier: string, DBSnapshotIdentifier: string) =>
    aws.rds().send(new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier }));
  await expect(restore('beta', 'one')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
  await aws.advance(10 * minuteMs);
  await expect(restore('alpha', 'one')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await expect(restore('beta', 'none')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
  expect((await restore('beta', 'one')).DBInstance?.DBInstanceStatus).toBe('creating');
});

test('what others own is listed by its type, counts as AWS says, and is not deleted here', async () => {
  aws.world.admin.setQuota(region, { manualSnapshots: 3 });
  aws.plant('awsbackup:job-1', { type: 'awsbackup' });
  aws.plant('awsbackup:job-2');
  aws.plant(`preupgrade-${'x'.repeat(240)}`);
  aws.plant('final');
  aws.plant('theirs', { type: 'shared' });
  const names = async (input: object) => (await aws.snapshots(input)).map((one) => one.DBSnapshotIdentifier);
  expect(await names({})).toEqual(['awsbackup:job-2', 'final', `preupgrade-${'x'.repeat(240)}`]);
  expect(await names({ SnapshotType: 'awsbackup' })).toEqual(['awsbackup:job-1']);
  expect(await names({ SnapshotType: 'shared' })).toEqual(['theirs']);
  const { AccountQuotas } = await aws.rds().send(new DescribeAccountAttributesCommand({}));
  expect(AccountQuotas).toContainEqual({ AccountQuotaName: 'ManualSnapshots', Used: 2, Max: 3 });
  for (const DBSnapshotIdentifier of ['awsbackup:job-1', 'awsbackup:job-2']) {
    await expect(aws.rds().send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }))).rejects.toMatchObject({
      name: 'InvalidDBSnapshotStateFault',
    });
  }
});
