import {
  CreateDBInstanceReadReplicaCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSubnetGroupsCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { elsewhere, minuteMs, Records, region } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

test('an instance has no endpoint and no creation time until it is available', async () => {
  const young = await aws.create('Alpha');
  expect(young).toMatchObject({ DBInstanceIdentifier: 'alpha', DBInstanceStatus: 'creating' });
  expect([young.Endpoint, young.InstanceCreateTime]).toEqual([undefined, undefined]);
  expect(young.DbiResourceId).toMatch(/^db-[A-Z2-7]{26}$/);
  await aws.advance(minuteMs);
  expect(await aws.describe('alpha')).toMatchObject({
    DBInstanceStatus: 'available',
    DBInstanceArn: 'arn:aws:rds:eu-west-1:111122223333:db:alpha',
    BackupRetentionPeriod: 1,
    Endpoint: { Address: 'alpha.c9example.eu-west-1.rds.amazonaws.com' },
  });
});

test('names are checked, taken names refused, in each region for itself', async () => {
  for (const bad of ['1st', 'a_b', 'a--b', 'ends-', 'x'.repeat(64)]) {
    await expect(aws.create(bad)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  await aws.createAvailable('alpha');
  await expect(aws.create('ALPHA')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await expect(aws.describe('alpha', elsewhere)).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  for (const bad of ['rds:x', 'a--b', 'x'.repeat(256)]) {
    await expect(aws.snapshot('alpha', bad)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }
  expect((await aws.snapshot('alpha', 'x'.repeat(255))).Status).toBe('creating');
});

test('a name that comes back has another identity', async () => {
  const first = await aws.createAvailable('alpha');
  await aws.rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'alpha', SkipFinalSnapshot: true }));
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('deleting');
  await aws.advance(minuteMs);
  await expect(aws.describe('alpha')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  expect((await aws.createAvailable('alpha')).DbiResourceId).not.toBe(first.DbiResourceId);
});

test('what the world does not model is refused by name, not ignored', async () => {
  await expect(aws.create('alpha', { CharacterSetName: 'UTF8' })).rejects.toThrow(
    'does not model the parameter CharacterSetName',
  );
  await expect(aws.rds().send(new DescribeDBSubnetGroupsCommand({}))).rejects.toMatchObject({
    name: 'InvalidAction',
  });
  await expect(aws.create('alpha', { Engine: 'postgre' })).rejects.toThrow('Invalid DB engine');
  await expect(aws.create('alpha', { VpcSecurityGroupIds: ['sg-none'] })).rejects.toThrow('sg-none');
});

test('a stopped instance takes no snapshot, a running one no start, and after seven days RDS starts it itself', async () => {
  await aws.createAvailable('alpha');
  const rds = aws.rds();
  const DBInstanceIdentifier = 'alpha';
  await expect(rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier }))).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier }));
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('stopping');
  await aws.advance(minuteMs);
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('stopped');
  await expect(aws.snapshot('alpha', 'one')).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  await expect(rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }))).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await aws.advance(7 * 24 * 60 * minuteMs + minuteMs);
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('available');
  expect(aws.events.map((event) => event.detail.EventID)).toEqual([
    'RDS-EVENT-0005',
    'RDS-EVENT-0087',
    'RDS-EVENT-0154',
    'RDS-EVENT-0088',
  ]);
});

test('a deletion asks for a final snapshot or a word against it, and protection holds', async () => {
  await aws.createAvailable('alpha', { DeletionProtection: true });
  const rds = aws.rds();
  const remove = (more: object) => rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'alpha', ...more }));
  await expect(remove({ SkipFinalSnapshot: true })).rejects.toThrow('Cannot delete protected DB Instance');
  await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'alpha', DeletionProtection: false }));
  await expect(remove({})).rejects.toThrow('FinalDBSnapshotIdentifier is required');
  aws.plant('nightly', { instanceId: 'alpha', type: 'automated' });
  aws.plant('mine', { instanceId: 'alpha' });
  await remove({ FinalDBSnapshotIdentifier: 'last' });
  await expect(remove({ SkipFinalSnapshot: true })).rejects.toThrow('already being deleted');
  await aws.advance(11 * minuteMs);
  const left = await aws.snapshots({});
  expect(left.map((one) => `${one.DBSnapshotIdentifier} ${one.Status}`)).toEqual(['last available', 'mine available']);
});

