import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateGlobalClusterCommand,
  DeleteDBClusterCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
  ModifyDBClusterCommand,
  PromoteReadReplicaDBClusterCommand,
  RemoveFromGlobalClusterCommand,
  StopDBClusterCommand,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { elsewhere, master, minuteMs, Records, region } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records({
    durations: { globalNoticeMs: 1_000, globalBlockMs: 1_000, globalSyncMs: 1_000, globalPromoteMs: 10_000 },
  });
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

const arn = (id: string, where = region) => `arn:aws:rds:${where}:111122223333:cluster:${id}`;
const target = { GlobalClusterIdentifier: 'ledger', TargetDbClusterIdentifier: arn('there', elsewhere) };
const clusterOf = async (id: string, where = region) =>
  (await aws.rds(where).send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }))).DBClusters![0]!;
const globalOf = async (where = elsewhere) =>
  (await aws.rds(where).send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'ledger' })))
    .GlobalClusters![0]!;
const member = async (id: string, clusterId: string, where = region, Engine = 'aurora-postgresql') => {
  await aws.rds(where).send(
    new CreateDBInstanceCommand({
      ...{ DBInstanceIdentifier: id, DBClusterIdentifier: clusterId, DBInstanceClass: 'db.r6g.large', Engine },
    }),
  );
  await aws.advance(minuteMs);
};
const eventIds = () => aws.events.map(({ detail, region: where }) => `${detail.EventID.slice(10)} ${where}`);
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    ({ name, message }) => `${name}: ${message}`,
  );

/** A primary with an instance, and a secondary with one unless it is headless. */
const ledger = async ({ headless = false }: { headless?: boolean } = {}): Promise<void> => {
  await aws.aurora('here', { EngineVersion: '16.6' });
  await member('here-1', 'here');
  await aws
    .rds()
    .send(
      new CreateGlobalClusterCommand({ GlobalClusterIdentifier: 'Ledger', SourceDBClusterIdentifier: arn('here') }),
    );
  await aws.rds(elsewhere).send(
    new CreateDBClusterCommand({
      ...{ DBClusterIdentifier: 'there', Engine: 'aurora-postgresql', GlobalClusterIdentifier: 'ledger' },
    }),
  );
  await aws.advance(minuteMs);
  if (!headless) await member('there-1', 'there', elsewhere);
  aws.events.length = 0;
};
const failover = () => aws.rds(elsewhere).send(new FailoverGlobalClusterCommand({ ...target, AllowDataLoss: true }));
const switchover = () => aws.rds(elsewhere).send(new SwitchoverGlobalClusterCommand(target));
const writers = () => [
  aws.world.admin.clusterTakesWrites(region, 'here'),
  aws.world.admin.clusterTakesWrites(elsewhere, 'there'),
];

