import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { auroraBuilding } from '../../functions/failover/aws/aurora-building.ts';
import { auroraDatabases, auroraInstances } from '../../functions/failover/aws/aurora-clusters.ts';
import { auroraDoor } from '../../functions/failover/aws/aurora-door.ts';
import { auroraOldPrimary } from '../../functions/failover/aws/aurora-old-primary.ts';
import { auroraPromotion } from '../../functions/failover/aws/aurora-promotion.ts';
import { auroraShapes } from '../../functions/failover/aws/aurora-shapes.ts';
import { auroraStorage } from '../../functions/failover/aws/aurora-storage.ts';
import type { InstanceView } from '../../functions/failover/core/evidence.ts';
import { serve } from '../local-rds/aws-server.ts';
import { elsewhere, minuteMs, Records, region } from '../local-rds/records.ts';

// The wing's ports for Aurora clusters, by the SDK against the local RDS: what a pair of clusters is in the words of a pair.

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

const arn = (id: string, where = region) => `arn:aws:rds:${where}:111122223333:cluster:${id}`;
const member = async (id: string, clusterId: string, where: string, Engine: string) => {
  await aws.rds(where).send(
    new CreateDBInstanceCommand({
      ...{ DBInstanceIdentifier: id, DBClusterIdentifier: clusterId, DBInstanceClass: 'db.r8g.large', Engine },
    }),
  );
  await aws.advance(minuteMs);
};
const follower = async (Engine: string, more: object, headless = false) => {
  await aws.rds(elsewhere).send(new CreateDBClusterCommand({ DBClusterIdentifier: 'new', Engine, ...more }));
  await aws.advance(minuteMs);
  if (!headless) await member('new-1', 'new', elsewhere, Engine);
};
const primary = async (Engine: string) => {
  await aws.aurora('old', { Engine, EngineVersion: '16.6' });
  await member('old-1', 'old', region, Engine);
};
const global = async (headless = false) => {
  await primary('aurora-postgresql');
  const input = { GlobalClusterIdentifier: 'ledger', SourceDBClusterIdentifier: arn('old') };
  await aws.rds().send(new CreateGlobalClusterCommand(input));
  await follower('aurora-postgresql', { GlobalClusterIdentifier: 'ledger' }, headless);
};
const replicated = async () => {
  await primary('aurora-mysql');
  await follower('aurora-mysql', { ReplicationSourceIdentifier: arn('old') });
};
const see = async (kind: 'aurora-replica' | 'aurora-global') => {
  const { describe: ask } = auroraDatabases(kind);
  return { old: (await ask(region, 'old'))!, new: (await ask(elsewhere, 'new'))! };
};
const said = ({ status, source, unfit }: InstanceView) => ({ status, source, unfit });
const fit = { status: 'available', unfit: undefined };

