import {
  AddTagsToResourceCommand,
  CopyDBClusterSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  type DescribeDBClusterSnapshotsCommandInput,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  RestoreDBClusterFromSnapshotCommand,
  StartDBClusterCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { elsewhere, master, minuteMs, Records, region, snapshotArn } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

const describe = async (DBClusterIdentifier: string) =>
  (await aws.rds().send(new DescribeDBClustersCommand({ DBClusterIdentifier }))).DBClusters![0]!;
const snapshot = async (id: string, more: object = {}) =>
  (
    await aws.rds().send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: 'aurora',
        DBClusterSnapshotIdentifier: id,
        ...more,
      }),
    )
  ).DBClusterSnapshot!;
const snapshots = async (input: DescribeDBClusterSnapshotsCommandInput = {}, name = region) =>
  (await aws.rds(name).send(new DescribeDBClusterSnapshotsCommand(input))).DBClusterSnapshots ?? [];
const member = (id: string, more: object = {}) =>
  aws.rds().send(
    new CreateDBInstanceCommand({
      ...{ DBInstanceIdentifier: id, DBClusterIdentifier: 'aurora', DBInstanceClass: 'db.r6g.large' },
      ...{ Engine: 'aurora-postgresql', ...more },
    }),
  );

test('an Aurora cluster has the members that were created in it, and is not one of the instances', async () => {
  await aws.aurora('Aurora', { Tags: [{ Key: 'team', Value: 'a' }] });
  expect(await describe('aurora')).toMatchObject({
    ...{
      Status: 'available',
      Engine: 'aurora-postgresql',
      DBClusterMembers: [],
      TagList: [{ Key: 'team', Value: 'a' }],
    },
    DBClusterArn: 'arn:aws:rds:eu-west-1:111122223333:cluster:aurora',
    DbClusterResourceId: expect.stringMatching(/^cluster-[A-Z2-7]{26}$/),
  });
  await expect(member('one', { Engine: 'aurora-mysql' })).rejects.toThrow("is not the cluster's");
  await expect(member('one', master)).rejects.toThrow('will be a member of a DB Cluster');
  await member('one');
  await aws.advance(minuteMs);
  expect((await describe('aurora')).DBClusterMembers).toMatchObject([
    { DBInstanceIdentifier: 'one', IsClusterWriter: true },
  ]);
  expect(await aws.describe('one')).toMatchObject({ DBClusterIdentifier: 'aurora', DBInstanceStatus: 'available' });
  await expect(aws.aurora('aurora')).rejects.toMatchObject({ name: 'DBClusterAlreadyExistsFault' });
});

test('a member takes no snapshot of its own, whatever it is called', async () => {
  await aws.aurora('aurora');
  await member('one');
  await aws.advance(minuteMs);
  await expect(aws.snapshot('one', 's')).rejects.toMatchObject({
    name: 'InvalidParameterValue',
    message: expect.stringContaining('Please use the CreateDBClusterSnapshot API instead'),
  });
});

test('a Multi-AZ cluster comes with three members, which go with it', async () => {
  const input = { DBClusterIdentifier: 'three', Engine: 'postgres', BackupRetentionPeriod: 1, AllocatedStorage: 100 };
  const create = (more: object) => aws.rds().send(new CreateDBClusterCommand({ ...input, ...master, ...more }));
  await expect(create({})).rejects.toMatchObject({ name: 'MissingParameter' });
  await create({ DBClusterInstanceClass: 'db.m6gd.large' });
  await aws.advance(minuteMs);
  expect((await describe('three')).DBClusterMembers).toHaveLength(3);
  const one = 'three-instance-1';
  await expect(
    aws.rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: one, SkipFinalSnapshot: true })),
  ).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  await aws.rds().send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'three', SkipFinalSnapshot: true }));
  await aws.advance(5 * minuteMs);
  await expect(describe('three')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  await expect(aws.describe(one)).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
});

