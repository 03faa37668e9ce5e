import {
  CreateDBInstanceCommand,
  DeleteDBSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rdsCopier } from '../../functions/snapshots/aws/copies/copies.ts';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { rdsQuotas } from '../../functions/snapshots/aws/rds-quotas.ts';
import { rdsDatabases } from '../../functions/snapshots/aws/rds-reading.ts';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import type { Orders } from '../../functions/snapshots/core/inventory.ts';
import { type CopyRun, runCopies } from '../../functions/snapshots/run/copies/copies.ts';
import type { CopyPorts } from '../../functions/snapshots/run/copies/ports.ts';
import { openInMemoryRds } from '../../functions/snapshots/run/in-memory.ts';
import { runSnapshots } from '../../functions/snapshots/run/run.ts';
import { describeWithEngines } from '../engine.ts';
import { type Harness, master, openHarness } from '../local-rds/harness.ts';
import { recovery, copySettings as settings } from './copies-samples.ts';

const home = 'eu-west-1';
const key = settings.copies.kmsKeyId;

const portsOf = (aws: Harness, orders: Orders = { pauses: [], confirmations: [] }): CopyPorts => {
  const keys = { state: async () => 'usable' as const };
  return {
    source: { databases: rdsDatabases(aws.rds(home)), snapshots: rdsSnapshots(aws.rds(home)), keys },
    destination: {
      snapshots: rdsSnapshots(aws.rds(recovery)),
      copier: rdsCopier(aws.rds(recovery)),
      quotas: rdsQuotas(aws.rds(recovery)),
      keys,
    },
    control: { orders: async () => orders, useConfirmation: async () => false },
    reports: { publish: async () => {} },
  };
};

const createInstance = async (aws: Harness, id: string, Engine: string, over: object = {}) => {
  await aws.rds(home).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBInstanceClass: 'db.t4g.micro',
      Engine,
      AllocatedStorage: 20,
      Tags: [
        { Key: 'mainstay:snapshots', Value: 'true' },
        { Key: 'team', Value: 'payments' },
      ],
      ...(Engine === 'postgres' && { DBName: 'ledger' }),
      ...master,
      ...over,
    }),
  );
  await aws.until(home, id, (one) => one.DBInstanceStatus === 'available');
};

