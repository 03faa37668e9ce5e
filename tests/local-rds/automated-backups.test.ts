import { CopyDBSnapshotCommand } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minuteMs, Records } from './records.ts';

const dayMs = 24 * 60 * minuteMs;
let aws: Records;
beforeEach(() => {
  aws = new Records({ automatedBackups: true });
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

const automated = async () =>
  (await aws.snapshots({ SnapshotType: 'automated' })).map((one) => one.DBSnapshotIdentifier);

test('a database with a retention period is backed up once a day in its window, and the old ones go', async () => {
  await aws.createAvailable('alpha', { BackupRetentionPeriod: 2, PreferredBackupWindow: '23:50-00:20' });
  await aws.createAvailable('off', { BackupRetentionPeriod: 0 });
  await aws.advance(14 * 60 * minuteMs);
  expect(await automated()).toEqual(['rds:alpha-2026-08-14-23-50']);
  await aws.advance(3 * dayMs);
  const left = await automated();
  expect(left).not.toContain('rds:alpha-2026-08-14-23-50');
  expect(left).toContain('rds:alpha-2026-08-17-23-50');
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('available');
});

test('while a manual snapshot runs there is none, and in its window it is made up for', async () => {
  await aws.createAvailable('alpha', { PreferredBackupWindow: '11:00-11:30' });
  await aws.advance(58 * minuteMs);
  await aws.snapshot('alpha', 'mine');
  await aws.advance(9 * minuteMs);
  expect(await automated()).toEqual([]);
  await aws.advance(2 * minuteMs);
  expect(await automated()).toEqual(['rds:alpha-2026-08-14-11-09']);
  expect(aws.events.map(({ detail }) => detail.EventID)).toContain('RDS-EVENT-0090');
});

test('while one of its snapshots is copied in the region a database is not backed up', async () => {
  const { DbiResourceId } = await aws.createAvailable('alpha', { PreferredBackupWindow: '11:00-11:05' });
  aws.plant('old', { instanceId: 'alpha', resourceId: DbiResourceId });
  await aws.advance(57 * minuteMs);
  await aws
    .rds()
    .send(new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: 'old', TargetDBSnapshotIdentifier: 'copy' }));
  await aws.advance(30 * minuteMs);
  expect(await automated()).toEqual([]);
});