test('backups go on and off at once only with ApplyImmediately', async () => {
  await aws.createAvailable('alpha');
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
    aws.rds(elsewhere).send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'replica',
        SourceDBInstanceIdentifier: 'arn:aws:rds:eu-west-1:111122223333:db:alpha',
      }),
    ),
  ).rejects.toThrow('Automated backups are not enabled');
});

test('neither a replica nor its source can be stopped, a promotion ends that, and a deleted source leaves an orphan', async () => {
  await aws.createAvailable('alpha');
  const west = aws.rds();
  const central = aws.rds(elsewhere);
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
  expect((await aws.describe('alpha')).ReadReplicaDBInstanceIdentifiers).toEqual([
    'arn:aws:rds:eu-central-1:111122223333:db:two',
  ]);
  await west.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'alpha', SkipFinalSnapshot: true }));
  await aws.advance(5 * minuteMs);
  expect((await aws.describe('two', elsewhere)).StatusInfos).toMatchObject([{ Normal: false, Status: 'terminated' }]);
});

test('who makes a twin says its storage, its watching and its key again: only the class is inherited', async () => {
  const role = 'arn:aws:iam::111122223333:role/rds-monitoring';
  await aws.createAvailable('alpha', {
    ...{ DBInstanceClass: 'db.m8g.large', AllocatedStorage: 400, Iops: 12_000, StorageEncrypted: true },
    ...{ MonitoringInterval: 15, MonitoringRoleArn: role, DBSubnetGroupName: 'private', DBParameterGroupName: 'own' },
    ...{ EnablePerformanceInsights: true, EnableCloudwatchLogsExports: ['postgresql'], DeletionProtection: true },
  });
  const alpha = await aws.describe('alpha');
  expect(alpha).toMatchObject({
    ...{ Iops: 12_000, StorageThroughput: 500, MonitoringInterval: 15, MonitoringRoleArn: role },
    ...{ PerformanceInsightsEnabled: true, EnabledCloudwatchLogsExports: ['postgresql'] },
  });
  const replicate = async (more: object) => {
    const { DBInstance } = await aws.rds(elsewhere).send(
      new CreateDBInstanceReadReplicaCommand({
        ...{ DBInstanceIdentifier: 'twin', SourceDBInstanceIdentifier: alpha.DBInstanceArn, ...more },
      }),
    );
    return DBInstance;
  };
  const KmsKeyId = 'arn:aws:kms:eu-central-1:111122223333:key/there';
  await expect(replicate({})).rejects.toThrow('Cannot create a cross region unencrypted read replica');
  await expect(replicate({ KmsKeyId: alpha.KmsKeyId })).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });
  await expect(replicate({ KmsKeyId, MonitoringInterval: 15 })).rejects.toThrow('together');
  await expect(replicate({ KmsKeyId, AllocatedStorage: 20 })).rejects.toThrow('at least the storage');
  expect(await replicate({ KmsKeyId })).toMatchObject({
    ...{ DBInstanceClass: 'db.m8g.large', AllocatedStorage: 400, KmsKeyId, DeletionProtection: false },
    ...{ MonitoringInterval: 0, PerformanceInsightsEnabled: false, BackupRetentionPeriod: 0 },
    ...{ DBSubnetGroup: { DBSubnetGroupName: 'default' } },
    DBParameterGroups: [{ DBParameterGroupName: 'default.postgres18' }],
  });
});

test('the performance of a small gp3 volume is its own and cannot be asked for, though it is shown', async () => {
  await aws.createAvailable('alpha', { AllocatedStorage: 100 });
  const { Iops, StorageThroughput, StorageType } = await aws.describe('alpha');
  expect({ Iops, StorageThroughput, StorageType }).toEqual({ Iops: 3000, StorageThroughput: 125, StorageType: 'gp3' });
  await expect(aws.create('beta', { AllocatedStorage: 100, Iops })).rejects.toThrow('less than 400');
  await expect(aws.create('beta', { AllocatedStorage: 100, StorageType: 'io2' })).rejects.toThrow('requires iops');
});

