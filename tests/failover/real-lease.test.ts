import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { rdsDoor } from '../../functions/failover/aws/door.ts';
import { rdsInstances } from '../../functions/failover/aws/instances.ts';
import { dynamoLeases } from '../../functions/failover/aws/lease-store.ts';
import { primarySql } from '../../functions/failover/aws/postgres.ts';
import { dynamoRecords } from '../../functions/failover/aws/record-store.ts';
import { leaseWaitMs } from '../../functions/failover/core/lease.ts';
import type { Policy } from '../../functions/failover/core/policy.ts';
import { guardTick } from '../../functions/failover/run/guard-tick.ts';
import { loop } from '../../functions/failover/run/loop.ts';
import type { LeaseStore } from '../../functions/failover/run/ports.ts';
import type { ReconcilerPorts, StepReport } from '../../functions/failover/run/reconcile.ts';
import { openGlobalTables } from '../../local/dynamodb/global-tables.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { openFaults } from '../../local/gateway/faults.ts';
import { leaseKey } from '../../shared/config/record.ts';
import { openDatabase } from '../../shared/database/login.ts';
import { describeWithEngines } from '../engine.ts';
import { clientSettings, serve } from '../local-rds/aws-server.ts';
import { policy as confirmed, openPair } from './real/pair.ts';

const [PRIMARY, RECOVERY, WITNESS] = ['eu-west-1', 'eu-central-1', 'eu-west-3'] as const;
/** Record and lease beside each other, as in failover.record: { kind: mrsc }. */
const TABLE = 'records';
const TTL_SECONDS = 3;
const policy: Policy = {
  ...confirmed,
  fence: 'lease',
  lease: { table: TABLE, seconds: TTL_SECONDS },
  maxLossSeconds: 60,
};

const leasesFrom = (region: string): LeaseStore =>
  dynamoLeases(
    () => TABLE,
    region,
    [PRIMARY, RECOVERY],
    (pair) => leaseKey({}, pair),
  );