test('a cluster snapshot grows, has 63 characters at most, and no original time', async () => {
  await aws.aurora('aurora', { CopyTagsToSnapshot: true, Tags: [{ Key: 'team', Value: 'a' }] });
  await expect(snapshot('x'.repeat(64))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  expect(await snapshot('One')).toMatchObject({
    ...{ DBClusterSnapshotIdentifier: 'one', Status: 'creating', PercentProgress: 0 },
    TagList: [{ Key: 'team', Value: 'a' }],
  });
  expect((await describe('aurora')).Status).toBe('backing-up');
  await expect(snapshot('two')).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  await aws.advance(5 * minuteMs);
  expect(await snapshots()).toMatchObject([{ PercentProgress: 50 }]);
  expect((await snapshots())[0]?.SnapshotCreateTime).toBeUndefined();
  await aws.advance(5 * minuteMs);
  const [done] = await snapshots({ DBClusterSnapshotIdentifier: 'one' });
  expect(done).toMatchObject({ Status: 'available', PercentProgress: 100, SnapshotCreateTime: expect.any(Date) });
  expect(done).not.toHaveProperty('OriginalSnapshotCreateTime');
  expect(done?.DbClusterResourceId).toBe((await describe('aurora')).DbClusterResourceId);
  await expect(snapshot('ONE')).rejects.toMatchObject({ name: 'DBClusterSnapshotAlreadyExistsFault' });
  expect(aws.events.map(({ detail }) => [detail.EventID, detail.SourceType, detail.EventCategories[0]])).toEqual([
    ['RDS-EVENT-0170', 'CLUSTER', 'creation'],
    ['RDS-EVENT-0074', 'CLUSTER_SNAPSHOT', 'backup'],
    ['RDS-EVENT-0075', 'CLUSTER_SNAPSHOT', 'backup'],
  ]);
  expect(aws.events.at(-1)).toMatchObject({
    'detail-type': 'RDS DB Cluster Snapshot Event',
    resources: [snapshotArn('one', 'cluster-snapshot')],
  });
});

test('cluster snapshots have their own quota, whose entry may be missing from the attributes', async () => {
  await aws.aurora('aurora');
  aws.world.admin.setQuota(region, { manualClusterSnapshots: 1, manualSnapshots: 0 });
  await snapshot('one');
  await aws.advance(10 * minuteMs);
  await expect(snapshot('two')).rejects.toMatchObject({
    name: 'SnapshotQuotaExceededFault',
    message: 'Cannot create more than 1 manual snapshots',
  });
  const quotas = async () => (await aws.rds().send(new DescribeAccountAttributesCommand({}))).AccountQuotas;
  expect(await quotas()).toContainEqual({ AccountQuotaName: 'ManualClusterSnapshots', Used: 1, Max: 1 });
  aws.world.admin.assume({ clusterQuotaIsListed: false });
  expect((await quotas())?.map((one) => one.AccountQuotaName)).not.toContain('ManualClusterSnapshots');
});

test('cluster snapshots are found by cluster, type and filter, and there is no filter for the resource id', async () => {
  await aws.aurora('aurora');
  const plant = (id: string, more: object = {}) =>
    aws.plant(id, { kind: 'cluster', instanceId: 'aurora', engine: 'aurora-postgresql', ...more });
  plant('mine');
  plant('nightly', { type: 'automated' });
  plant('awsbackup:job-1');
  plant(`preupgrade-${'x'.repeat(70)}`, { instanceId: 'other' });
  const ids = async (input: object = {}) => (await snapshots(input)).map((one) => one.DBClusterSnapshotIdentifier);
  expect(await ids()).toHaveLength(4);
  expect(await ids({ DBClusterIdentifier: 'aurora', SnapshotType: 'manual' })).toEqual(['awsbackup:job-1', 'mine']);
  expect(await ids({ SnapshotType: 'automated' })).toEqual(['rds:nightly']);
  expect(await ids({ Filters: [{ Name: 'db-cluster-id', Values: ['other'] }] })).toHaveLength(1);
  for (const bad of [{ SnapshotType: 'awsbackup' }, { Filters: [{ Name: 'db-cluster-resource-id', Values: ['x'] }] }]) {
    await expect(ids(bad)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  await expect(ids({ DBClusterSnapshotIdentifier: 'none' })).rejects.toMatchObject({
    name: 'DBClusterSnapshotNotFoundFault',
  });
  await aws.rds().send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'mine' }));
  await expect(
    aws.rds().send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'rds:nightly' })),
  ).rejects.toMatchObject({ name: 'InvalidDBClusterSnapshotStateFault' });
});

