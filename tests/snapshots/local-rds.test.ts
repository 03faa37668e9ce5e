import {
  CreateDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { rdsQuotas } from '../../functions/snapshots/aws/rds-quotas.ts';
import { rdsDatabases } from '../../functions/snapshots/aws/rds-reading.ts';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import { tagsFor } from '../../functions/snapshots/core/tags.ts';
import { openInMemoryRds } from '../../functions/snapshots/run/in-memory.ts';
import type { Notice, Ports } from '../../functions/snapshots/run/ports.ts';
import { type Run, runSnapshots } from '../../functions/snapshots/run/run.ts';
import { describeWithEngines } from '../engine.ts';
import { type Harness, master, openHarness } from '../local-rds/harness.ts';
import { type ContractWorld, portsContract } from './contract.ts';
import { database, settings } from './samples.ts';

const region = 'eu-west-1';

const portsOf = (aws: Harness, notices: Notice[] = []): Ports => ({
  // What is not RDS is in memory.
  ...openInMemoryRds().ports,
  databases: rdsDatabases(aws.rds(region)),
  snapshots: rdsSnapshots(aws.rds(region)),
  quotas: rdsQuotas(aws.rds(region)),
  reports: { publish: async (notice) => void notices.push(notice) },
});

const createInstance = async (
  aws: Harness,
  id: string,
  Engine: string,
  tags: Record<string, string>,
): Promise<string> => {
  await aws.rds(region).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBInstanceClass: 'db.t4g.micro',
      Engine,
      AllocatedStorage: 20,
      ...(Engine === 'postgres' && { DBName: 'ledger' }),
      CopyTagsToSnapshot: true,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      ...master,
    }),
  );
  const { DbiResourceId } = await aws.until(region, id, (one) => one.DBInstanceStatus === 'available');
  return DbiResourceId ?? '';
};

const available = async (ports: Ports): Promise<void> => {
  for (const untilMs = Date.now() + 20_000; ; ) {
    if ((await ports.snapshots.list('instance')).every(({ status }) => status === 'available')) return;
    if (Date.now() > untilMs) throw new Error('a snapshot stayed in the making');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

await describeWithEngines(['postgres'], 'the ports on the local RDS', () => {
  let aws: Harness;
  let world: ContractWorld;

  beforeAll(async () => {
    aws = await openHarness({ createMs: 50, snapshotMs: 400, stopMs: 60_000 });
    const ports = portsOf(aws);
    // An engine without a server here: the contract is about the API.
    const resourceId = await createInstance(aws, 'orders', 'mysql', { 'mainstay:snapshots': 'true' });
    await createInstance(aws, 'busy', 'mysql', {});
    await aws.rds(region).send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'busy' }));
    let planted = 0;
    const plant = (id: string, type: 'manual' | 'automated') =>
      aws.world.admin.plantSnapshot(region, { id, type, instanceId: 'orders', createdAt: aws.clock.now() });
    world = {
      ports,
      resourceId,
      plant: async (count) => {
        for (let index = 0; index < count; index++) plant(`someone-${planted++}`, 'manual');
      },
      plantAutomated: async () => {
        plant('rds:orders-1', 'automated');
        return 'rds:orders-1';
      },
      settle: () => available(ports),
    };
  });
  afterAll(() => aws?.stop());

  portsContract(() => world);
});

