import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { taggedThrowAways } from '../../functions/failover/aws/drills/strays.ts';
import { rdsInstances } from '../../functions/failover/aws/instances.ts';
import { loginSecrets } from '../../functions/failover/aws/login-secrets.ts';
import { route53Records } from '../../functions/failover/aws/name-records.ts';
import { readReadiness } from '../../functions/failover/run/readiness.ts';
import type { StepReport } from '../../functions/failover/run/reconcile.ts';
import { openDatabase } from '../../shared/database/login.ts';
import { describeWithEngines } from '../engine.ts';
import { memoryDrills } from './drills/memory-drills.ts';
import { lookingAt } from './real/look-for.ts';
import { openPair, policy } from './real/pair.ts';

/** Writes numbered rows through the name until told to stop; what was acknowledged is kept. */
const startWriter = () => {
  const acknowledged: number[] = [];
  let going = true;
  const work = (async () => {
    for (let number = 1; going; ) {
      try {
        const database = await openDatabase(
          { kind: 'secret', secretId: 'app' },
          { region: 'eu-west-1', timeoutMs: 1_000 },
        );
        try {
          for (; going; number += 1) {
            await database.query('insert into entry values ($1)', [number]);
            acknowledged.push(number);
            await sleep(5);
          }
        } finally {
          await database.close().catch(() => {});
        }
      } catch {
        // The row may have been written and not acknowledged: the next one has another number.
        number += 1;
        await sleep(50);
      }
    }
  })();
  return {
    acknowledged,
    stop: async () => {
      going = false;
      await work;
    },
  };
};

await describeWithEngines(['postgres'], 'a real pair', () => {
  let pair: Awaited<ReturnType<typeof openPair>>;
  const reports: StepReport[] = [];
  beforeAll(async () => {
    pair = await openPair();
  }, 60_000);
  afterAll(() => pair?.stop(), 30_000);

  const lookFor = lookingAt(() => pair, reports);
  const phase = () => reports.at(-1)?.record.phase;

  test('a quiet pair is watched, not held: the replica says how long ago it heard its source', async () => {
    await lookFor(6_000, () => phase() === 'healthy' && reports.at(-1)?.decision.kind === 'watch');
    const { decision } = reports.at(-1) as StepReport;
    expect(decision.kind).toBe('watch');
    const { replica } = decision.situation.evidence;
    expect(replica.kind).toBe('ok');
    expect(replica.kind === 'ok' && replica.report.lastMessageAgeMs).toBeLessThan(10_000);
    expect(replica.kind === 'ok' && replica.report.lacks).toEqual([]);
  }, 20_000);

  test('readiness on the real pair: what RDS, Route 53, the secrets and the replica say, and what is amiss', async () => {
    const checks = await readReadiness(
      {
        ...pair.ports,
        shapes: rdsInstances,
        secrets: loginSecrets,
        nameRecords: route53Records(),
        namesAlarm: (name) => name,
        drills: memoryDrills(),
        throwAways: taggedThrowAways,
        recordTable: async () => ({ consistency: 'one-region', replicas: [], witnesses: [], isProtected: true }),
        recordPlan: { kind: 'dr-only', table: 'records', replicas: [] },
      },
      policy,
      { kind: 'secret', secretId: 'guard' },
    );
    expect(Object.fromEntries(checks.map(({ name, state }) => [name, state]))).toEqual({
      replica: 'ready',
      // A replica is created without backups of its own (docs: API_CreateDBInstanceReadReplica).
      backups: 'warning',
      shape: 'ready',
      'security-groups': 'ready',
      encryption: 'ready',
      login: 'ready',
      names: 'ready',
      heartbeat: 'ready',
      setup: 'ready',
      fence: 'ready',
      drill: 'warning',
      record: 'ready',
      zone: 'ready',
    });
  }, 20_000);

  test('setup.sql says which roles a fence would pass over, and that a login may too much', async () => {
    const master = pair.world.admin.instance('eu-central-1', policy.replica.instance);
    const rows = await master.query('select mainstay.lacks($1) as what', [['app', 'ap', 'pg_monitor']], 'ledger');
    expect(rows.map(({ what }) => what)).toEqual([
      'the role ap is not there',
      expect.stringContaining('the role pg_monitor cannot be fenced'),
      expect.stringMatching(/^the login .* may more than it needs$/),
    ]);
  });

  test('a killed process is healed by RDS: held, no epoch', async () => {
    await lookFor(3_000, () => phase() === 'healthy');
    pair.world.admin.killProcess('eu-west-1', policy.primary.instance);
    await lookFor(4_000, () => false);
    await lookFor(20_000, () => phase() === 'healthy');
    expect(reports.some(({ decision }) => decision.kind === 'hold' && decision.reason === 'gates-closed')).toBe(true);
    expect(reports.at(-1)?.record).toMatchObject({ phase: 'healthy', epoch: 0 });
  }, 40_000);

  test('a lost host: the replica leads, the writer goes on through the name, and the loss is within the bound', async () => {
    const writer = startWriter();
    await sleep(1_500);
    await lookFor(1_000, () => phase() === 'healthy');
    pair.world.admin.hostLost('eu-west-1', policy.primary.instance);
    const lostMs = Date.now();
    await lookFor(60_000, () => phase() === 'degraded');
    const before = writer.acknowledged.length;
    await sleep(3_000);
    await writer.stop();
    expect(reports.at(-1)?.record).toMatchObject({
      phase: 'degraded',
      epoch: 1,
      leader: { instance: 'ledger-replica' },
    });
    expect(writer.acknowledged.length).toBeGreaterThan(before);
    const rows = await pair.world.admin
      .instance('eu-central-1', policy.replica.instance)
      .query('select number from entry', [], 'ledger');
    const there = new Set(rows.map(({ number }) => Number(number)));
    const missing = writer.acknowledged.filter((number) => !there.has(number));
    const record = reports.at(-1)?.record;
    expect(missing.length * 0.005).toBeLessThanOrEqual(record?.lossSeconds ?? 0);
    expect(Date.now() - lostMs).toBeLessThan(60_000);
  }, 90_000);

  test('the old primary comes back: fenced, then a snapshot of it under the name of the pair and the epoch', async () => {
    pair.world.admin.return_('eu-west-1', policy.primary.instance);
    const salvaged = () => reports.at(-1)?.record.retired[0]?.intents.salvage?.doneAtMs !== undefined;
    await lookFor(40_000, salvaged);
    const rds = new RDSClient({ region: 'eu-west-1' });
    const { DBSnapshots } = await rds.send(
      new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'salvage-ledger-epoch-1' }),
    );
    expect(DBSnapshots?.[0]).toMatchObject({ DBInstanceIdentifier: policy.primary.instance, SnapshotType: 'manual' });
    expect(reports.at(-1)?.record.loss?.seconds).toBe(reports.at(-1)?.record.lossSeconds);
    rds.destroy();
  }, 60_000);
});
