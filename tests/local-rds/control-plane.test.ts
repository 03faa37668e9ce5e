import {
  AddTagsToResourceCommand,
  CopyDBSnapshotCommand,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  type DescribeDBSnapshotsCommandInput,
  DescribeEventsCommand,
  type DescribeEventsCommandInput,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  paginateDescribeDBSnapshots,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Harness, master, openHarness } from './harness.ts';

// Rules of the API alone. Oracle instances are records without a server; time passes only when the test says so.
const minuteMs = 60_000;
const region = 'eu-west-1';
let aws: Harness;

beforeEach(async () => {
  const slow = {
    createMs: minuteMs,
    snapshotMs: 10 * minuteMs,
    copyMs: 10 * minuteMs,
    deleteMs: minuteMs,
    modifyMs: minuteMs,
  };
  aws = await openHarness({ ...slow, stopMs: minuteMs, startMs: minuteMs, rebootMs: minuteMs, restoreMs: minuteMs });
});

afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

const create = async (id: string, more: Partial<CreateDBInstanceCommandInput> = {}) => {
  const input = {
    DBInstanceIdentifier: id,
    DBInstanceClass: 'db.m6i.large',
    Engine: 'oracle-se2',
    AllocatedStorage: 20,
    ...master,
  };
  const { DBInstance } = await aws.rds(region).send(new CreateDBInstanceCommand({ ...input, ...more }));
  return DBInstance!;
};

const createAvailable = async (id: string, more: Partial<CreateDBInstanceCommandInput> = {}) => {
  await create(id, more);
  await aws.advance(minuteMs);
  return aws.describe(region, id);
};

const snapshot = async (instance: string, id: string) => {
  const { DBSnapshot } = await aws
    .rds(region)
    .send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: instance, DBSnapshotIdentifier: id }));
  return DBSnapshot!;
};

const describeSnapshots = async (input: DescribeDBSnapshotsCommandInput) => {
  const { DBSnapshots = [] } = await aws.rds(region).send(new DescribeDBSnapshotsCommand(input));
  return DBSnapshots;
};

const plant = (id: string, more: object = {}) =>
  aws.world.admin.plantSnapshot(region, { id, instanceId: 'gone', createdAt: aws.clock.now(), ...more });

test('an instance has no endpoint and no creation time until it is available', async () => {
  const young = await create('Alpha');
  expect(young).toMatchObject({ DBInstanceIdentifier: 'alpha', DBInstanceStatus: 'creating' });
  expect([young.Endpoint, young.InstanceCreateTime]).toEqual([undefined, undefined]);
  expect(young.DbiResourceId).toMatch(/^db-[A-Z2-7]{26}$/);
  await aws.advance(minuteMs);
  expect(await aws.describe(region, 'alpha')).toMatchObject({
    DBInstanceStatus: 'available',
    DBInstanceArn: 'arn:aws:rds:eu-west-1:111122223333:db:alpha',
    BackupRetentionPeriod: 1,
    Endpoint: { Address: 'alpha.c9example.eu-west-1.rds.amazonaws.com' },
  });
});