/** Waits until every manual snapshot of a region is what it will be. */
const settled = async (aws: Harness, region: string): Promise<void> => {
  for (const untilMs = Date.now() + 30_000; ; ) {
    const all = await rdsSnapshots(aws.rds(region)).list('instance');
    if (all.every(({ status }) => status === 'available' || status === 'failed')) return;
    if (Date.now() > untilMs) throw new Error(`in ${region} a snapshot stayed in the making`);
    await aws.clock.advance(30_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

await describeWithEngines(['postgres'], 'a live PostgreSQL, copied to the recovery region', () => {
  const slot = Date.parse('2026-08-14T10:00:00Z');
  const forever = { remainingMs: () => Number.POSITIVE_INFINITY };
  const rules = { ...settings, copies: { ...settings.copies, everyHours: 1, policy: { keepLast: 2 } } };
  let aws: Harness;
  const copy = (nowMs: number, over = {}, orders?: Orders): Promise<CopyRun> =>
    runCopies(portsOf(aws, orders), { ...rules, ...over }, forever)({ nowMs, dryRun: false, tellAgain: false });
  const snapshotNow = async (nowMs: number) => {
    const ports = {
      ...openInMemoryRds().ports,
      databases: rdsDatabases(aws.rds(home)),
      snapshots: rdsSnapshots(aws.rds(home)),
      quotas: rdsQuotas(aws.rds(home)),
    };
    await runSnapshots(
      ports,
      { ...settings, copies: undefined, expiry: 'plan' },
      forever,
    )({
      nowMs,
      dryRun: false,
    } as never);
    await settled(aws, home);
  };
  const copies = () => rdsSnapshots(aws.rds(recovery)).list('instance');

  beforeAll(async () => {
    aws = await openHarness({ createMs: 50, snapshotMs: 50, restoreMs: 50, modifyMs: 50, copyMs: 5_000 });
    await createInstance(aws, 'ledger', 'postgres');
    const client = await aws.login((await aws.describe(home, 'ledger')).Endpoint?.Address ?? '');
    await client.query('CREATE TABLE entry (number int PRIMARY KEY)');
    await client.query('INSERT INTO entry SELECT generate_series(1, 5000)');
  });
  afterAll(() => aws?.stop());

  test('one snapshot asked for twice at once is one encrypted copy with our tags and the source’s', async () => {
    await snapshotNow(slot);
    const [source] = await rdsSnapshots(aws.rds(home)).list('instance');
    const runs = await Promise.all([copy(slot + 60_000), copy(slot + 60_000)]);
    expect(runs.map(({ outcome }) => outcome.result)).toEqual(['OK', 'OK']);
    await settled(aws, recovery);
    const [only, ...others] = await copies();
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      id: source?.id,
      status: 'available',
      encrypted: true,
      kmsKeyId: key,
      tags: {
        ...source?.tags,
        'mainstay:source-snapshot': source?.arn,
        'mainstay:slot': '2026-08-14T10:00:00Z',
        team: 'payments',
      },
    });
    expect((await copy(slot + 60_000)).outcome).toMatchObject({ counts: { started: 0 }, withoutGood: 0 });
  });

  test('the copy holds the data: restored in the recovery region, every row is there', async () => {
    const [only] = await copies();
    await aws.rds(recovery).send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: 'after-the-flood',
        DBSnapshotIdentifier: only?.id ?? '',
      }),
    );
    const there = await aws.until(recovery, 'after-the-flood', (one) => one.DBInstanceStatus === 'available');
    const client = await aws.login(there.Endpoint?.Address ?? '');
    expect((await client.query('SELECT count(*)::int AS rows FROM entry')).rows).toEqual([{ rows: 5000 }]);
  });

  test('a source that is deleted under its copy leaves a failed one, which goes, and the next snapshot is copied', async () => {
    await snapshotNow(slot + HOUR_MS);
    await copy(slot + HOUR_MS + 60_000);
    const source = (await rdsSnapshots(aws.rds(home)).list('instance')).find(
      ({ tags }) => tags['mainstay:slot'] === '2026-08-14T11:00:00Z',
    );
    await aws.rds(home).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: source?.id ?? '' }));
    await settled(aws, recovery);
    expect((await copies()).map(({ status }) => status).sort()).toEqual(['available', 'failed']);
    await snapshotNow(slot + 2 * HOUR_MS);
    const { acts } = await copy(slot + 2 * HOUR_MS + 60_000);
    expect(acts).toMatchObject([{ kind: 'deleted', removal: { because: 'failed' } }, { kind: 'started' }]);
    await settled(aws, recovery);
    expect((await copies()).map(({ status }) => status)).toEqual(['available', 'available']);
  });

  test('expiry there goes by its own policy, only when armed and not paused, and people’s copies are untouched', async () => {
    aws.world.admin.plantSnapshot(recovery, { id: 'by-hand', instanceId: 'ledger', createdAt: slot - 900 * HOUR_MS });
    for (let hour = 3; hour < 6; hour++) {
      await snapshotNow(slot + hour * HOUR_MS);
      await copy(slot + hour * HOUR_MS + 60_000, { expiry: 'plan' });
      await settled(aws, recovery);
    }
    const now = slot + 5 * HOUR_MS + 120_000;
    const before = (await copies()).length;
    const paused = await copy(
      now,
      {},
      {
        pauses: [{ part: 'copies', by: 'ann', why: 'a move', atMs: slot }],
        confirmations: [],
      },
    );
    expect([paused.outcome.counts.deleted, (await copies()).length]).toEqual([0, before]);
    const armed = await copy(now);
    expect(armed.outcome.counts.deleted).toBe(3);
    const left = await copies();
    expect(left.map(({ tags }) => tags['mainstay:slot']).sort()).toEqual([
      '2026-08-14T14:00:00Z',
      '2026-08-14T15:00:00Z',
      undefined,
    ]);
    expect((await copy(now)).acts).toEqual([]);
  });
});