describe('a global database', () => {
  test("its secondary follows its primary, and is asked at its readers' endpoint until it leads", async () => {
    await global();
    const { old, new: second } = await see('aurora-global');
    expect([said(old), said(second)]).toEqual([
      { ...fit, source: undefined },
      { ...fit, source: arn('old') },
    ]);
    expect([old.endpoint?.host, second.endpoint?.host]).toEqual([
      expect.stringContaining('.cluster-c9'),
      expect.stringContaining('.cluster-ro-'),
    ]);
    expect(await auroraDatabases('aurora-global').describe(region, 'nobody')).toBeUndefined();
    // Listed they are what they are one by one: for the guard's minute, which knows no names.
    expect(await auroraInstances('aurora-global', region).all()).toEqual([old]);
    expect(await auroraInstances('aurora-global', elsewhere).all()).toEqual([second]);
  });

  test('what a twin should equal is told of a cluster and its members, with the global database', async () => {
    await global();
    const [leads, follows] = await Promise.all([
      auroraShapes('aurora-global')(region).shape('old'),
      auroraShapes('aurora-global')(elsewhere).shape('new'),
    ]);
    expect(leads).toMatchObject({ instance: 'old', arn: arn('old'), instanceClass: 'db.r8g.large', storageGb: 0 });
    expect(follows).toMatchObject({
      ...{ instance: 'new', source: arn('old'), instanceClass: 'db.r8g.large', isMultiAz: false },
      cluster: { seen: { cluster: 'new', members: [{ instance: 'new-1' }] }, global: { id: 'ledger' } },
    });
    expect(await auroraShapes('aurora-global')(region).shape('nobody')).toBeUndefined();
    expect((await auroraShapes('aurora-replica')(region).shape('old'))?.cluster?.global).toBeUndefined();
  });

  test('failed over: `failing-over` on both meanwhile, the storage block told, the old one waits for its volume and then follows', async () => {
    await global();
    const { promote } = auroraPromotion('aurora-global');
    const askedAtMs = aws.clock.now();
    await promote(elsewhere, 'new', { retentionDays: 7 });
    await aws.advance(500);
    const during = await see('aurora-global');
    expect([during.old.status, said(during.new)]).toEqual([
      'failing-over',
      { status: 'failing-over', source: arn('old'), unfit: undefined },
    ]);
    // RDS refuses a second change.
    await expect(promote(elsewhere, 'new', { retentionDays: 7 })).rejects.toThrow('already');
    await aws.advance(2_000);
    const after = await see('aurora-global');
    expect([said(after.old), said(after.new)]).toMatchObject([
      { status: 'pending-resync', source: undefined },
      { ...fit, source: undefined },
    ]);
    expect(after.new.endpoint?.host).toContain('.cluster-c9');
    const { block } = auroraStorage();
    const of = { instance: 'old', region };
    expect([await block(region, of, askedAtMs), await block(elsewhere, of, askedAtMs)]).toEqual([
      'blocked',
      'not-told',
    ]);
    await aws.advance(30 * minuteMs);
    expect(said((await see('aurora-global')).old)).toEqual({ ...fit, source: arn('new', elsewhere) });
    expect(await block(region, of, aws.clock.now())).toBe('not-told');
  });

  test("the region of the old primary is out of reach: the block timed out, and the new one's region says so", async () => {
    await global();
    const askedAtMs = aws.clock.now();
    aws.world.admin.outage(region, true);
    await auroraPromotion('aurora-global').promote(elsewhere, 'new', { retentionDays: 7 });
    await aws.advance(minuteMs);
    expect(await auroraStorage().block(elsewhere, { instance: 'old', region }, askedAtMs)).toBe('timed-out');
  });

  test('switched over: what was planned keeps the old one as a follower at once', async () => {
    await global();
    await auroraPromotion('aurora-global').promote(elsewhere, 'new', { retentionDays: 7, planned: true });
    await aws.advance(minuteMs);
    const { old, new: second } = await see('aurora-global');
    expect([said(old), said(second)]).toEqual([
      { ...fit, source: arn('new', elsewhere) },
      { ...fit, source: undefined },
    ]);
    expect(aws.events.map(({ detail }) => detail.EventID)).toContain('RDS-EVENT-0185');
  });

  test('a headless secondary and one of another version are named, with what would make them possible; RDS refuses them too', async () => {
    await global(true);
    const headless = (await see('aurora-global')).new;
    expect(said(headless)).toMatchObject({
      status: 'no-instances',
      unfit:
        'new is headless: it has no DB instance. Add one: aws rds create-db-instance --db-cluster-identifier new …',
    });
    const { promote } = auroraPromotion('aurora-global');
    await expect(promote(elsewhere, 'new', { retentionDays: 7 })).rejects.toThrow('no DB instance');
    await member('new-1', 'new', elsewhere, 'aurora-postgresql');
    aws.world.admin.setClusterVersion(region, 'old', '16.8');
    expect((await see('aurora-global')).new.unfit).toBe(
      'new runs engine version 16.6, its global database ledger 16.8: upgrade the one that is behind',
    );
    await expect(promote(elsewhere, 'new', { retentionDays: 7 })).rejects.toThrow('16.8');
  });

  test('its door is shut and opened by the groups of the cluster, and its lease noted on it', async () => {
    await global();
    const door = auroraDoor('aurora-global', region);
    await door.setSecurityGroups('old', ['sg-fenced']);
    await aws.advance(minuteMs);
    expect((await see('aurora-global')).old.securityGroups).toEqual([{ id: 'sg-fenced', active: true }]);
    await door.setSecurityGroups('old', ['sg-open']);
    await aws.advance(minuteMs);
    expect((await see('aurora-global')).old.securityGroups).toEqual([{ id: 'sg-open', active: true }]);
    expect(await door.leased()).toEqual([]);
    await door.markLeased('old');
    expect((await door.leased()).map(({ instance, isLeased }) => [instance, isLeased])).toEqual([['old', true]]);
  });
});