test('names are checked, taken names refused, in each region for itself', async () => {
  for (const bad of ['1st', 'a_b', 'a--b', 'ends-', 'x'.repeat(64)]) {
    await expect(create(bad)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  await createAvailable('alpha');
  await expect(create('ALPHA')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await expect(aws.describe('eu-central-1', 'alpha')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  for (const bad of ['rds:x', 'a--b', 'x'.repeat(256)]) {
    await expect(snapshot('alpha', bad)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  expect((await snapshot('alpha', 'x'.repeat(255))).Status).toBe('creating');
});

test('a name that comes back has another identity', async () => {
  const first = await createAvailable('alpha');
  await aws.rds(region).send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'alpha', SkipFinalSnapshot: true }));
  expect((await aws.describe(region, 'alpha')).DBInstanceStatus).toBe('deleting');
  await aws.advance(minuteMs);
  await expect(aws.describe(region, 'alpha')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  expect((await createAvailable('alpha')).DbiResourceId).not.toBe(first.DbiResourceId);
});

test('what the world does not model is refused by name, not ignored', async () => {
  await expect(create('alpha', { CharacterSetName: 'UTF8' })).rejects.toThrow(
    'does not model the parameter CharacterSetName',
  );
  await expect(aws.rds(region).send(new DescribeDBParameterGroupsCommand({}))).rejects.toMatchObject({
    name: 'InvalidAction',
  });
  await expect(create('alpha', { Engine: 'postgre' })).rejects.toThrow('Invalid DB engine');
  await expect(create('alpha', { VpcSecurityGroupIds: ['sg-none'] })).rejects.toThrow('sg-none');
});

test('a snapshot grows, has no creation time before it is done, and holds its instance up', async () => {
  await createAvailable('alpha', { CopyTagsToSnapshot: true, Tags: [{ Key: 'team', Value: 'a' }] });
  const young = await snapshot('alpha', 'one');
  expect(young).toMatchObject({ Status: 'creating', PercentProgress: 0, TagList: [{ Key: 'team', Value: 'a' }] });
  expect(young.SnapshotCreateTime).toBeUndefined();
  expect((await aws.describe(region, 'alpha')).DBInstanceStatus).toBe('backing-up');
  await expect(snapshot('alpha', 'two')).rejects.toThrow('is not currently in the available state');
  await expect(
    aws.rds(region).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'one' })),
  ).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
  await aws.advance(5 * minuteMs);
  const [half] = await describeSnapshots({ DBSnapshotIdentifier: 'one' });
  expect(half?.PercentProgress).toBeGreaterThanOrEqual(50);
  expect(half?.PercentProgress).toBeLessThan(60);
  await aws.advance(5 * minuteMs);
  const [done] = await describeSnapshots({ DBSnapshotIdentifier: 'one' });
  expect(done).toMatchObject({ Status: 'available', PercentProgress: 100, SnapshotType: 'manual' });
  expect(done?.SnapshotCreateTime).toEqual(done?.OriginalSnapshotCreateTime);
  expect((await aws.describe(region, 'alpha')).DBInstanceStatus).toBe('available');
  await expect(snapshot('alpha', 'One')).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
});

test('the manual quota counts manual snapshots only, and the attributes say how full it is', async () => {
  await createAvailable('alpha');
  aws.world.admin.setQuota(region, { manualSnapshots: 2 });
  plant('m-1');
  plant('a-1', { type: 'automated' });
  await snapshot('alpha', 'm-2');
  await aws.advance(10 * minuteMs);
  await expect(snapshot('alpha', 'm-3')).rejects.toMatchObject({
    name: 'SnapshotQuotaExceededFault',
    message: 'Cannot create more than 2 manual snapshots',
  });
  const { AccountQuotas } = await aws.rds(region).send(new DescribeAccountAttributesCommand({}));
  expect(AccountQuotas).toContainEqual({ AccountQuotaName: 'ManualSnapshots', Used: 2, Max: 2 });
});

test('snapshots are listed in pages of 20 to 100, and what is deleted meanwhile hides no other', async () => {
  for (let i = 0; i < 130; i += 1) plant(`s-${String(i).padStart(3, '0')}`);
  const seen: string[] = [];
  for await (const page of paginateDescribeDBSnapshots({ client: aws.rds(region), pageSize: 20 }, {})) {
    expect(page.DBSnapshots?.length).toBeLessThanOrEqual(20);
    seen.push(...(page.DBSnapshots ?? []).map((one) => one.DBSnapshotIdentifier!));
    await aws.rds(region).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: seen.at(-1)! }));
  }
  expect(seen).toHaveLength(130);
  expect(new Set(seen).size).toBe(130);
  for (const MaxRecords of [19, 101]) {
    await expect(describeSnapshots({ MaxRecords })).rejects.toThrow('Must be between 20 and 100');
  }
  await expect(describeSnapshots({ Marker: 'made up' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('snapshots are found by type, instance, resource id and filter; an automated one by name only with its type', async () => {
  const { DbiResourceId } = await createAvailable('alpha');
  plant('mine', { instanceId: 'alpha' });
  plant('old', { instanceId: 'alpha', resourceId: 'db-GONE', engine: 'mysql' });
  plant('nightly', { instanceId: 'alpha', type: 'automated' });
  const names = async (input: Parameters<typeof describeSnapshots>[0]) =>
    (await describeSnapshots(input)).map((one) => one.DBSnapshotIdentifier);
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
    aws.rds(region).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'rds:nightly' })),
  ).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
});

test('tags are added, replaced, listed and removed by ARN, within the rules', async () => {
  const { DBInstanceArn: ResourceName } = await createAvailable('alpha', { Tags: [{ Key: 'a', Value: '1' }] });
  const rds = aws.rds(region);
  const add = (Key: string, Value = '') =>
    rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key, Value }] }));
  await add('a', '2');
  await add('b');
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['b', 'none'] }));
  const { TagList } = await rds.send(new ListTagsForResourceCommand({ ResourceName }));
  expect(TagList).toEqual([{ Key: 'a', Value: '2' }]);
  for (const bad of ['aws:x', 'rds:x', 'x'.repeat(129), 'semi;colon']) {
    await expect(add(bad)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  for (let i = 0; i < 49; i += 1) await add(`t${i}`);
  await expect(add('one-more')).rejects.toThrow('maximum of 50');
});