describe('a global database', () => {
  test('has one writer, and secondaries that follow it with none of their own users or versions', async () => {
    await ledger();
    expect(await globalOf()).toMatchObject({
      ...{ Status: 'available', Engine: 'aurora-postgresql', EngineVersion: '16.6' },
      GlobalClusterArn: 'arn:aws:rds::111122223333:global-cluster:ledger',
      GlobalClusterMembers: [
        { DBClusterArn: arn('here'), IsWriter: true, Readers: [arn('there', elsewhere)] },
        { DBClusterArn: arn('there', elsewhere), IsWriter: false, SynchronizationStatus: 'connected' },
      ],
    });
    expect((await globalOf()).FailoverState).toBeUndefined();
    expect(await clusterOf('there', elsewhere)).toMatchObject({
      ...{ GlobalClusterIdentifier: 'ledger', EngineVersion: '16.6', MasterUsername: 'master' },
      DBClusterMembers: [{ DBInstanceIdentifier: 'there-1', IsClusterWriter: false }],
    });
    expect(writers()).toEqual([true, false]);
    const second = { DBClusterIdentifier: 'second', Engine: 'aurora-postgresql', GlobalClusterIdentifier: 'ledger' };
    expect(await refusal(aws.rds(elsewhere).send(new CreateDBClusterCommand(second)))).toContain('already');
    expect(
      await refusal(aws.rds(elsewhere).send(new CreateDBClusterCommand({ ...second, EngineVersion: '15.4' }))),
    ).not.toBe('accepted');
  });

  test('a failover with data loss: blocked writes, one writer, the endpoint a while later, the old one added back with a snapshot of what it had', async () => {
    await ledger();
    const { GlobalCluster } = await failover();
    expect(GlobalCluster?.FailoverState).toEqual({
      ...{ Status: 'pending', FromDbClusterArn: arn('here'), ToDbClusterArn: arn('there', elsewhere) },
      IsDataLossAllowed: true,
    });
    await aws.advance(1_500);
    expect((await globalOf()).FailoverState?.Status).toBe('failing-over');
    // All that tells is FailoverState: the target is available all the time, and no writer yet.
    expect((await clusterOf('there', elsewhere)).Status).toBe('available');
    expect(await refusal(failover())).toMatch(/^InvalidGlobalClusterStateFault/);
    await aws.advance(1_000);
    expect([eventIds(), writers()]).toEqual([['0390 eu-west-1'], [false, false]]);
    await aws.advance(10_000);
    expect(writers()).toEqual([false, true]);
    const after = await globalOf();
    expect([after.FailoverState, after.GlobalClusterMembers]).toMatchObject([
      undefined,
      [
        { IsWriter: false, SynchronizationStatus: 'pending-resync' },
        { IsWriter: true, SynchronizationStatus: 'connected' },
      ],
    ]);
    await aws.advance(20 * minuteMs);
    expect(aws.world.admin.globalEndpoint('ledger')).toContain('there.cluster-');
    expect((await globalOf()).GlobalClusterMembers?.[0]).toMatchObject({ SynchronizationStatus: 'connected' });
    expect(writers()).toEqual([false, true]);
    const order = ['0390 eu-west-1', '0238 eu-central-1', '0240 eu-west-1', '0241 eu-west-1'];
    expect(eventIds().filter((one) => order.includes(one))).toEqual(order);
    expect(eventIds()).toContain('0397 eu-central-1');
    const { DBClusterSnapshots } = await aws
      .rds()
      .send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'automated' }));
    expect(DBClusterSnapshots?.[0]?.DBClusterSnapshotIdentifier).toMatch(/^rds:unplanned-global-failover-here-2026-/);
  });

  test('a primary region out of reach: the block times out, both take writes until the old one is resynchronised', async () => {
    await ledger();
    aws.world.admin.outage(region, true);
    await failover();
    await aws.advance(minuteMs);
    expect(eventIds()).toEqual(['0391 eu-central-1', '0238 eu-central-1', '0397 eu-central-1']);
    expect(aws.events[0]).toMatchObject({ 'detail-type': 'RDS DB Instance Event' });
    expect(writers()).toEqual([true, true]);
    aws.world.admin.outage(region, false);
    await aws.advance(10_000);
    expect(writers()).toEqual([false, true]);
    await aws.advance(20 * minuteMs);
    expect((await globalOf()).GlobalClusterMembers?.[0]).toMatchObject({ SynchronizationStatus: 'connected' });
  });

  test('a switchover: nobody takes writes for a moment, then the roles are swapped and both are connected', async () => {
    await ledger();
    expect((await switchover()).GlobalCluster?.FailoverState).toMatchObject({ IsDataLossAllowed: false });
    await aws.advance(4_000);
    expect([(await globalOf()).FailoverState?.Status, writers()]).toEqual(['switching-over', [false, false]]);
    await aws.advance(minuteMs);
    expect(writers()).toEqual([false, true]);
    expect((await globalOf()).GlobalClusterMembers).toMatchObject([
      { IsWriter: false, SynchronizationStatus: 'connected' },
      { IsWriter: true },
    ]);
    expect(eventIds()).toEqual(
      ['0181', '0183', '0390', '0182', '0184', '0185', '0397'].map(
        (id) => `${id} ${['0390', '0182'].includes(id) ? region : elsewhere}`,
      ),
    );
  });

  test('a switchover whose primary falls silent is cancelled, and the primary leads on', async () => {
    await ledger();
    await switchover();
    await aws.advance(1_500);
    aws.world.admin.outage(region, true);
    await aws.advance(1_000);
    expect((await globalOf()).FailoverState?.Status).toBe('cancelling');
    await aws.advance(minuteMs);
    expect([eventIds().at(-1), writers(), (await globalOf()).FailoverState]).toEqual([
      '0186 eu-central-1',
      [true, false],
      undefined,
    ]);
  });

  test('the target loses its instance on the way: the failover fails, and the primary takes writes again', async () => {
    await ledger();
    await failover();
    await aws.advance(5_000);
    expect(writers()).toEqual([false, false]);
    aws.world.admin.setStatus(elsewhere, 'there-1', 'failed');
    await aws.advance(minuteMs);
    expect([eventIds().at(-1), writers()]).toEqual(['0239 eu-central-1', [true, false]]);
  });

  test('a headless secondary, another engine version, a stranger and the primary itself are refused', async () => {
    await ledger({ headless: true });
    expect(await refusal(failover())).toContain('has no DB instance');
    await member('there-1', 'there', elsewhere);
    aws.world.admin.setClusterVersion(region, 'here', '16.8');
    expect(await refusal(failover())).toContain('runs engine version 16.6, the primary cluster 16.8');
    expect(await refusal(switchover())).toContain('16.8');
    aws.world.admin.setClusterVersion(region, 'here', '16.6');
    const to = (id: string) => ({
      GlobalClusterIdentifier: 'ledger',
      TargetDbClusterIdentifier: id,
      AllowDataLoss: true,
    });
    expect(await refusal(aws.rds().send(new FailoverGlobalClusterCommand(to(arn('here')))))).toContain('no secondary');
    expect(await refusal(aws.rds().send(new FailoverGlobalClusterCommand(to(arn('nobody')))))).toMatch(
      /^DBClusterNotFound/,
    );
    const both = { ...target, AllowDataLoss: true, Switchover: true };
    expect(await refusal(aws.rds().send(new FailoverGlobalClusterCommand(both)))).toContain('together');
    aws.world.admin.outage(region, true);
    expect(await refusal(switchover())).toContain('not well');
  });

  test('a secondary that is removed takes writes; a part of it is neither deleted, stopped nor promoted', async () => {
    await ledger();
    const there = { DBClusterIdentifier: 'there' };
    const deletion = new DeleteDBClusterCommand({ ...there, SkipFinalSnapshot: true });
    expect(await refusal(aws.rds(elsewhere).send(deletion))).toContain('part of a global cluster');
    expect(await refusal(aws.rds(elsewhere).send(new StopDBClusterCommand(there)))).toContain("can't be stopped");
    expect(await refusal(aws.rds(elsewhere).send(new PromoteReadReplicaDBClusterCommand(there)))).toContain('part of');
    const remove = (id: string) =>
      aws
        .rds(elsewhere)
        .send(new RemoveFromGlobalClusterCommand({ GlobalClusterIdentifier: 'ledger', DbClusterIdentifier: id }));
    expect(await refusal(remove(arn('here')))).toContain('remove its secondary clusters first');
    await remove(arn('there', elsewhere));
    await aws.advance(minuteMs);
    expect([eventIds(), writers()]).toEqual([['0228 eu-central-1'], [true, true]]);
    expect((await globalOf()).GlobalClusterMembers).toHaveLength(1);
  });
});

