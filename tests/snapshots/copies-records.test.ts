import {
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { rdsCopier } from '../../functions/snapshots/aws/copies/copies.ts';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { rdsQuotas } from '../../functions/snapshots/aws/rds-quotas.ts';
import { rdsDatabases } from '../../functions/snapshots/aws/rds-reading.ts';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import { tagsFor } from '../../functions/snapshots/core/tags.ts';
import { runCopies } from '../../functions/snapshots/run/copies/copies.ts';
import type { CopyPorts } from '../../functions/snapshots/run/copies/ports.ts';
import { copyLinesOf } from '../../functions/snapshots/run/copies/report.ts';
import type { Clock } from '../../local/clock.ts';
import { requestHandlerOf } from '../../local/rds/in-process.ts';
import { openRdsRecords, type RdsRecords } from '../../local/rds/records-world.ts';
import { openVirtualClock } from '../../local/virtual-clock.ts';
import { type CopyContractWorld, copyContract } from './copies-contract.ts';
import { recovery, copySettings as settings } from './copies-samples.ts';

// The adapters against the local RDS as records, in virtual time: clusters, keys, option groups, faults.

const home = 'eu-west-1';
const slot = Date.parse('2026-08-14T10:00:00Z');
const minute = 60_000;
const key = settings.copies.kmsKeyId;
const forever = { remainingMs: () => Number.POSITIVE_INFINITY };
const master = { MasterUsername: 'master', MasterUserPassword: 'local-master-password' };

interface World {
  rds: RdsRecords;
  clock: Clock;
  client(region: string): RDSClient;
  ports: CopyPorts;
  run(over?: object): ReturnType<ReturnType<typeof runCopies>>;
  /** A selected instance with our snapshot of the slot. */
  instance(id: string, over?: object): Promise<void>;
  cluster(id: string, over?: object): Promise<void>;
  copies(): Promise<Awaited<ReturnType<CopyPorts['destination']['snapshots']['list']>>>;
}

const openWorld = async (): Promise<World> => {
  const clock = openVirtualClock({ startMs: slot });
  const rds = openRdsRecords({
    ...{ clock, account: '111122223333', regions: [home, recovery], emit: () => {}, seed: 7 },
    durations: { createMs: minute, snapshotMs: minute, copyMs: 10 * minute },
  });
  const client = (region: string) =>
    new RDSClient({
      region,
      endpoint: 'http://local.test',
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
      maxAttempts: 1,
      requestHandler: requestHandlerOf(rds.service) as never,
    });
  const [there, here] = [client(recovery), client(home)];
  const keys = { state: async () => 'usable' as const };
  const ports: CopyPorts = {
    source: { databases: rdsDatabases(here), snapshots: rdsSnapshots(here), keys },
    destination: { snapshots: rdsSnapshots(there), copier: rdsCopier(there), quotas: rdsQuotas(there), keys },
    control: { orders: async () => ({ pauses: [], confirmations: [] }), useConfirmation: async () => false },
    reports: { publish: async () => {} },
  };
  const Tags = [{ Key: 'mainstay:snapshots', Value: 'true' }];
  const tagged = async (kind: 'instance' | 'cluster', id: string) => {
    const database = (await ports.source.databases.list(kind)).find((one) => one.id === id);
    if (database === undefined) throw new Error(`${id} was not made`);
    const name = `ms-${id}`;
    return {
      name,
      Tags: Object.entries(tagsFor(database, name, slot, settings.stack)).map(([Key, Value]) => ({ Key, Value })),
    };
  };
  return {
    ...{ rds, clock, client, ports },
    run: (over = {}) =>
      runCopies(ports, { ...settings, ...over }, forever)({ nowMs: clock.now(), dryRun: false, tellAgain: false }),
    instance: async (id, over = {}) => {
      await here.send(
        new CreateDBInstanceCommand({
          ...{ DBInstanceIdentifier: id, DBInstanceClass: 'db.t4g.micro', Engine: 'mysql', AllocatedStorage: 20, Tags },
          ...master,
          ...over,
        }),
      );
      await clock.advance(2 * minute);
      const { name, Tags: ours } = await tagged('instance', id);
      await here.send(
        new CreateDBSnapshotCommand({ DBInstanceIdentifier: id, DBSnapshotIdentifier: name, Tags: ours }),
      );
      await clock.advance(2 * minute);
    },
    cluster: async (id, over = {}) => {
      await here.send(
        new CreateDBClusterCommand({ DBClusterIdentifier: id, Engine: 'aurora-postgresql', Tags, ...master, ...over }),
      );
      await clock.advance(2 * minute);
      const { name, Tags: ours } = await tagged('cluster', id);
      await here.send(
        new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: id, DBClusterSnapshotIdentifier: name, Tags: ours }),
      );
      await clock.advance(2 * minute);
    },
    copies: async () =>
      (
        await Promise.all((['instance', 'cluster'] as const).map((kind) => ports.destination.snapshots.list(kind)))
      ).flat(),
  };
};

describe('the ports of copies on the local RDS', () => {
  let world: CopyContractWorld;

  beforeAll(async () => {
    const { clock, client, ports, instance } = await openWorld();
    await instance('orders');
    await instance('secret', { StorageEncrypted: true });
    const all = await ports.source.snapshots.list('instance');
    const arnOf = (id: string) => all.find((one) => one.id === id)?.arn ?? '';
    await client(home).send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'orders', DBSnapshotIdentifier: 'creating' }),
    );
    const [plain, encrypted] = [arnOf('ms-orders'), arnOf('ms-secret')];
    world = {
      ...{ ports, plain, encrypted, key },
      creating: plain.replace(/[^:]*$/, 'creating'),
      // Copies of one database queue.
      settle: () => clock.advance(24 * HOUR_MS),
    };
  });

  copyContract(() => world);
});