test('a stopped instance takes no snapshot, a running one no start, and after seven days RDS starts it itself', async () => {
  await createAvailable('alpha');
  const rds = aws.rds(region);
  const DBInstanceIdentifier = 'alpha';
  await expect(rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier }))).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier }));
  expect((await aws.describe(region, 'alpha')).DBInstanceStatus).toBe('stopping');
  await aws.advance(minuteMs);
  expect((await aws.describe(region, 'alpha')).DBInstanceStatus).toBe('stopped');
  await expect(snapshot('alpha', 'one')).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  await expect(rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }))).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await aws.advance(7 * 24 * 60 * minuteMs + minuteMs);
  expect((await aws.describe(region, 'alpha')).DBInstanceStatus).toBe('available');
  expect(aws.events.map((event) => event.detail.EventID)).toEqual([
    'RDS-EVENT-0005',
    'RDS-EVENT-0087',
    'RDS-EVENT-0154',
    'RDS-EVENT-0088',
  ]);
});

test('an event is an EventBridge envelope, and DescribeEvents shows it for an hour unless asked for more', async () => {
  await createAvailable('alpha');
  await snapshot('alpha', 'one');
  await aws.advance(10 * minuteMs);
  expect(aws.events.at(-1)).toMatchObject({
    'detail-type': 'RDS DB Snapshot Event',
    source: 'aws.rds',
    account: '111122223333',
    region: 'eu-west-1',
    resources: ['arn:aws:rds:eu-west-1:111122223333:snapshot:one'],
    detail: {
      EventCategories: ['creation'],
      SourceType: 'SNAPSHOT',
      SourceArn: 'arn:aws:rds:eu-west-1:111122223333:snapshot:one',
      EventID: 'RDS-EVENT-0042',
      Message: 'Manual snapshot created',
    },
  });
  const rds = aws.rds(region);
  const messages = async (input: DescribeEventsCommandInput) =>
    ((await rds.send(new DescribeEventsCommand(input))).Events ?? []).map((event) => event.Message);
  expect(await messages({})).toEqual(['DB instance created', 'Creating manual snapshot', 'Manual snapshot created']);
  expect(await messages({ SourceType: 'db-snapshot', SourceIdentifier: 'one', Duration: 5 })).toEqual([
    'Manual snapshot created',
  ]);
  await aws.advance(61 * minuteMs);
  expect(await messages({})).toEqual([]);
  expect(await messages({ Duration: 120 })).toHaveLength(3);
  await expect(messages({ SourceIdentifier: 'one' })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
});

test('a deletion asks for a final snapshot or a word against it, and protection holds', async () => {
  await createAvailable('alpha', { DeletionProtection: true });
  const rds = aws.rds(region);
  const remove = (more: object) => rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'alpha', ...more }));
  await expect(remove({ SkipFinalSnapshot: true })).rejects.toThrow('Cannot delete protected DB Instance');
  await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'alpha', DeletionProtection: false }));
  await expect(remove({})).rejects.toThrow('FinalDBSnapshotIdentifier is required');
  plant('nightly', { instanceId: 'alpha', type: 'automated' });
  plant('mine', { instanceId: 'alpha' });
  await remove({ FinalDBSnapshotIdentifier: 'last' });
  await expect(remove({ SkipFinalSnapshot: true })).rejects.toThrow('already being deleted');
  await aws.advance(11 * minuteMs);
  const left = await describeSnapshots({});
  expect(left.map((one) => `${one.DBSnapshotIdentifier} ${one.Status}`)).toEqual(['last available', 'mine available']);
});

test('backups go on and off at once only with ApplyImmediately', async () => {
  await createAvailable('alpha');
  const modify = async (more: object) => {
    const { DBInstance } = await aws
      .rds(region)
      .send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'alpha', ...more }));
    return [DBInstance?.BackupRetentionPeriod, DBInstance?.PendingModifiedValues?.BackupRetentionPeriod];
  };
  expect(await modify({ BackupRetentionPeriod: 7 })).toEqual([7, undefined]);
  expect(await modify({ BackupRetentionPeriod: 0 })).toEqual([7, 0]);
  expect(await modify({ BackupRetentionPeriod: 0, ApplyImmediately: true })).toEqual([0, undefined]);
  await expect(
    aws.rds('eu-central-1').send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'replica',
        SourceDBInstanceIdentifier: 'arn:aws:rds:eu-west-1:111122223333:db:alpha',
      }),
    ),
  ).rejects.toThrow('Automated backups are not enabled');
});