test('instances are found by name, ARN and filter, in pages', async () => {
  for (let i = 0; i < 25; i += 1) await aws.create(`db-${String(i).padStart(2, '0')}`);
  await aws.advance(minuteMs);
  const rds = aws.rds();
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

test('a restored instance is what the request says, and never protected, public or Multi-AZ unless asked', async () => {
  aws.world.admin.securityGroup('sg-isolated', 'none');
  aws.world.admin.optionGroup(region, 'plain', []);
  await aws.createAvailable('alpha', { DeletionProtection: true, PubliclyAccessible: true, BackupRetentionPeriod: 7 });
  await aws.snapshot('alpha', 'one');
  await aws.advance(10 * minuteMs);
  const restore = async (DBInstanceIdentifier: string, more: object = {}) =>
    (
      await aws
        .rds()
        .send(
          new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier: 'one', ...more }),
        )
    ).DBInstance;
  expect(await restore('plain')).toMatchObject({
    ...{ DBInstanceClass: 'db.m6i.large', DeletionProtection: false, PubliclyAccessible: false, MultiAZ: false },
    ...{ BackupRetentionPeriod: 7, DBSubnetGroup: { DBSubnetGroupName: 'default' }, TagList: [] },
  });
  const asked = {
    ...{ DBInstanceClass: 'db.t4g.micro', PubliclyAccessible: true, MultiAZ: true, DeletionProtection: true },
    ...{ CopyTagsToSnapshot: true, AutoMinorVersionUpgrade: false, BackupRetentionPeriod: 0 },
  };
  const made = await restore('asked', {
    ...asked,
    ...{ DBSubnetGroupName: 'isolated', VpcSecurityGroupIds: ['sg-isolated'], OptionGroupName: 'plain' },
    ...{ DBParameterGroupName: 'tuned', EnableIAMDatabaseAuthentication: true, Tags: [{ Key: 'a', Value: 'b' }] },
  });
  expect(made).toMatchObject({
    ...asked,
    DBSubnetGroup: { DBSubnetGroupName: 'isolated' },
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-isolated' }],
    OptionGroupMemberships: [{ OptionGroupName: 'plain' }],
    DBParameterGroups: [{ DBParameterGroupName: 'tuned' }],
    IAMDatabaseAuthenticationEnabled: true,
    TagList: [{ Key: 'a', Value: 'b' }],
  });
  await expect(restore('lost', { OptionGroupName: 'none' })).rejects.toMatchObject({
    name: 'OptionGroupNotFoundFault',
  });
});

test('with backups on the latest restorable moment is five minutes ago, without them there is none', async () => {
  await aws.createAvailable('alpha');
  expect((await aws.describe('alpha')).LatestRestorableTime).toBeUndefined();
  await aws.advance(60 * minuteMs);
  expect((await aws.describe('alpha')).LatestRestorableTime?.getTime()).toBe(aws.clock.now() - 5 * minuteMs);
  const off = { DBInstanceIdentifier: 'alpha', BackupRetentionPeriod: 0, ApplyImmediately: true };
  await aws.rds().send(new ModifyDBInstanceCommand(off));
  expect((await aws.describe('alpha')).LatestRestorableTime).toBeUndefined();
});

test('a renamed instance is the same one, under another name only', async () => {
  const { DbiResourceId } = await aws.createAvailable('alpha');
  await aws.createAvailable('taken');
  const rename = (NewDBInstanceIdentifier: string) =>
    aws
      .rds()
      .send(
        new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'alpha', NewDBInstanceIdentifier, ApplyImmediately: true }),
      );
  await expect(rename('taken')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await rename('Beta');
  expect((await aws.describe('alpha')).DBInstanceStatus).toBe('renaming');
  await aws.advance(3 * minuteMs);
  await expect(aws.describe('alpha')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  expect(await aws.describe('beta')).toMatchObject({
    ...{ DbiResourceId, DBInstanceStatus: 'available' },
    DBInstanceArn: 'arn:aws:rds:eu-west-1:111122223333:db:beta',
  });
});

test('a snapshot is taken while storage is optimized, and in no other state but available', async () => {
  await aws.createAvailable('alpha');
  aws.world.admin.setStatus(region, 'alpha', 'storage-full');
  await expect(aws.snapshot('alpha', 'one')).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  aws.world.admin.setStatus(region, 'alpha', 'storage-optimization');
  expect((await aws.snapshot('alpha', 'one')).Status).toBe('creating');
});
