import { afterEach, describe, expect, test } from '@jest/globals';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { rdsDatabases } from '../../functions/snapshots/aws/rds-reading.ts';
import { openInMemoryRds } from '../../functions/snapshots/run/in-memory.ts';
import { runSnapshots } from '../../functions/snapshots/run/run.ts';
import { database, settings } from './samples.ts';
import { ok, openScripted } from './scripted.ts';

// What RDS shows is a moment old, and a list shifts while it is read page by page.

const { scripted, close } = openScripted();
afterEach(close);

/** The last of the first page comes again as the first of the second: something before it went away or came in between. */
const twice = (action: string, list: string, item: string) =>
  scripted(({ Marker }) =>
    ok(action, `<${list}>${item}</${list}>${Marker === undefined ? '<Marker>more</Marker>' : ''}`),
  );

describe('what two pages both name is there once', () => {
  test('a snapshot: counted twice, the last good one would be outside the policy that keeps it', async () => {
    const item = '<DBSnapshot><DBSnapshotIdentifier>ms-orders</DBSnapshotIdentifier></DBSnapshot>';
    const { rds } = await twice('DescribeDBSnapshots', 'DBSnapshots', item);
    expect(await rdsSnapshots(rds).list('instance')).toHaveLength(1);
  });

  test('a database: its second sight would have no snapshots, and would get another of the same slot', async () => {
    const item = '<DBCluster><DbClusterResourceId>cluster-1</DbClusterResourceId></DBCluster>';
    const { rds } = await twice('DescribeDBClusters', 'DBClusters', item);
    expect(await rdsDatabases(rds).list('cluster')).toHaveLength(1);
  });

  test('of which RDS names nothing is not taken for one', async () => {
    const { rds } = await twice('DescribeDBInstances', 'DBInstances', '<DBInstance></DBInstance>');
    expect(await rdsDatabases(rds).list('instance')).toHaveLength(2);
  });
});

describe('a name that RDS says is taken', () => {
  const slot = Date.parse('2026-08-14T10:00:00Z');
  const openWorld = () => {
    const rds = openInMemoryRds(100);
    rds.databases = [database('orders')];
    return rds;
  };
  const plenty = { remainingMs: () => 900_000 };
  const run = (rds: ReturnType<typeof openWorld>, ports = rds.ports) =>
    runSnapshots(ports, settings, plenty)({ nowMs: slot, dryRun: false });

  test('by what is not to be seen yet gets no second name: it may be ours of a moment ago', async () => {
    const rds = openWorld();
    // Another delivery of the same slot was faster, after this run's list; a look does not show it yet.
    rds.faults.set('create orders', { answer: { kind: 'already-exists' } });
    const { acts } = await run(rds, {
      ...rds.ports,
      snapshots: { ...rds.ports.snapshots, find: async () => undefined },
    });
    expect(acts).toMatchObject([{ kind: 'not-created', because: 'no-evidence' }]);
    expect(rds.snapshots).toEqual([]);
  });

  test('by a snapshot of ours that is being deleted is no success: the next name is asked for', async () => {
    const rds = openWorld();
    await run(rds);
    const [first] = rds.snapshots;
    rds.snapshots = rds.snapshots.map((one) => ({ ...one, status: 'deleting' }));
    const { acts } = await run(rds, { ...rds.ports, snapshots: { ...rds.ports.snapshots, list: async () => [] } });
    expect(acts).toMatchObject([{ kind: 'created', how: 'new', name: `${first?.id}-2` }]);
  });
});
