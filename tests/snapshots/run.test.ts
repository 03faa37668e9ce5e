import { describe, expect, test } from '@jest/globals';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import { type InMemoryRds, openInMemoryRds } from '../../functions/snapshots/run/in-memory.ts';
import { linesOf } from '../../functions/snapshots/run/report.ts';
import { runSnapshots } from '../../functions/snapshots/run/run.ts';
import { readTrigger } from '../../functions/snapshots/run/trigger.ts';
import { database, hourly, settings, snapshot } from './samples.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');
const plenty = { remainingMs: () => 900_000 };

const world = (max?: number, ...ids: string[]): InMemoryRds => {
  const rds = openInMemoryRds(max ?? 100);
  rds.databases = (ids.length > 0 ? ids : ['orders']).map((id) => database(id));
  return rds;
};
const run = (rds: InMemoryRds, over = {}, nowMs = slot, deadline = plenty) =>
  runSnapshots(rds.ports, { ...settings, ...over }, deadline)({ nowMs, dryRun: false });

describe('one slot', () => {
  test('delivered twice, and a third time when the snapshot is made, is one snapshot', async () => {
    const rds = world();
    expect((await run(rds)).outcome).toMatchObject({ result: 'OK', counts: { created: 1 } });
    expect((await run(rds, {}, slot + 20 * 60_000)).outcome).toMatchObject({ result: 'OK', counts: { created: 0 } });
    rds.settle();
    await run(rds);
    expect(rds.snapshots).toHaveLength(1);
  });

  test('delivered at once to two runs that see the same is one snapshot, and both succeed', async () => {
    const rds = world(100, 'orders', 'ledger');
    const [one, two] = await Promise.all([run(rds), run(rds)]);
    expect(rds.snapshots).toHaveLength(2);
    expect([one?.outcome.result, two?.outcome.result]).toEqual(['OK', 'OK']);
    expect([...one.acts, ...two.acts].map((act) => act.kind === 'created' && act.how).sort()).toEqual([
      'found',
      'found',
      'new',
      'new',
    ]);
  });

  test('whose answer was lost after it was done is found, not asked for again', async () => {
    const rds = world();
    rds.faults.set('create orders', { answer: { kind: 'unknown', detail: 'timed out' }, after: true });
    expect((await run(rds)).acts).toMatchObject([{ kind: 'created', how: 'found' }]);
  });

  test('without an answer and without a snapshot is no success', async () => {
    const rds = world();
    rds.faults.set('create orders', { answer: { kind: 'unknown', detail: 'timed out' } });
    const { acts, outcome } = await run(rds);
    expect(acts).toMatchObject([{ kind: 'not-created', because: 'no-evidence' }]);
    expect(outcome.result).toBe('FAILED');
  });

  test('whose snapshot failed meanwhile gets another, under the next name', async () => {
    const rds = world();
    const first = await run(rds);
    rds.snapshots = rds.snapshots.map((one) => ({ ...one, status: 'failed' }));
    // Not seen when planning, as when RDS's list lags behind.
    rds.blind.add('snapshots');
    const { acts } = await run(rds);
    expect(acts).toMatchObject([{ kind: 'created', name: `${first.plan.creates[0]?.name}-2`, how: 'new' }]);
  });

  test('whose name somebody took gets a suffix', async () => {
    const rds = world();
    const first = await run(rds);
    const name = first.plan.creates[0]?.name ?? '';
    rds.snapshots = [snapshot(database('orders'), slot, { id: name, tags: {} })];
    // Not seen when planning, as when RDS's list lags behind.
    rds.blind.add('snapshots');
    const { acts } = await run(rds);
    expect(acts).toMatchObject([{ kind: 'created', name: `${name}-2`, how: 'new' }]);
    expect(rds.snapshots.find(({ id }) => id === `${name}-2`)?.tags['mainstay:snapshot']).toBe(`${name}-2`);
  });

  test('whose state changed since the look is deferred, and one whose database is gone is no error', async () => {
    const rds = world(100, 'orders', 'ledger');
    rds.faults.set('create orders', { answer: { kind: 'wrong-state', detail: 'modifying' } });
    rds.faults.set('create ledger', { answer: { kind: 'gone' } });
    const { outcome, acts } = await run(rds);
    expect(acts).toMatchObject([{ because: 'deferred' }, { because: 'gone' }]);
    expect(outcome).toMatchObject({ result: 'OK', counts: { deferred: 1, failed: 0 } });
  });

  test('of one database that is refused does not stop the others', async () => {
    const rds = world(100, 'a', 'b', 'c');
    rds.faults.set('create b', { answer: { kind: 'refused', detail: 'KMSKeyNotAccessibleFault' } });
    const { outcome } = await run(rds);
    expect(outcome).toMatchObject({ result: 'PARTIAL', counts: { created: 2, failed: 1 } });
  });

  test('after the first "quota full" asks for no more of that kind', async () => {
    const rds = world(100, 'a', 'b', 'c');
    rds.databases.push(database('aurora', { kind: 'cluster', engine: 'aurora-mysql' }));
    rds.faults.set('create a', {
      answer: { kind: 'quota-full', detail: 'Cannot create more than 100 manual snapshots' },
    });
    const { acts, outcome } = await run(rds);
    expect(rds.calls.filter((call) => call.startsWith('create'))).toHaveLength(2);
    expect(acts.map((act) => act.kind)).toEqual(['not-created', 'not-created', 'not-created', 'created']);
    expect(outcome.result).toBe('PARTIAL');
  });

  test('with no time left stops cleanly and says what it did not reach', async () => {
    const rds = world(100, 'a', 'b', 'c');
    let left = 2;
    const { acts, outcome } = await run(rds, {}, slot, { remainingMs: () => (left-- > 0 ? 60_000 : 0) });
    expect(acts.map((act) => ('because' in act ? act.because : act.kind))).toEqual([
      'created',
      'created',
      'out-of-time',
    ]);
    expect(outcome.result).toBe('PARTIAL');
  });
});

