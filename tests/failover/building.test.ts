import { CreateDBInstanceReadReplicaCommand, PromoteReadReplicaCommand } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rdsBuilding } from '../../functions/failover/aws/building.ts';
import { rdsInstances } from '../../functions/failover/aws/instances.ts';
import { serve } from '../local-rds/aws-server.ts';
import { elsewhere, minuteMs, Records, region } from '../local-rds/records.ts';

// The replica that follows a new leader, asked for by the SDK of the local RDS: what a twin must say again is said.

let aws: Records;
let server: Awaited<ReturnType<typeof serve>>;
const keep = { ...process.env };

beforeEach(async () => {
  aws = new Records();
  server = await serve(aws.world.service);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: '111122223333',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
});
afterEach(async () => {
  process.env = { ...keep };
  await server.stop();
  await aws.stop();
});

const key = (where: string, id: string) => `arn:aws:kms:${where}:111122223333:key/${id}`;
const monitoring = { MonitoringInterval: 15, MonitoringRoleArn: 'arn:aws:iam::111122223333:role/rds-monitoring' };

/** `old` led here, its replica `new` was promoted elsewhere. */
const failedOver = async (more: object) => {
  const { DBInstanceArn } = await aws.createAvailable('old', { DeletionProtection: true, MultiAZ: true, ...more });
  const encrypted = 'StorageEncrypted' in more ? { KmsKeyId: key(elsewhere, 'there') } : {};
  await aws.rds(elsewhere).send(
    new CreateDBInstanceReadReplicaCommand({
      ...{ DBInstanceIdentifier: 'new', SourceDBInstanceIdentifier: DBInstanceArn, ...encrypted },
    }),
  );
  await aws.advance(5 * minuteMs);
  await aws
    .rds(elsewhere)
    .send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'new', BackupRetentionPeriod: 7 }));
  await aws.advance(5 * minuteMs);
};
const order = {
  target: { instance: 'old-e1', region },
  source: { instance: 'new', region: elsewhere },
  like: 'old',
  securityGroupIds: ['sg-open', 'sg-fenced'],
  tags: { 'mainstay:failover': 'ledger', 'mainstay:epoch': '1' },
};

test('the replica is the twin of the old primary, under the key of its own region, and follows the new leader', async () => {
  await failedOver({
    ...{ StorageEncrypted: true, DBInstanceClass: 'db.m8g.large', AllocatedStorage: 400, Iops: 12_000 },
    ...{ DBSubnetGroupName: 'private', DBParameterGroupName: 'own', EnablePerformanceInsights: true, ...monitoring },
    ...{ EnableCloudwatchLogsExports: ['postgresql'], EnableIAMDatabaseAuthentication: true },
  });
  const old = await aws.describe('old');
  await rdsBuilding().replica(order);
  await aws.advance(5 * minuteMs);
  const built = await aws.describe('old-e1');
  expect(built).toMatchObject({
    ...{ DBInstanceStatus: 'available', DBInstanceClass: 'db.m8g.large', AllocatedStorage: 400, Iops: 12_000 },
    ...{ MultiAZ: true, DeletionProtection: true, IAMDatabaseAuthenticationEnabled: true, ...monitoring },
    ...{ PerformanceInsightsEnabled: true, EnabledCloudwatchLogsExports: ['postgresql'] },
    KmsKeyId: old.KmsKeyId,
    DBSubnetGroup: { DBSubnetGroupName: 'private' },
    DBParameterGroups: [{ DBParameterGroupName: 'own' }],
    ReadReplicaSourceDBInstanceIdentifier: `arn:aws:rds:${elsewhere}:111122223333:db:new`,
  });
  expect(built.VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId)).toEqual([
    'sg-open',
    'sg-fenced',
  ]);
  expect(built.TagList).toEqual(expect.arrayContaining([{ Key: 'mainstay:failover', Value: 'ledger' }]));
  // Readiness looks for it there.
  expect(await rdsInstances(region).shape('old-e1')).toMatchObject({ pairTag: 'ledger', arn: built.DBInstanceArn });
});

test('a small volume says nothing of its performance, and a name that is taken is refused', async () => {
  await failedOver({ AllocatedStorage: 100 });
  await rdsBuilding().replica(order);
  expect(await aws.describe('old-e1')).toMatchObject({ AllocatedStorage: 100, StorageType: 'gp3' });
  await expect(rdsBuilding().replica(order)).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await expect(rdsBuilding().replica({ ...order, source: { ...order.source, instance: 'nobody' } })).rejects.toThrow();
});

test("its tags are the old one's, so that it is snapshotted when it leads; a mark of that very instance stays behind", async () => {
  const tag = (Key: string, Value = 'true') => ({ Key, Value });
  const many = Array.from({ length: 43 }, (_, index) => tag(`cost-${index}`));
  const others = [tag('team', 'payments'), tag('mainstay:snapshots'), tag('mainstay:snapshots:policy', 'hourly=48')];
  const marks = [
    tag('mainstay:lease', 'kept'),
    tag('mainstay:throw-away', 'mainstay-local'),
    tag('mainstay:epoch', '0'),
  ];
  await failedOver({ AllocatedStorage: 100, Tags: [...others, ...marks, ...many] });
  await rdsBuilding().replica(order);
  const { TagList = [] } = await aws.describe('old-e1');
  const wanted = [tag('mainstay:failover', 'ledger'), tag('mainstay:epoch', '1'), ...others, ...many];
  expect(TagList).toHaveLength(wanted.length);
  expect(TagList).toEqual(expect.arrayContaining(wanted));
});