/** Somebody inside the primary's region, who never asks DNS: writes numbered rows to the old endpoint as long as it takes them. */
const stubbornWriter = (host: string) => {
  const acknowledged: { number: number; atMs: number }[] = [];
  let going = true;
  const work = (async () => {
    for (let number = 1_000_000; going; number += 1) {
      try {
        const database = await openDatabase(
          { kind: 'secret', secretId: 'app' },
          { region: PRIMARY, host, timeoutMs: 1_000 },
        );
        try {
          for (; going; number += 1) {
            await database.query('insert into entry values ($1)', [number]);
            acknowledged.push({ number, atMs: Date.now() });
            await sleep(20);
          }
        } finally {
          await database.close().catch(() => {});
        }
      } catch {
        await sleep(100);
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

await describeWithEngines(['postgres', 'dynamodb'], 'a real pair with record and lease in three regions', () => {
  let pair: Awaited<ReturnType<typeof openPair>>;
  let run: Run;
  let server: Awaited<ReturnType<typeof serve>>;
  let ports: ReconcilerPorts;
  let writer: ReturnType<typeof stubbornWriter>;
  let guarding: Promise<unknown>;
  let isOver = false;
  const faults = openFaults();
  const reports: StepReport[] = [];
  const said: { sentence: string; atMs: number }[] = [];
  const phase = () => reports.at(-1)?.record.phase;
  const oldPrimary = () => pair.world.admin.instance(PRIMARY, policy.primary.instance);

  const makeTable = async (): Promise<void> => {
    const client = new DynamoDBClient(clientSettings(PRIMARY, server.endpoint));
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
    await client.send(
      new UpdateTableCommand({
        TableName: TABLE,
        MultiRegionConsistency: 'STRONG',
        ReplicaUpdates: [{ Create: { RegionName: RECOVERY } }],
        GlobalTableWitnessUpdates: [{ Create: { RegionName: WITNESS } }],
      }),
    );
    client.destroy();
  };

  /** The guard's ticks, one after the other, in the primary's region: what is cut off is cut off from it, too. */
  const guard = async (): Promise<void> => {
    const clock = { now: Date.now, sleep: (ms: number) => sleep(ms).then(() => {}) };
    const guardPorts = {
      region: PRIMARY,
      instances: { ...rdsInstances(PRIMARY), ...rdsDoor(PRIMARY) },
      sql: primarySql({ kind: 'secret', secretId: 'guard' }, PRIMARY),
      leases: leasesFrom(PRIMARY),
      clock,
      now: clock.now,
    };
    while (!isOver) {
      const endMs = Date.now() + 30_000;
      await guardTick([[guardPorts, policy, policy.primary]], {
        all: rdsInstances(policy.primary.region).all,
        remainingMs: () => (isOver ? 0 : endMs - Date.now()),
        said: (sentence) => said.push({ sentence, atMs: Date.now() }),
      });
    }
  };

  beforeAll(async () => {
    pair = await openPair();
    run = await openRun({ owner: 'failover-real-lease' });
    const { port } = await startDynamoDb(run);
    server = await serve(openGlobalTables({ upstream: { host: '127.0.0.1', port }, isCut: faults.isCut }));
    process.env.AWS_ENDPOINT_URL_DYNAMODB = server.endpoint;
    await makeTable();
    const { guard: ask, witness } = pair.ports.observers;
    const uncut = (from: string, to: string): void => {
      if (faults.isCut(from, to)) throw new Error('timeout');
    };
    ports = {
      ...pair.ports,
      records: dynamoRecords(TABLE, RECOVERY),
      leases: leasesFrom(RECOVERY),
      observers: {
        ...pair.ports.observers,
        guard: async (...asked) => {
          uncut(RECOVERY, asked[0].region);
          return ask(...asked);
        },
        witness: async (...asked) => {
          uncut(RECOVERY, WITNESS);
          if (!faults.isCut(WITNESS, asked[0].region)) return witness(...asked);
          return { atMs: Date.now(), guard: { kind: 'no-answer', because: 'timeout' } };
        },
      },
      fencing: {
        ...pair.ports.fencing,
        fence: async (order) => {
          uncut(RECOVERY, order.target.region);
          return pair.ports.fencing.fence(order);
        },
      },
    };
    writer = stubbornWriter(oldPrimary().endpointName);
    guarding = guard();
  }, 120_000);
  afterEach(() => faults.clear());
  afterAll(async () => {
    isOver = true;
    await writer?.stop();
    await guarding?.catch(() => {});
    await pair?.stop();
    await server?.stop();
    await run?.stop();
  }, 60_000);

  const lookFor = async (ms: number, until: () => boolean): Promise<void> => {
    const endMs = Date.now() + ms;
    while (Date.now() < endMs && !until()) {
      await loop(ports, policy, {
        remainingMs: () => (until() ? 0 : Math.min(endMs - Date.now(), 9_500)),
        said: (report) => reports.push(report),
        failed: () => {},
      });
    }
  };
  const rate = (fromMs: number) => writer.acknowledged.filter(({ atMs }) => atMs > fromMs).length;

  test('its guard renews, notes it on the instance, and promises to close', async () => {
    const seen = () => reports.at(-1)?.decision.situation.lease;
    await lookFor(20_000, () => seen()?.closesAfterSeconds !== undefined && phase() === 'healthy');
    expect(seen()).toMatchObject({ holder: PRIMARY, closesAfterSeconds: TTL_SECONDS });
    expect(await rdsInstances(PRIMARY).describe(policy.primary.instance)).toMatchObject({ isLeased: true });
  }, 40_000);

  test('the recovery region is lost for three times the ttl: the leader takes writes all the time', async () => {
    faults.add({ kind: 'region-cut', region: RECOVERY });
    pair.world.admin.cutLink(RECOVERY, policy.replica.instance);
    const sinceMs = Date.now();
    for (let at = 1; at <= TTL_SECONDS * 3; at += 1) {
      await sleep(1_000);
      expect(rate(Date.now() - 1_000)).toBeGreaterThan(5);
    }
    expect(said.filter(({ atMs }) => atMs > sinceMs)).toEqual([]);
    // Who reaches nobody else cannot even read who leads; in the other region it is read.
    await expect(dynamoRecords(TABLE, RECOVERY).load('ledger')).rejects.toThrow();
    expect(await dynamoRecords(TABLE, PRIMARY).load('ledger')).toMatchObject({ phase: 'healthy', epoch: 0 });
    faults.clear();
    pair.world.admin.healLink(RECOVERY, policy.replica.instance);
    await lookFor(20_000, () => phase() === 'healthy' && (reports.at(-1)?.decision.situation.receiving ?? false));
    expect(reports.at(-1)?.record).toMatchObject({ phase: 'healthy', epoch: 0 });
  }, 60_000);

  test('the primary region is cut off, its writers going on inside: its guard shuts it, and only then another one leads', async () => {
    const cutMs = Date.now();
    faults.add({ kind: 'region-cut', region: PRIMARY });
    pair.world.admin.cutLink(RECOVERY, policy.replica.instance);
    await lookFor(leaseWaitMs(TTL_SECONDS) + 40_000, () => phase() === 'degraded');
    const { record } = reports.at(-1) as StepReport;
    expect(record).toMatchObject({ phase: 'degraded', epoch: 1, leader: { instance: policy.replica.instance } });

    // It went on for as long as its guard might believe in the lease, and was shut out from inside.
    const lastMs = writer.acknowledged.at(-1)?.atMs ?? 0;
    expect(lastMs).toBeGreaterThan(cutMs + 1_000);
    expect(said.some(({ sentence }) => sentence.includes('could not be renewed for 3 s: its leader is shut out'))).toBe(
      true,
    );
    expect(await rdsInstances(PRIMARY).describe(policy.primary.instance)).toMatchObject({
      securityGroups: [{ id: 'sg-fenced' }],
    });
    // The wait is the arithmetic's, though the guard was quicker.
    const promotingMs = record.passed.promoting ?? 0;
    expect(promotingMs - cutMs).toBeGreaterThan(leaseWaitMs(TTL_SECONDS) - (TTL_SECONDS * 1000) / 3 - 1_000);
    expect(lastMs).toBeLessThan(promotingMs);

    // Not one row on the old one since, acknowledged or not, by its own count.
    const openedMs = record.passed.verifying ?? promotingMs;
    await sleep(3_000);
    expect(rate(openedMs)).toBe(0);
    const newest = writer.acknowledged.at(-1)?.number ?? 0;
    const later = await oldPrimary().query('select number from entry where number > $1', [newest + 1], 'ledger');
    expect(later).toEqual([]);
    const lostSeconds = (lastMs - cutMs) / 1000;
    expect(record.lossSeconds).toBeGreaterThanOrEqual(lostSeconds);
    expect(record.lossSeconds).toBeLessThanOrEqual(policy.maxLossSeconds);
  }, 180_000);

  test('the region comes back, and with it a guard whose lease was taken: the old primary stays shut', async () => {
    const before = writer.acknowledged.length;
    faults.clear();
    // A step that began in the cut asks a door which it cannot reach twice, and may take 12 s.
    await lookFor(25_000, () => said.at(-1)?.sentence.includes('was taken by the other region') === true);
    await lookFor(5_000, () => false);
    expect(await dynamoRecords(TABLE, PRIMARY).load('ledger')).toMatchObject({ phase: 'degraded', epoch: 1 });
    expect(writer.acknowledged).toHaveLength(before);
  }, 60_000);
});