test('a cluster is not deleted with members, with protection or without a word on the final snapshot', async () => {
  await aws.aurora('aurora', { DeletionProtection: true });
  await member('one');
  await aws.advance(minuteMs);
  const remove = (more: object = { SkipFinalSnapshot: true }) =>
    aws.rds().send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'aurora', ...more }));
  await expect(remove()).rejects.toThrow('Cannot delete protected Cluster');
  await aws
    .rds()
    .send(
      new ModifyDBClusterCommand({ DBClusterIdentifier: 'aurora', DeletionProtection: false, ApplyImmediately: true }),
    );
  await expect(remove()).rejects.toThrow('it still contains DB instances in non-deleting state');
  await aws.rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'one' }));
  await expect(remove({})).rejects.toThrow('FinalDBSnapshotIdentifier is required');
  await remove({ FinalDBSnapshotIdentifier: 'last' });
  await aws.advance(12 * minuteMs);
  await expect(describe('aurora')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  expect(await snapshots()).toMatchObject([{ DBClusterSnapshotIdentifier: 'last', Status: 'available' }]);
});

test('a copy of a cluster snapshot takes a key if its source is encrypted, and only then', async () => {
  const copy = (source: string, target: string, more: object = {}) =>
    aws.rds(elsewhere).send(
      new CopyDBClusterSnapshotCommand({
        SourceDBClusterSnapshotIdentifier: snapshotArn(source, 'cluster-snapshot'),
        TargetDBClusterSnapshotIdentifier: target,
        ...more,
      }),
    );
  aws.plant('open', { kind: 'cluster', engine: 'aurora-mysql' });
  aws.plant('sealed', {
    kind: 'cluster',
    kmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/k',
    resourceId: 'cluster-B',
  });
  const key = { KmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:key/c' };
  await expect(copy('open', 'copy', key)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await expect(copy('sealed', 'copy')).rejects.toThrow('Must specify new KMS key');
  expect((await copy('open', 'open')).DBClusterSnapshot).toMatchObject({ Status: 'copying', StorageEncrypted: false });
  expect((await copy('sealed', 'sealed', key)).DBClusterSnapshot).toMatchObject({
    ...{ StorageEncrypted: true, ...key },
    SourceDBClusterSnapshotArn: snapshotArn('sealed', 'cluster-snapshot'),
  });
  await aws.advance(10 * minuteMs);
  expect((await snapshots({}, elsewhere)).map((one) => one.Status)).toEqual(['available', 'available']);
});

test('a restored cluster has no members yet, and a key encrypts what was not encrypted', async () => {
  aws.plant('open', { kind: 'cluster', engine: 'aurora-postgresql' });
  const restore = (DBClusterIdentifier: string, more: object = {}) =>
    aws.rds().send(
      new RestoreDBClusterFromSnapshotCommand({
        ...{ DBClusterIdentifier, SnapshotIdentifier: 'open', Engine: 'aurora-postgresql', ...more },
      }),
    );
  expect((await restore('plain')).DBCluster).toMatchObject({ Status: 'creating', StorageEncrypted: false });
  const key = { KmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/k' };
  expect((await restore('sealed', key)).DBCluster).toMatchObject({ StorageEncrypted: true, ...key });
  await expect(restore('plain')).rejects.toMatchObject({ name: 'DBClusterAlreadyExistsFault' });
  await expect(restore('lost', { SnapshotIdentifier: 'none' })).rejects.toMatchObject({
    name: 'DBClusterSnapshotNotFoundFault',
  });
  await aws.advance(minuteMs);
  expect(await describe('plain')).toMatchObject({
    Status: 'available',
    DBClusterMembers: [],
    DeletionProtection: false,
  });
});

test('a stopped cluster takes no snapshot until it is started, and its tags change by ARN', async () => {
  await aws.aurora('aurora');
  const DBClusterIdentifier = 'aurora';
  await aws.rds().send(new StopDBClusterCommand({ DBClusterIdentifier }));
  await aws.advance(minuteMs);
  await expect(snapshot('one')).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  await aws.rds().send(new StartDBClusterCommand({ DBClusterIdentifier }));
  await aws.advance(minuteMs);
  expect((await snapshot('one')).Status).toBe('creating');
  const ResourceName = snapshotArn('one', 'cluster-snapshot');
  await aws.rds().send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'a', Value: '1' }] }));
  expect((await snapshots())[0]?.TagList).toEqual([{ Key: 'a', Value: '1' }]);
});