describe('a replica cluster of Aurora MySQL', () => {
  const replica = (more: object = {}) =>
    aws.rds(elsewhere).send(
      new CreateDBClusterCommand({
        ...{ DBClusterIdentifier: 'copy', Engine: 'aurora-mysql', ReplicationSourceIdentifier: arn('mysql') },
        ...more,
      }),
    );
  const pair = async () => {
    await aws.aurora('mysql', { Engine: 'aurora-mysql', EngineVersion: '8.0.mysql_aurora.3.08.0' });
    await member('mysql-1', 'mysql', region, 'aurora-mysql');
    await replica();
    await aws.advance(minuteMs);
    await member('copy-1', 'copy', elsewhere, 'aurora-mysql');
  };

  test("follows a cluster of another region, and is made of Aurora MySQL alone, with its source's users", async () => {
    await pair();
    expect(await clusterOf('copy', elsewhere)).toMatchObject({
      ReplicationSourceIdentifier: arn('mysql'),
      DBClusterMembers: [{ IsClusterWriter: false }],
    });
    expect((await clusterOf('mysql')).ReadReplicaIdentifiers).toEqual([arn('copy', elsewhere)]);
    expect(await refusal(replica({ DBClusterIdentifier: 'other', ...master }))).toContain("is its source's");
    await aws.aurora('pg');
    const ofPostgres = {
      DBClusterIdentifier: 'pg-copy',
      Engine: 'aurora-postgresql',
      ReplicationSourceIdentifier: arn('pg'),
    };
    expect(await refusal(replica(ofPostgres))).toContain('not supported for engine aurora-postgresql');
    expect(await refusal(aws.rds().send(new StopDBClusterCommand({ DBClusterIdentifier: 'mysql' })))).toContain(
      "can't be stopped",
    );
  });

  test('its promotion reboots it, shows `available` with the source still set before and after, and is done once', async () => {
    await aws.stop();
    aws = new Records({ durations: { promoteNoticeMs: 1_000, promotePhaseMs: 1_000, promoteClearMs: 1_000 } });
    await pair();
    const promote = () =>
      aws.rds(elsewhere).send(new PromoteReadReplicaDBClusterCommand({ DBClusterIdentifier: 'copy' }));
    await promote();
    const seen = async () => {
      const { Status, ReplicationSourceIdentifier } = await clusterOf('copy', elsewhere);
      return [Status, ReplicationSourceIdentifier !== undefined];
    };
    expect([await seen(), await refusal(promote())]).toEqual([
      ['available', true],
      expect.stringContaining('InvalidDBClusterState'),
    ]);
    await aws.advance(1_500);
    expect(await seen()).toEqual(['promoting', true]);
    await aws.advance(1_000);
    expect(await seen()).toEqual(['available', true]);
    await aws.advance(1_000);
    expect(await seen()).toEqual(['available', false]);
    expect(aws.world.admin.clusterTakesWrites(elsewhere, 'copy')).toBe(true);
    expect(await refusal(promote())).toContain('not a read replica');
  });

  test("a change of a cluster's security groups is its members', too", async () => {
    await pair();
    const groups = { DBClusterIdentifier: 'mysql', VpcSecurityGroupIds: ['sg-fenced'] };
    await aws.rds().send(new ModifyDBClusterCommand(groups));
    await aws.advance(minuteMs);
    expect((await aws.describe('mysql-1')).VpcSecurityGroups).toEqual([
      { VpcSecurityGroupId: 'sg-fenced', Status: 'active' },
    ]);
    expect((await clusterOf('mysql')).VpcSecurityGroups).toEqual([
      { VpcSecurityGroupId: 'sg-fenced', Status: 'active' },
    ]);
  });
});