describe('a run on the local RDS', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.rds.stop());

  test('copies instances and clusters, encrypted; what RDS cannot encrypt is said and left', async () => {
    await world.instance('orders');
    await world.cluster('safe', { StorageEncrypted: true });
    await world.cluster('plain');
    const done = await world.run();
    expect(done.outcome).toMatchObject({ result: 'PARTIAL', counts: { started: 2, stuck: 1, failed: 0 } });
    expect(copyLinesOf(done)[0]).toContain('cluster plain gets no copy now: ms-plain is not encrypted');
    await world.clock.advance(HOUR_MS);
    expect(await world.copies()).toMatchObject([
      { kind: 'instance', id: 'ms-orders', status: 'available', encrypted: true, kmsKeyId: key },
      { kind: 'cluster', id: 'ms-safe', status: 'available', encrypted: true, kmsKeyId: key },
    ]);
    expect((await world.run()).outcome).toMatchObject({ withoutGood: 1, counts: { started: 0 } });
    const plain = await world.run({ copies: { ...settings.copies, encryptCopies: 'as-source' } });
    expect(plain.outcome).toMatchObject({ result: 'OK', counts: { started: 1 } });
  });

  test('is stopped by a key that RDS may not use after one call, and goes on when it may', async () => {
    await world.instance('a');
    await world.instance('b');
    world.rds.admin.setKey(recovery, key, 'disabled');
    const done = await world.run();
    expect(done.acts.map((act) => ('because' in act ? act.because : act.kind))).toEqual([
      'key-refused',
      'key-refused-before',
    ]);
    world.rds.admin.setKey(recovery, key, 'enabled');
    expect((await world.run()).outcome).toMatchObject({ result: 'OK', counts: { started: 2 } });
  });

  test('leaves the one whose option group has no counterpart, and copies it when the config names one', async () => {
    world.rds.admin.optionGroup(home, 'with-timezone', ['Timezone']);
    world.rds.admin.optionGroup(recovery, 'timezone-there', ['Timezone']);
    await world.instance('zoned', { OptionGroupName: 'with-timezone' });
    await world.instance('orders');
    const done = await world.run();
    expect(done.outcome.counts).toMatchObject({ started: 1, stuck: 1 });
    expect(copyLinesOf(done)[0]).toContain('option group with-timezone has no counterpart');
    const mapped = { copies: { ...settings.copies, optionGroups: { 'with-timezone': 'timezone-there' } } };
    expect((await world.run(mapped)).outcome).toMatchObject({ result: 'OK', counts: { started: 1, inProgress: 1 } });
  });

  test('never carries AWS’s own tags along, which RDS would refuse', async () => {
    await world.instance('orders');
    const [source] = await world.ports.source.snapshots.list('instance');
    world.rds.admin.setTags(source?.arn ?? '', [
      ...Object.entries(source?.tags ?? {}).map(([tag, value]) => ({ key: tag, value })),
      { key: 'aws:cloudformation:stack-name', value: 'estate' },
      { key: 'team', value: 'payments' },
    ]);
    expect((await world.run()).outcome.result).toBe('OK');
    const [copy] = await world.copies();
    expect(copy?.tags).toMatchObject({ team: 'payments', 'mainstay:source-snapshot': source?.arn });
    expect(copy?.tags).not.toHaveProperty('aws:cloudformation:stack-name');
  });

  test('with the quota full there asks for nothing, says so, and people raise it', async () => {
    await world.instance('orders');
    world.rds.admin.setQuota(recovery, { manualSnapshots: 0 });
    const done = await world.run();
    expect([done.acts, done.outcome.result]).toEqual([[], 'PARTIAL']);
    expect(copyLinesOf(done)[0]).toContain('quota of manual snapshots in the recovery region is full');
    world.rds.admin.setQuota(recovery, { manualSnapshots: 10 });
    expect((await world.run()).outcome.counts.started).toBe(1);
  });

  test('with either region out says so, deletes nothing, and is well again by itself', async () => {
    await world.instance('orders');
    for (const region of [home, recovery]) {
      world.rds.admin.outage(region, true);
      const done = await world.run();
      expect([done.outcome.result, done.acts]).toEqual(['FAILED', []]);
      world.rds.admin.outage(region, false);
    }
    expect((await world.run()).outcome).toMatchObject({ result: 'OK', counts: { started: 1 } });
  });

  test('through a day of lost answers, failed copies and throttles ends with a good copy of everyone, none twice', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await world.instance(id);
    world.rds.admin.faults(11, { throttled: 0.05, errorBefore: 0.1, errorAfter: 0.1, copiesFail: 0.3 });
    for (let sweep = 0; sweep < 30; sweep++) {
      await world.run({ copies: { ...settings.copies, everyHours: 24 } });
      await world.clock.advance(15 * minute);
    }
    world.rds.admin.faults(11, undefined);
    const done = await world.run({ copies: { ...settings.copies, everyHours: 24 } });
    expect(done.outcome).toMatchObject({ result: 'OK', withoutGood: 0 });
    expect((await world.copies()).map(({ id, status }) => `${id} ${status}`).sort()).toEqual(
      ['a', 'b', 'c', 'd'].map((id) => `ms-${id} available`),
    );
  });
});
