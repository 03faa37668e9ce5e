import { expect, test } from '@jest/globals';
import type { Receipt } from '../../functions/failover/core/drills/drill.ts';
import type { NamesPolicy } from '../../functions/failover/core/policy.ts';
import type { InstanceShape } from '../../functions/failover/core/readiness.ts';
import type { ReadinessState } from '../../functions/failover/core/readiness-names.ts';
import type { TableSeen } from '../../functions/failover/core/readiness-record.ts';
import type { FailoverRecord } from '../../functions/failover/core/record.ts';
import { type WatchPorts, watchReadiness } from '../../functions/failover/run/readiness-watch.ts';
import { memoryDrills } from './drills/memory-drills.ts';
import { askedBook, pairRecord, policy, START_MS } from './drills/samples.ts';
import { memoryRecords } from './simulation/memory-records.ts';

const silent = async (): Promise<never> => {
  throw new Error('timeout');
};

/** A replica that was built anew, without its pair's tag. */
const shape: InstanceShape = {
  ...{ instance: 'ledger-replica-e3', resourceId: 'db-REBUILT', status: 'available', engineVersion: '16.4' },
  ...{ arn: 'arn:aws:rds:eu-central-1:111122223333:db:ledger-replica-e3', instanceClass: 'db.m8g.large' },
  ...{ securityGroups: [], backupRetentionDays: 7, storageGb: 100, isMultiAz: true, isProtected: true },
};

/** A pair of which nobody says anything, but the zone and the book of drills. */
const world = async (change: Partial<FailoverRecord> = {}, names: Partial<NamesPolicy> = {}) => {
  const pages: string[] = [];
  let state: ReadinessState | undefined;
  let table: TableSeen | undefined;
  let zone: { name: string; isPrivate: boolean } | undefined = { name: 'example.com.', isPrivate: false };
  const records = memoryRecords();
  await records.save({ ...pairRecord(), ...change, version: 1 }, 0);
  const drills = memoryDrills();
  const tagged: { instance: string; pair: string; drill: string | undefined }[] = [];
  const ports: WatchPorts = {
    records,
    recordTable: () => (table === undefined ? silent() : Promise.resolve(table)),
    recordPlan: { kind: 'dr-only', table: 'records', replicas: ['eu-central-1'] },
    observers: { guard: silent, witness: silent, replica: silent, resolve: silent },
    instances: {
      describe: async (region, instance) =>
        instance === 'reports' ? { ...shape, instance, source: region } : silent(),
    },
    names: { read: silent, readers: silent, swap: silent, answered: silent, inSync: silent, flip: silent },
    shapes: () => ({ shape: async (instance) => (instance === shape.instance ? shape : silent()) }),
    secrets: () => ({ view: async () => ({ isManagedByRds: false }) }),
    nameRecords: { zone: async () => zone, writerRecords: silent, healthCheckOn: silent },
    namesAlarm: (pair) => pair,
    drills,
    throwAways: async (region) => (region === 'eu-west-1' ? tagged : []),
    states: {
      load: async () => state,
      save: async (next, expected) => {
        if ((state?.version ?? 0) !== expected) return 'conflict';
        state = next;
        return 'saved';
      },
    },
    announce: { page: async (_pair, subject) => void pages.push(subject) },
    clock: { now: () => START_MS, sleep: async () => {} },
  };
  const login = { kind: 'secret', secretId: 'guard' } as const;
  return {
    ...{ pages, drills, tagged },
    tableIs: (next: TableSeen) => {
      table = next;
    },
    zoneIs: (next: typeof zone) => {
      zone = next;
    },
    look: async (name: string) =>
      (await watchReadiness(ports, { ...policy, names: { ...policy.names, ...names } }, login)).find(
        (check) => check.name === name,
      ),
  };
};
const receipt = (change: Partial<Receipt>): Receipt => ({
  ...{ pair: 'ledger', name: 'abc123', by: 'ada', why: 'w', startedMs: START_MS - 2, endedMs: START_MS - 1 },
  ...{ result: 'ok', reason: 'failed-over', measured: { rtoSeconds: 90, promoteSeconds: 40, phases: {} } },
  ...change,
});

test('a pair is told of at its first look, then of what is new, then that it is over; never twice of the same', async () => {
  const one = await world();
  await one.look('zone');
  await one.look('zone');
  expect(one.pages).toEqual(['ledger: not ready']);
  one.zoneIs(undefined);
  expect(await one.look('zone')).toMatchObject({ state: 'blocked' });
  await one.look('zone');
  expect(one.pages).toEqual(['ledger: not ready', 'ledger: not ready']);
});

test('the last drill that failed over is known by its promotion; a newer one that failed is told instead', async () => {
  const one = await world();
  expect((await one.look('drill'))?.sentence).toContain('No rehearsal is on record');
  await one.drills.keep(receipt({}));
  expect(await one.look('drill')).toMatchObject({
    state: 'ready',
    sentence: expect.stringContaining('40 s to promote'),
  });
  await one.drills.keep(
    receipt({ startedMs: START_MS, endedMs: START_MS, result: 'inconclusive', reason: 'no-snapshot' }),
  );
  expect((await one.look('drill'))?.state).toBe('ready');
  await one.drills.keep(
    receipt({
      startedMs: START_MS + 1,
      endedMs: START_MS + 1,
      result: 'failed',
      reason: 'overdue',
      measured: undefined,
    }),
  );
  expect(await one.look('drill')).toMatchObject({
    state: 'warning',
    sentence: expect.stringContaining('ended failed'),
  });
});

test('a throw-away that no drill under way knows is named; one of the drill under way, or of another pair, is not', async () => {
  const one = await world();
  one.tagged.push({ instance: 'mainstay-drill-ledger-abc123-a', pair: 'ledger', drill: 'abc123' });
  one.tagged.push({ instance: 'mainstay-drill-orders-999999-a', pair: 'orders', drill: '999999' });
  expect((await one.look('drill'))?.sentence).toContain('mainstay-drill-ledger-abc123-a.');
  await one.drills.save(askedBook(), 0);
  expect((await one.look('drill'))?.sentence).toContain('No rehearsal is on record');
});

test('a rebuilt candidate that lost the tag which IAM asks for is told to people', async () => {
  const one = await world({ candidate: { instance: 'ledger-replica-e3', region: 'eu-central-1' } });
  expect(await one.look('tag:ledger-replica-e3')).toMatchObject({
    state: 'blocked',
    fix: expect.stringContaining(`--resource-name ${shape.arn} --tags Key=mainstay:failover,Value=ledger`),
  });
});

test('RDS is asked about each further reader, in its region', async () => {
  const readers = [{ instance: 'reports', region: 'eu-west-1' }];
  const one = await world({}, { reader: 'ledger-ro.example.com', readers });
  expect((await one.look('reader:reports'))?.sentence).toContain('reports replicates eu-west-1,');
  expect(await (await world({}, { readers })).look('reader:reports')).toBeUndefined();
});

test('the table of the record is looked at, and told when it is eventually consistent', async () => {
  const one = await world();
  const alone = { consistency: 'one-region', replicas: [], witnesses: [], isProtected: true } as const;
  one.tableIs(alone);
  expect((await one.look('record'))?.state).toBe('ready');
  one.tableIs({ ...alone, consistency: 'eventual' });
  expect(await one.look('record')).toMatchObject({
    state: 'blocked',
    sentence: expect.stringContaining('records is eventually consistent over its regions'),
  });
  expect(one.pages).toEqual(['ledger: not ready', 'ledger: not ready']);
});