test('neither a replica nor its source can be stopped, a promotion ends that, and a deleted source leaves an orphan', async () => {
  await createAvailable('alpha');
  const west = aws.rds(region);
  const central = aws.rds('eu-central-1');
  const source = 'arn:aws:rds:eu-west-1:111122223333:db:alpha';
  const replicate = (DBInstanceIdentifier: string) =>
    central.send(new CreateDBInstanceReadReplicaCommand({ DBInstanceIdentifier, SourceDBInstanceIdentifier: source }));
  await replicate('one');
  await replicate('two');
  await expect(central.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'one' }))).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await aws.advance(minuteMs);
  await expect(west.send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'alpha' }))).rejects.toThrow(
    'has read replicas',
  );
  await expect(central.send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'one' }))).rejects.toThrow(
    'is a read replica',
  );
  await central.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'one', BackupRetentionPeriod: 0 }));
  await aws.advance(5 * minuteMs);
  expect((await aws.describe(region, 'alpha')).ReadReplicaDBInstanceIdentifiers).toEqual([
    'arn:aws:rds:eu-central-1:111122223333:db:two',
  ]);
  await west.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'alpha', SkipFinalSnapshot: true }));
  await aws.advance(5 * minuteMs);
  expect((await aws.describe('eu-central-1', 'two')).StatusInfos).toMatchObject([
    { Normal: false, Status: 'terminated' },
  ]);
});

test('a copy into another region keeps the original time, needs a key if encrypted, and its source must stay', async () => {
  await createAvailable('alpha', { StorageEncrypted: true });
  await snapshot('alpha', 'one');
  await aws.advance(10 * minuteMs);
  const central = aws.rds('eu-central-1');
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
  const [original] = await describeSnapshots({ DBSnapshotIdentifier: 'one' });
  expect(DBSnapshots[0]).toMatchObject({
    Status: 'available',
    SourceRegion: 'eu-west-1',
    KmsKeyId: 'arn:aws:kms:eu-central-1:111122223333:alias/recovery',
    OriginalSnapshotCreateTime: original?.OriginalSnapshotCreateTime,
  });
  expect(DBSnapshots[0]?.SnapshotCreateTime?.getTime()).toBeGreaterThan(original!.SnapshotCreateTime!.getTime());
  await copy({ KmsKeyId: 'alias/recovery', TargetDBSnapshotIdentifier: 'copy-3' });
  await aws.rds(region).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'one' }));
  await aws.advance(10 * minuteMs);
  const { DBSnapshots: orphan } = await central.send(
    new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'copy-3' }),
  );
  expect(orphan?.[0]?.Status).toBe('failed');
});

test('at most twenty copies are in progress in a region', async () => {
  plant('one', { engine: 'mysql' });
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

test('a restore takes a free name and an available snapshot, and one without data can not be restored', async () => {
  await createAvailable('alpha');
  await snapshot('alpha', 'one');
  const restore = (DBInstanceIdentifier: string, DBSnapshotIdentifier: string) =>
    aws.rds(region).send(new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier }));
  await expect(restore('beta', 'one')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
  await aws.advance(10 * minuteMs);
  await expect(restore('alpha', 'one')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await expect(restore('beta', 'none')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
  expect((await restore('beta', 'one')).DBInstance?.DBInstanceStatus).toBe('creating');
  plant('hollow');
  expect((await restore('gamma', 'hollow')).DBInstance?.DBInstanceStatus).toBe('incompatible-restore');
});

test('there are no clusters, and asking for one says so in its own code', async () => {
  const rds = aws.rds(region);
  expect((await rds.send(new DescribeDBClustersCommand({}))).DBClusters).toEqual([]);
  expect((await rds.send(new DescribeDBClusterSnapshotsCommand({}))).DBClusterSnapshots).toEqual([]);
  await expect(rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'x' }))).rejects.toMatchObject({
    name: 'DBClusterNotFoundFault',
  });
});

test('instances are found by name, ARN and filter, in pages', async () => {
  for (let i = 0; i < 25; i += 1) await create(`db-${String(i).padStart(2, '0')}`);
  await aws.advance(minuteMs);
  const rds = aws.rds(region);
  const page = await rds.send(new DescribeDBInstancesCommand({ MaxRecords: 20 }));
  expect(page.DBInstances).toHaveLength(20);
  const rest = await rds.send(new DescribeDBInstancesCommand({ MaxRecords: 20, Marker: page.Marker }));
  expect(rest.DBInstances?.map((one) => one.DBInstanceIdentifier)).toEqual([
    'db-20',
    'db-21',
    'db-22',
    'db-23',
    'db-24',
  ]);
  expect(rest.Marker).toBeUndefined();
  const byArn = await rds.send(
    new DescribeDBInstancesCommand({
      Filters: [{ Name: 'db-instance-id', Values: ['arn:aws:rds:eu-west-1:111122223333:db:db-07'] }],
    }),
  );
  expect(byArn.DBInstances?.map((one) => one.DBInstanceIdentifier)).toEqual(['db-07']);
});