describe('expiry', () => {
  const orders = database('orders');
  const full = () => {
    const rds = world();
    rds.snapshots = [
      ...hourly(orders, slot - HOUR_MS, 6),
      snapshot(orders, slot - 90 * HOUR_MS, { id: 'final-before-migration', tags: {} }),
    ];
    return rds;
  };

  test('only plans until it is armed, and says what it would delete', async () => {
    const rds = full();
    const done = await run(rds, { expiry: 'plan' });
    expect(rds.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
    expect(done.outcome.counts).toMatchObject({ wouldDelete: 3, deleted: 0 });
    expect(linesOf(done).filter((line) => line.includes('would be deleted: expiry is not armed'))).toHaveLength(3);
    expect(done.outcome.result).toBe('OK');
  });

  test('when armed deletes exactly what was planned, and nothing of others', async () => {
    const rds = full();
    const done = await run(rds);
    const planned = done.plan.deletes.map(({ id }) => `delete ${id}`);
    expect(planned).toHaveLength(3);
    expect(rds.calls.filter((call) => call.startsWith('delete'))).toEqual(planned);
    expect(rds.snapshots.map(({ id }) => id)).toContain('final-before-migration');
  });

  test('takes "gone already" for done, a state for later, and a missing permission once', async () => {
    const rds = full();
    const [a, b] = (await run(rds, { expiry: 'plan' })).plan.deletes;
    rds.faults.set(`delete ${a?.id}`, { answer: { kind: 'already-gone' } });
    rds.faults.set(`delete ${b?.id}`, { answer: { kind: 'forbidden', detail: 'AccessDenied' } });
    rds.calls = [];
    const { acts, outcome } = await run(rds);
    expect(acts.filter(({ kind }) => kind !== 'created')).toMatchObject([
      { kind: 'deleted', how: 'already-gone' },
      { kind: 'not-deleted', because: 'refused' },
      { kind: 'not-deleted', because: 'refused' },
    ]);
    expect(rds.calls).toHaveLength(2);
    expect(outcome.result).toBe('PARTIAL');
  });

  test('that is refused for one snapshot goes on with the others, and the run is PARTIAL', async () => {
    const rds = full();
    const [a] = (await run(rds, { expiry: 'plan' })).plan.deletes;
    rds.faults.set(`delete ${a?.id}`, { answer: { kind: 'refused', detail: 'a service control policy' } });
    const { outcome } = await run(rds);
    expect(outcome).toMatchObject({ result: 'PARTIAL', counts: { deleted: 2, notDeleted: 1 } });
  });

  test('with creation broken for a month ends with every backup still there', async () => {
    const rds = full();
    rds.faults.set('create orders', { answer: { kind: 'refused', detail: 'InvalidParameterValue' } });
    const before = rds.snapshots.length;
    for (let hour = 0; hour < 24 * 30; hour += 5)
      await run(rds, { policy: { keepWithinHours: 2 } }, slot + hour * HOUR_MS);
    expect(rds.snapshots.length).toBeGreaterThanOrEqual(before - 4);
    expect(rds.snapshots.filter(({ tags }) => 'mainstay:stack' in tags).length).toBeGreaterThanOrEqual(2);
  });

  test('over three days of armed hours keeps what the policy says, and is never without a good one', async () => {
    const rds = world();
    for (let hour = 0; hour < 72; hour++) {
      const done = await run(rds, { policy: { keepHourly: 6, keepDaily: 3 } }, slot + hour * HOUR_MS);
      expect(done.outcome.result).toBe('OK');
      rds.settle();
      expect(rds.snapshots.length).toBeGreaterThan(0);
    }
    expect(rds.snapshots.length).toBeLessThanOrEqual(6 + 3 + 1);
    expect(rds.snapshots.length).toBeGreaterThanOrEqual(8);
  });
});

describe('what cannot be seen', () => {
  test('of the snapshots costs no backup: the name says which slot it is of', async () => {
    const rds = world();
    rds.blind.add('snapshots');
    expect((await run(rds)).outcome).toMatchObject({ result: 'PARTIAL', counts: { created: 1 } });
    expect((await run(rds)).acts).toMatchObject([{ kind: 'created', how: 'found' }]);
  });

  test('of the databases is a failure when it is all, and deletes nothing', async () => {
    const rds = world();
    rds.snapshots = hourly(database('orders'), slot - HOUR_MS, 9);
    rds.blind.add('databases');
    const { outcome, acts } = await run(rds);
    expect(outcome.result).toBe('FAILED');
    expect(acts).toEqual([]);
  });

  test('of the clusters leaves the instances theirs', async () => {
    const rds = world();
    rds.blind.add('databases cluster');
    expect((await run(rds)).outcome).toMatchObject({ result: 'PARTIAL', counts: { created: 1 } });
  });

  test('of the keys keeps what they encrypt; each is asked about once, and only for snapshots of ours', async () => {
    const rds = world();
    const orders = database('orders');
    const encrypted = { encrypted: true, kmsKeyId: 'key-a' };
    rds.snapshots = [
      ...hourly(orders, slot - HOUR_MS, 6).map((one) => ({ ...one, ...encrypted })),
      snapshot(orders, slot - 90 * HOUR_MS, { id: 'by-hand', tags: {}, encrypted: true, kmsKeyId: 'key-of-others' }),
    ];
    const asked: string[] = [];
    const { keys } = rds.ports;
    rds.ports.keys = {
      state: (id) => {
        asked.push(id);
        return keys.state(id);
      },
    };
    expect((await run(rds)).plan.deletes).toEqual([]);
    expect(asked).toEqual(['key-a']);
    rds.keys.set('key-a', 'usable');
    expect((await run(rds)).plan.deletes).not.toEqual([]);
  });

  test('of what people ordered deletes nothing, and takes what is due', async () => {
    const rds = world();
    rds.snapshots = hourly(database('orders'), slot - HOUR_MS, 6);
    rds.blind.add('orders');
    const { outcome, plan } = await run(rds);
    // Not even planned: the look right before each deletion would stop it, too, and hide that.
    expect(plan.deletes).toEqual([]);
    expect(outcome).toMatchObject({ result: 'PARTIAL', counts: { created: 1, deleted: 0 } });
    expect(rds.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
  });

  test('of the copies under way deletes nothing; what is being copied stays, the rest goes', async () => {
    const copies = {
      everyHours: 1,
      policy: { keepDaily: 7 },
      minKeep: 1,
      kmsKeyId: 'k',
      encryptCopies: 'required',
      optionGroups: {},
      maxInFlight: 15,
    } as const;
    const rds = world();
    rds.snapshots = hourly(database('orders'), slot - HOUR_MS, 6);
    expect((await run(rds, { copies })).outcome.counts.deleted).toBe(0);
    rds.copying = new Set();
    rds.blind.add('copies');
    expect((await run(rds, { copies })).outcome.counts.deleted).toBe(0);
    rds.blind.clear();
    const copied = rds.snapshots[4];
    rds.copying = new Set([copied?.arn ?? '']);
    const { outcome } = await run(rds, { copies });
    expect(outcome.counts.deleted).toBeGreaterThan(0);
    expect(rds.snapshots).toContainEqual(copied);
  });

  test('by the people who should read the notice costs no backup', async () => {
    const rds = world();
    rds.blind.add('reports');
    const done = await run(rds);
    expect(done.outcome.counts.created).toBe(1);
    expect(done.noticeFailed).toBe('no answer about reports');
  });
});

test('a dry run is the same plan, and touches nothing', async () => {
  const rds = world();
  const dry = await runSnapshots(rds.ports, settings, plenty)({ nowMs: slot, dryRun: true });
  expect([rds.calls, rds.notices]).toEqual([[], []]);
  expect((await run(rds)).plan).toEqual(dry.plan);
});

test('a notice has its result, a subject that fits, and the worst first', async () => {
  const rds = world(100, ...Array.from({ length: 700 }, (_, index) => `database-${index}`));
  rds.quotas = [{ kind: 'instance', max: 2000, used: 0 }];
  rds.faults.set('create database-699', { answer: { kind: 'refused', detail: 'no' } });
  await run(rds, {});
  const [notice] = rds.notices;
  expect(notice?.result).toBe('PARTIAL');
  expect(notice?.subject.length).toBeLessThanOrEqual(100);
  expect(notice?.text.length).toBeLessThan(256 * 1024);
  expect(notice?.text).toMatch(/… and \d+ more/);
});

describe('the trigger', () => {
  test('gives the slot by its scheduled time, however late it comes', () => {
    const event = { kind: 'schedule', scheduledTime: '2026-08-14T10:00:00Z' };
    expect(readTrigger(event, slot + 50 * 60_000)).toEqual({ kind: 'run', request: { nowMs: slot, dryRun: false } });
  });

  test('that comes when its slot is over is of the slot of now: nothing new carries an hour of the past', () => {
    const event = { kind: 'schedule', scheduledTime: '2026-08-14T10:00:00Z' };
    const nowMs = slot + HOUR_MS + 60_000;
    expect(readTrigger(event, nowMs)).toEqual({ kind: 'run', request: { nowMs, dryRun: false } });
    expect(readTrigger({ kind: 'command', verb: 'run', at: '2026-08-14T10:00:00Z' }, nowMs)).toEqual({
      kind: 'run',
      request: { nowMs, dryRun: false },
    });
  });

  test('as a command to act is never of a slot that is still to come', () => {
    const nowMs = slot + 60_000;
    expect(readTrigger({ kind: 'command', verb: 'run', at: '2026-08-14T15:00:00Z' }, nowMs)).toEqual({
      kind: 'run',
      request: { nowMs, dryRun: false },
    });
  });

  test('as a command plans for the moment that it names, else for now', () => {
    expect(readTrigger({ kind: 'command', verb: 'plan', at: '2026-08-14T10:00:00Z' }, 1)).toEqual({
      kind: 'run',
      request: { nowMs: slot, dryRun: true },
    });
    expect(readTrigger({ kind: 'command', verb: 'plan' }, 1)).toEqual({
      kind: 'run',
      request: { nowMs: 1, dryRun: true },
    });
  });

  test('as messages to itself says where to go on, each by its own', () => {
    const record = (messageId: string, part: number) => ({
      messageId,
      eventSource: 'aws:sqs',
      body: JSON.stringify({ kind: 'continue', slot: '2026-08-14T10:00:00Z', part }),
    });
    expect(readTrigger({ Records: [record('a', 1), record('b', 2)] }, slot)).toEqual({
      kind: 'continue',
      messages: [
        { messageId: 'a', slotMs: slot, part: 1 },
        { messageId: 'b', slotMs: slot, part: 2 },
      ],
    });
    const schedule = { ...record('c', 1), body: '{"kind":"schedule","scheduledTime":"2026-08-14T10:00:00Z"}' };
    expect(() => readTrigger({ Records: [schedule] }, slot)).toThrow(/a message of kind schedule/);
    expect(() => readTrigger({ Records: [{ ...record('d', 1), body: 'go on' }] }, slot)).toThrow(/no trigger/);
  });

  test.each([
    {},
    { kind: 'schedule' },
    { kind: 'schedule', scheduledTime: 'noon' },
    { kind: 'command', verb: 'delete' },
    null,
  ])('of another shape is refused: %j', (event) => {
    expect(() => readTrigger(event, 1)).toThrow(/no trigger of the snapshots function/);
  });
});

test('a tag on what no snapshot is taken of is said in the report, and one that was never asked for is not', async () => {
  const rds = world(100, 'orders');
  rds.databases = [
    ...rds.databases,
    database('docs', { engine: 'docdb', kind: 'cluster' }),
    database('copy', { engine: 'sqlserver-ee', replicaOf: 'sales' }),
    database('graph', { engine: 'neptune', kind: 'cluster', tags: {} }),
  ];
  const lines = linesOf(await run(rds));
  expect(lines.filter((line) => line.includes('gets none')).sort()).toEqual([
    "cluster docs gets none: its engine docdb is another service's.",
    'copy gets none: RDS takes no snapshots of sqlserver-ee read replicas.',
  ]);
});