await describeWithEngines(['postgres'], 'a live PostgreSQL on the local RDS', () => {
  const slot = Date.parse('2026-08-14T10:00:00Z');
  const forever = { remainingMs: () => Number.POSITIVE_INFINITY };
  const notices: Notice[] = [];
  let aws: Harness;
  let ports: Ports;
  let resourceId: string;
  const run = (nowMs: number, over = {}): Promise<Run> =>
    runSnapshots(ports, { ...settings, ...over }, forever)({ nowMs, dryRun: false });
  const ids = async () => (await ports.snapshots.list('instance')).map(({ id }) => id).sort();

  beforeAll(async () => {
    aws = await openHarness({ createMs: 50, snapshotMs: 300, restoreMs: 50, modifyMs: 50 });
    ports = portsOf(aws, notices);
    resourceId = await createInstance(aws, 'ledger', 'postgres', { 'mainstay:snapshots': 'true', team: 'payments' });
    const client = await aws.login((await aws.describe(region, 'ledger')).Endpoint?.Address ?? '');
    await client.query('CREATE TABLE entry (number int PRIMARY KEY)');
    await client.query('INSERT INTO entry SELECT generate_series(1, 5000)');
  });
  afterAll(() => aws?.stop());

  test('one slot delivered twice at once, late, and again when it is made, is one snapshot with its source’s tags', async () => {
    const runs = await Promise.all([run(slot), run(slot)]);
    runs.push(await run(slot + 40 * 60_000));
    await available(ports);
    runs.push(await run(slot));
    expect(runs.map(({ outcome }) => outcome.result)).toEqual(['OK', 'OK', 'OK', 'OK']);
    const [only, ...others] = await ports.snapshots.list('instance');
    expect(others).toEqual([]);
    expect(only?.tags).toEqual({
      ...tagsFor(
        database('ledger', { resourceId, arn: only?.tags['mainstay:source'] ?? '' }),
        only?.id ?? '',
        slot,
        'mainstay-test',
      ),
      team: 'payments',
      'mainstay:snapshots': 'true',
    });
    expect(only?.tags['mainstay:source']).toMatch(/:db:ledger$/);
    expect(notices).toHaveLength(4);
  });

  test('the snapshot holds the data: restored beside, every row is there', async () => {
    const [only] = await ids();
    await aws.rds(region).send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: 'beside',
        DBSnapshotIdentifier: only ?? '',
      }),
    );
    const beside = await aws.until(region, 'beside', (one) => one.DBInstanceStatus === 'available');
    const client = await aws.login(beside.Endpoint?.Address ?? '');
    expect((await client.query('SELECT count(*)::int AS rows FROM entry')).rows).toEqual([{ rows: 5000 }]);
  });

  test('expiry only plans until it is armed; armed it deletes exactly what was planned; others’ are untouched', async () => {
    const ledger = database('ledger', { resourceId, arn: `arn:aws:rds:${region}:111122223333:db:ledger` });
    const plant = (id: string, slotMs: number, tags: Record<string, string>, over = {}) =>
      aws.world.admin.plantSnapshot(region, {
        id,
        instanceId: 'ledger',
        createdAt: slotMs,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
        ...over,
      });
    for (let hour = 1; hour <= 12; hour++) {
      const id = `ms-ledger-planted-${hour}`;
      plant(id, slot - hour * HOUR_MS, tagsFor(ledger, id, slot - hour * HOUR_MS, 'mainstay-test'));
    }
    const foreign = ['final-before-migration', 'ms-ledger-by-hand', 'copy-of-ours', 'of-another-stack'];
    plant(foreign[0] ?? '', slot - 500 * HOUR_MS, {});
    plant(foreign[1] ?? '', slot - 500 * HOUR_MS, { team: 'payments' });
    plant(
      foreign[2] ?? '',
      slot - 500 * HOUR_MS,
      tagsFor(ledger, 'ms-ledger-planted-12', slot - 500 * HOUR_MS, 'mainstay-test'),
    );
    plant(
      foreign[3] ?? '',
      slot - 500 * HOUR_MS,
      tagsFor(ledger, foreign[3] ?? '', slot - 500 * HOUR_MS, 'mainstay-other'),
    );
    plant('rds:ledger-nightly', slot - 500 * HOUR_MS, {}, { type: 'automated' });
    // What the people in a hurry held.
    const held = 'ms-ledger-planted-held';
    plant(held, slot - 30 * HOUR_MS, {
      ...tagsFor(ledger, held, slot - 30 * HOUR_MS, 'mainstay-test'),
      'mainstay:hold': 'true',
    });

    const policy = { keepHourly: 4, keepDaily: 2 };
    const before = await ids();
    const planned = await run(slot, { expiry: 'plan', policy });
    expect(await ids()).toEqual(before);
    expect(planned.outcome).toMatchObject({
      result: 'OK',
      counts: { wouldDelete: planned.plan.deletes.length, deleted: 0 },
    });
    expect(planned.plan.deletes.length).toBeGreaterThan(5);

    const armed = await run(slot, { expiry: 'armed', policy });
    const gone = planned.plan.deletes.map(({ id }) => id);
    expect(await ids()).toEqual(before.filter((id) => !gone.includes(id)));
    expect(await ids()).toEqual(expect.arrayContaining([...foreign, held]));
    expect(armed.outcome.counts.deleted).toBe(gone.length);

    const again = await run(slot, { expiry: 'armed', policy });
    expect(again.plan.deletes).toEqual([]);
  });

  test('a quota that is full is seen before RDS has to refuse, and is said', async () => {
    aws.world.admin.setQuota(region, { manualSnapshots: (await ids()).length });
    const { outcome, plan } = await run(slot + HOUR_MS, { expiry: 'plan' });
    expect(plan.databases.find(({ database: { id } }) => id === 'ledger')).toMatchObject({
      kind: 'skip',
      because: 'quota',
    });
    expect(outcome).toMatchObject({ result: 'PARTIAL', counts: { created: 0, leftOutByQuota: 1 } });
  });
});