describe('a replica cluster of Aurora MySQL', () => {
  test('is promoted, and the old primary is saved once and stopped', async () => {
    await replicated();
    expect(said((await see('aurora-replica')).new)).toEqual({ ...fit, source: arn('old') });
    const { snapshot, stop, describe: ask } = auroraOldPrimary('aurora-replica');
    await expect(stop(region, 'old')).rejects.toThrow("can't be stopped");
    await auroraPromotion('aurora-replica').promote(elsewhere, 'new', { retentionDays: 7 });
    await aws.advance(10 * minuteMs);
    expect(said((await see('aurora-replica')).new)).toEqual({ ...fit, source: undefined });
    const view = (await ask(region, 'old'))!;
    await snapshot(region, view, 'salvage-ledger-epoch-1', { 'mainstay:failover': 'ledger' });
    await aws.advance(20 * minuteMs);
    await snapshot(region, view, 'salvage-ledger-epoch-1', {});
    await expect(
      snapshot(region, { ...view, resourceId: 'cluster-X' }, 'salvage-ledger-epoch-1', {}),
    ).rejects.toThrow();
    const { DBClusterSnapshots } = await aws.rds().send(new DescribeDBClusterSnapshotsCommand({}));
    expect(DBClusterSnapshots).toHaveLength(1);
    await stop(region, 'old');
    await aws.advance(10 * minuteMs);
    expect((await ask(region, 'old'))?.status).toBe('stopped');
  });

  test('another one is built like the old primary, with a DB instance; half an order is completed by the next', async () => {
    await replicated();
    await auroraPromotion('aurora-replica').promote(elsewhere, 'new', { retentionDays: 7 });
    await aws.advance(10 * minuteMs);
    const order = {
      ...{ target: { instance: 'old-e1', region }, source: { instance: 'new', region: elsewhere }, like: 'old' },
      ...{ securityGroupIds: ['sg-fenced'], tags: { 'mainstay:failover': 'ledger' } },
    };
    aws.world.admin.faults(1, { actions: { CreateDBInstance: { errorBefore: 1 } } });
    await expect(auroraBuilding().replica(order)).rejects.toThrow();
    aws.world.admin.faults(1, undefined);
    await aws.advance(minuteMs);
    const { describe: ask } = auroraDatabases('aurora-replica');
    expect(said((await ask(region, 'old-e1'))!)).toMatchObject({
      status: 'no-instances',
      source: arn('new', elsewhere),
    });
    await auroraBuilding().replica(order);
    await auroraBuilding().replica(order);
    await aws.advance(minuteMs);
    const built = (await ask(region, 'old-e1'))!;
    expect([said(built), built.securityGroups]).toEqual([
      { ...fit, source: arn('new', elsewhere) },
      [{ id: 'sg-fenced', active: true }],
    ]);
    expect(await aws.describe('old-e1-1')).toMatchObject({ DBInstanceClass: 'db.r8g.large' });
  });

  test('what is built is watched, logged and tagged as the old primary was; a mark of that very one stays behind', async () => {
    const tag = (Key: string, Value = 'true') => ({ Key, Value });
    const [team, policy] = [tag('team', 'payments'), tag('mainstay:snapshots', 'hourly=48')];
    const exported = ['audit', 'slowquery'];
    await aws.aurora('old', {
      ...{ Engine: 'aurora-mysql', EngineVersion: '16.6', EnableCloudwatchLogsExports: exported },
      Tags: [team, policy, tag('mainstay:lease', 'kept')],
    });
    await aws.rds().send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier: 'old-1', DBClusterIdentifier: 'old', Engine: 'aurora-mysql' },
        ...{ DBInstanceClass: 'db.r8g.xlarge', MonitoringInterval: 15, EnablePerformanceInsights: true, Tags: [team] },
        ...{ MonitoringRoleArn: 'arn:aws:iam::111122223333:role/watches', PerformanceInsightsRetentionPeriod: 31 },
      }),
    );
    await aws.advance(minuteMs);
    await follower('aurora-mysql', { ReplicationSourceIdentifier: arn('old') });
    await auroraPromotion('aurora-replica').promote(elsewhere, 'new', { retentionDays: 7 });
    await aws.advance(10 * minuteMs);
    await auroraBuilding().replica({
      ...{ target: { instance: 'old-e1', region }, source: { instance: 'new', region: elsewhere }, like: 'old' },
      ...{ securityGroupIds: ['sg-fenced'], tags: { 'mainstay:failover': 'ledger' } },
    });
    await aws.advance(minuteMs);
    const { DBClusters } = await aws.rds().send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'old-e1' }));
    expect(DBClusters?.[0]?.EnabledCloudwatchLogsExports).toEqual(exported);
    expect(DBClusters?.[0]?.TagList).toEqual([tag('mainstay:failover', 'ledger'), team, policy]);
    expect(await aws.describe('old-e1-1')).toMatchObject({
      ...{ DBInstanceClass: 'db.r8g.xlarge', MonitoringInterval: 15, PerformanceInsightsEnabled: true },
      ...{ MonitoringRoleArn: 'arn:aws:iam::111122223333:role/watches', PerformanceInsightsRetentionPeriod: 31 },
      TagList: [tag('mainstay:failover', 'ledger'), team],
    });
  });

  test('Aurora PostgreSQL has no replica cluster across regions: refused by name, with what there is', async () => {
    await primary('aurora-postgresql');
    expect((await auroraDatabases('aurora-replica').describe(region, 'old'))?.unfit).toBe(
      'old is of engine aurora-postgresql, and a pair of kind aurora-replica is of aurora-mysql: make it a global database',
    );
  });

  test('a lost host in front of a running reader is healed by Aurora; no engine runs only where no member does', async () => {
    await replicated();
    await member('old-2', 'old', region, 'aurora-mysql');
    aws.world.admin.setStatus(region, 'old-1', 'failed');
    expect((await see('aurora-replica')).old.status).toBe('failover');
    aws.world.admin.setStatus(region, 'old-2', 'failed');
    expect((await see('aurora-replica')).old.status).toBe('failed');
    // The door of such a cluster is shut, or RDS refuses: not documented (docs/verify-on-aws.md).
    await aws
      .rds()
      .send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'old', VpcSecurityGroupIds: ['sg-fenced'] }));
  });
});
