import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { recordCopyMetrics } from '../../functions/snapshots/aws/copies/metrics.ts';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import type { Confirmation } from '../../functions/snapshots/core/inventory.ts';
import { type CopyRequest, type CopyRun, runCopies } from '../../functions/snapshots/run/copies/copies.ts';
import { type InMemoryCopies, openInMemoryCopies } from '../../functions/snapshots/run/copies/in-memory.ts';
import { copyLinesOf, copyReportOf } from '../../functions/snapshots/run/copies/report.ts';
import { serveCopies } from '../../functions/snapshots/run/copies/serve.ts';
import { readCopyTrigger } from '../../functions/snapshots/run/copies/trigger.ts';
import { copyOf, database, recovery, copySettings as settings, snapshot } from './copies-samples.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');
const plenty = { remainingMs: () => 900_000 };
const key = settings.copies.kmsKeyId;

const world = (ids: readonly string[] = ['orders'], max?: number): InMemoryCopies => {
  const copies = openInMemoryCopies(recovery, max);
  copies.keys[key] = 'usable';
  copies.source.databases = ids.map((id) => database(id));
  copies.source.snapshots = copies.source.databases.map((one) => snapshot(one, slot));
  return copies;
};
const run = (copies: InMemoryCopies, over: Partial<CopyRequest> & { rules?: object } = {}, deadline = plenty) => {
  const { rules, ...request } = over;
  return runCopies(
    copies.ports,
    { ...settings, ...rules },
    deadline,
  )({
    nowMs: slot + 10 * 60_000,
    dryRun: false,
    tellAgain: false,
    ...request,
  });
};
/** What would be in the log line, and the series of single databases. */
const recorded = (done: CopyRun, as: 'run' | 'dry-run' = 'run', over = {}) => {
  const all: Record<string, number> = {};
  const single: object[] = [];
  const into = (series: object) => ({
    addDimension: (name: string, value: string) => name === 'database' && Object.assign(series, { database: value }),
    addMetric: (name: string, _unit: string, value: number) => Object.assign(series, { [name]: value }),
  });
  const metrics = {
    ...into(all),
    singleMetric: () => {
      single.push({});
      return into(single.at(-1) ?? {});
    },
  };
  recordCopyMetrics(metrics as never, 'test', { ...settings, ...over }, { run: done, as });
  return { all, single };
};
const everyHours = (hours: number) => ({ copies: { ...settings.copies, everyHours: hours } });

describe('a run', () => {
  test('copies, encrypted and tagged, once, however often and at once it comes', async () => {
    const copies = world(['orders', 'ledger']);
    const [one, two] = await Promise.all([run(copies), run(copies)]);
    expect([one?.outcome.result, two?.outcome.result]).toEqual(['OK', 'OK']);
    expect([...one.acts, ...two.acts].map((act) => act.kind === 'started' && act.how).sort()).toEqual([
      'found',
      'found',
      'new',
      'new',
    ]);
    expect((await run(copies)).outcome).toMatchObject({ result: 'OK', counts: { started: 0, inProgress: 2 } });
    copies.settle();
    expect((await run(copies)).outcome).toMatchObject({ result: 'OK', withoutGood: 0, worstAgeMs: 10 * 60_000 });
    expect(copies.destination.snapshots).toMatchObject([
      { status: 'available', encrypted: true, kmsKeyId: key, tags: { 'mainstay:stack': 'mainstay-test' } },
      { status: 'available' },
    ]);
  });

  test('that is dry plans the same, and touches nothing', async () => {
    const copies = world();
    const dry = await run(copies, { dryRun: true });
    expect([copies.calls, copies.notices, copies.destination.snapshots]).toEqual([[], [], []]);
    expect(copyReportOf(dry, true)).toMatchObject({
      result: 'OK',
      dryRun: true,
      sentence: expect.stringContaining('1 to start'),
    });
    expect((await run(copies)).plan).toEqual(dry.plan);
  });

  test('whose answer was lost after it was done finds the copy; without one it is no success', async () => {
    const copies = world(['orders', 'ledger']);
    const [orders, ledger] = copies.source.snapshots.map(({ id }) => id);
    copies.faults.set(orders ?? '', { answer: { kind: 'unknown', detail: 'timed out' }, after: true });
    copies.faults.set(ledger ?? '', { answer: { kind: 'unknown', detail: 'timed out' } });
    const { acts, outcome } = await run(copies);
    expect(acts.map((act) => ('because' in act ? act.because : act.kind))).toEqual(
      expect.arrayContaining(['started', 'no-evidence']),
    );
    expect(outcome.result).toBe('PARTIAL');
  });

  test('asks for a name that somebody took meanwhile once, and says whose it is not', async () => {
    const copies = world();
    const [source] = copies.source.snapshots;
    const name = source?.id ?? '';
    const { copy } = copies.ports.destination.copier;
    copies.ports.destination.copier.copy = async (request) => {
      copies.destination.snapshots = [snapshot(database('another'), slot, { id: name })];
      return copy(request);
    };
    expect((await run(copies)).acts).toMatchObject([{ kind: 'not-started', because: 'name-taken' }]);
    expect(copies.calls).toEqual([name]);
  });

  test('whose name is taken by what is not to be seen yet says that nobody knows, for it may be ours', async () => {
    const copies = world();
    const [source] = copies.source.snapshots;
    copies.faults.set(source?.id ?? '', { answer: { kind: 'already-exists' } });
    const { acts } = await run(copies);
    expect(acts).toMatchObject([{ kind: 'not-started', because: 'no-evidence' }]);
  });

  test('does not fail when its notice does', async () => {
    const copies = world();
    copies.ports.reports.publish = () => Promise.reject(new Error('topic full'));
    const done = await run(copies, { tellAgain: true });
    expect(done).toMatchObject({ noticeFailed: 'topic full', outcome: { result: 'OK', counts: { started: 1 } } });
  });

  test('with no time left stops cleanly, and the next one goes on where it is', async () => {
    const copies = world(['a', 'b', 'c', 'd']);
    let left = 2;
    const first = await run(copies, {}, { remainingMs: () => (left-- > 0 ? 60_000 : 0) });
    expect(first.outcome).toMatchObject({ result: 'PARTIAL', counts: { started: 2, failed: 2 } });
    expect((await run(copies)).outcome).toMatchObject({ result: 'OK', counts: { started: 2, inProgress: 2 } });
    expect(copies.destination.snapshots).toHaveLength(4);
  });

  test('lists the source’s snapshots only where something is due', async () => {
    const copies = world();
    let lists = 0;
    const { list } = copies.ports.source.snapshots;
    copies.ports.source.snapshots = {
      list: (kind) => {
        lists++;
        return list(kind);
      },
    };
    await run(copies);
    expect(lists).toBe(1);
    await run(copies);
    expect(lists).toBe(1);
  });
});

describe('the limit of copies on their way', () => {
  const ids = Array.from({ length: 50 }, (_, index) => `db${index}`);

  test('is kept, and fifty databases are served in rounds', async () => {
    const copies = world(ids, 200);
    copies.mostInFlight = settings.copies.maxInFlight;
    for (let round = 0; round < 4; round++) {
      const { outcome } = await run(copies);
      expect(outcome.result).toBe('OK');
      expect(copies.destination.snapshots.filter(({ status }) => status === 'creating').length).toBeLessThanOrEqual(15);
      copies.settle();
    }
    expect(copies.destination.snapshots).toHaveLength(50);
    expect((await run(copies)).outcome).toMatchObject({ withoutGood: 0, counts: { started: 0, waiting: 0 } });
  });

  test('that RDS sees sooner than we do is one refusal, no error, and the rest waits', async () => {
    const copies = world(ids, 200);
    copies.mostInFlight = 3;
    const { outcome } = await run(copies);
    expect(copies.calls).toHaveLength(4);
    expect(outcome).toMatchObject({ result: 'OK', counts: { started: 3, failed: 0 } });
    expect(copies.notices).toEqual([]);
  });

  test('of people’s copies leaves them their place', async () => {
    const copies = world(['orders']);
    const foreign = snapshot(database('theirs'), slot, { tags: {}, status: 'creating' });
    copies.destination.snapshots = Array.from({ length: 15 }, (_, index) => ({
      ...foreign,
      id: `theirs-${index}`,
      arn: `arn:aws:rds:${recovery}:111122223333:snapshot:theirs-${index}`,
      sourceArn: foreign.arn,
    }));
    expect((await run(copies)).outcome.counts).toMatchObject({ started: 0, waiting: 1, inFlight: 15 });
  });
});

describe('what RDS refuses', () => {
  const refused = async (answer: Parameters<InMemoryCopies['faults']['set']>[1]['answer'], ids = ['a', 'b', 'c']) => {
    const copies = world(ids);
    for (const { id } of copies.source.snapshots) copies.faults.set(id, { answer });
    const done = await run(copies);
    return { copies, done, because: done.acts.map((act) => ('because' in act ? act.because : act.kind)) };
  };

  test('for the key is said once, asked once, and one notice goes out', async () => {
    const { copies, done, because } = await refused({ kind: 'key-refused', detail: 'KMSKeyNotAccessibleFault' });
    expect(because).toEqual(['key-refused', 'key-refused-before', 'key-refused-before']);
    expect(copies.calls).toHaveLength(1);
    expect(done.outcome.result).toBe('FAILED');
    expect(copies.notices).toMatchObject([
      { result: 'FAILED', text: expect.stringContaining('snapshots.copies.kmsKeyId') },
    ]);
  });

  test('for the source’s key, as far as anybody knows, stops that database alone', async () => {
    const copies = world(['a', 'b']);
    copies.source.snapshots = copies.source.snapshots.map((one, index) =>
      index === 0 ? { ...one, encrypted: true, kmsKeyId: 'unasked' } : one,
    );
    copies.faults.set(copies.source.snapshots[0]?.id ?? '', { answer: { kind: 'key-refused', detail: 'k' } });
    const { acts } = await run(copies);
    expect(acts).toMatchObject([{ because: 'source-key-refused' }, { kind: 'started' }]);
  });

  test('for the quota stops that kind: one call, one alarm', async () => {
    const { copies, done, because } = await refused({ kind: 'quota-full', detail: 'Cannot create more than 100' });
    expect([because, copies.calls.length]).toEqual([['quota', 'quota', 'quota'], 1]);
    expect(done.outcome.result).toBe('FAILED');
    expect(copies.notices).toHaveLength(1);
  });

  test('for a quota in words that say nothing is settled by the quota’s own figures', async () => {
    expect((await refused({ kind: 'quota-unclear', detail: 'exceeded' })).because[0]).toBe('in-flight-limit');
    const full = world(['a'], 1);
    full.destination.quotas = [{ kind: 'instance', max: 1, used: 0 }];
    full.faults.set(full.source.snapshots[0]?.id ?? '', { answer: { kind: 'quota-unclear', detail: 'exceeded' } });
    const { read } = full.ports.destination.quotas;
    let asked = 0;
    full.ports.destination.quotas.read = () =>
      asked++ === 0 ? read() : Promise.resolve([{ kind: 'instance' as const, max: 1, used: 1 }]);
    expect((await run(full)).acts).toMatchObject([{ because: 'quota' }]);
  });

  test('for want of a permission is asked once', async () => {
    const { copies, because } = await refused({ kind: 'forbidden', detail: 'AccessDenied' });
    expect([because, copies.calls.length]).toEqual([['forbidden', 'forbidden', 'forbidden'], 1]);
  });

  test('for one database does not stop the others, and the next in the queue steps in', async () => {
    const copies = world(['a', 'b', 'c']);
    copies.faults.set(copies.source.snapshots[0]?.id ?? '', { answer: { kind: 'refused', detail: 'Timezone' } });
    const { outcome, acts } = await run(copies, { rules: { copies: { ...settings.copies, maxInFlight: 2 } } });
    expect(acts.map(({ kind }) => kind)).toEqual(['not-started', 'started', 'started']);
    expect(outcome).toMatchObject({ result: 'PARTIAL', counts: { started: 2, failed: 1 } });
  });

  test('because the source is gone, or changed, passes by itself', async () => {
    const { done } = await refused({ kind: 'source-gone', detail: 'DBSnapshotNotFound' });
    expect(done.outcome).toMatchObject({ result: 'OK', counts: { failed: 0 } });
    expect(copyLinesOf(done)[0]).toContain('was not copied: it is gone');
  });
});

describe('a copy whose source went under it', () => {
  const half = async (rules = {}) => {
    const copies = world();
    await run(copies);
    copies.source.snapshots = [snapshot(database('orders'), slot + HOUR_MS)];
    copies.settle();
    expect(copies.destination.snapshots).toMatchObject([{ status: 'failed' }]);
    copies.destination.ports.snapshots.delete = async (_, name) => {
      copies.destination.snapshots = copies.destination.snapshots.filter(({ id }) => id !== name);
      return { kind: 'deleted' };
    };
    copies.ports.destination.snapshots = copies.destination.ports.snapshots;
    return { copies, done: await run(copies, { nowMs: slot + HOUR_MS + 60_000, rules }) };
  };

  test('is removed, and the next snapshot copied in the same run', async () => {
    const { copies, done } = await half();
    expect(done.acts).toMatchObject([{ kind: 'deleted', removal: { because: 'failed' } }, { kind: 'started' }]);
    expect(copies.destination.snapshots).toMatchObject([{ status: 'creating' }]);
  });

  test('stays while expiry only plans, and the next snapshot is copied all the same', async () => {
    const { copies, done } = await half({ expiry: 'plan' });
    expect(done.acts.map((act) => ('because' in act ? act.because : act.kind))).toEqual(['not-armed', 'started']);
    expect(copies.destination.snapshots).toHaveLength(2);
  });
});

describe('expiry of copies', () => {
  test('over three days of armed hours keeps what its policy says, and is never without a good copy once it had one', async () => {
    const copies = world();
    const orders = database('orders');
    for (let hour = 0; hour < 72; hour++) {
      copies.source.snapshots = [snapshot(orders, slot + hour * HOUR_MS)];
      const done = await run(copies, {
        nowMs: slot + hour * HOUR_MS + 60_000,
        rules: { copies: { ...settings.copies, everyHours: 2, policy: { keepHourly: 4, keepDaily: 2 } } },
      });
      expect(done.outcome.result).toBe('OK');
      if (hour > 0) expect(done.outcome.withoutGood).toBe(0);
      copies.settle();
    }
    expect(copies.destination.snapshots.length).toBeGreaterThanOrEqual(5);
    expect(copies.destination.snapshots.length).toBeLessThanOrEqual(7);
  });

  test('is not done while the orders cannot be read; copies are', async () => {
    const copies = world();
    for (let hour = 0; hour < 6; hour++) {
      copies.source.snapshots = [snapshot(database('orders'), slot + hour * HOUR_MS)];
      await run(copies, { nowMs: slot + hour * HOUR_MS + 60_000, rules: { expiry: 'plan', ...everyHours(1) } });
      copies.settle();
    }
    const before = copies.destination.snapshots.length;
    copies.orders = undefined;
    copies.source.snapshots = [snapshot(database('orders'), slot + 6 * HOUR_MS)];
    const done = await run(copies, { nowMs: slot + 6 * HOUR_MS + 60_000, rules: everyHours(1) });
    expect(done.outcome).toMatchObject({ result: 'PARTIAL', counts: { started: 1, deleted: 0 } });
    expect(copies.destination.snapshots).toHaveLength(before + 1);
    expect(copyLinesOf(done)[0]).toContain('orders could not be seen');
    copies.orders = { pauses: [], confirmations: [] };
    expect(
      (await run(copies, { nowMs: slot + 6 * HOUR_MS + 60_000, rules: everyHours(1) })).outcome.counts.deleted,
    ).toBe(3);
  });
});

test.each(['expiry', 'copies'] as const)('a pause of %s during a run stops its deletions', async (part) => {
  const copies = world();
  const source = copies.source.snapshots[0] as ReturnType<typeof snapshot>;
  copies.destination.snapshots = [0, 1, 2, 3, 4].map((hours) =>
    copyOf(snapshot(database('orders'), slot - hours * HOUR_MS), { arn: `${source.arn}-${hours}` }),
  );
  const pause = { part, by: 'ann', why: 'audit', atMs: slot };
  const { orders } = copies.ports.control;
  copies.ports.control.orders = async () => {
    const answer = await orders();
    copies.orders = { pauses: [pause], confirmations: [] };
    return answer;
  };
  const done = await run(copies, { rules: { copies: { ...settings.copies, policy: { keepLast: 1 } } } });
  expect(done.acts.filter(({ kind }) => kind === 'not-deleted')).toMatchObject(
    [1, 2, 3, 4].map(() => ({ because: 'paused' })),
  );
  expect([done.outcome.result, copies.destination.snapshots.length]).toEqual(['OK', 5]);
});

describe('a confirmation of copies', () => {
  const short = { maxDeletionsPerRun: 1, copies: { ...settings.copies, policy: { keepLast: 1 } } };
  const at = slot + 10 * 60_000;
  const given: Confirmation = {
    ...{ of: 'copies', deletions: 9, newestSlotMs: slot, by: 'ann', why: 'a shorter policy' },
    ...{ atMs: at - 60_000, untilMs: at + HOUR_MS },
  };
  /** Six good copies and one that failed half way, so that deletions come before and after the copying; and what happens, in order. */
  const confirmed = (over: Partial<Confirmation> = {}) => {
    const copies = world();
    const orders = database('orders');
    const newest = snapshot(orders, slot, { id: 'ms-newest' });
    copies.source.snapshots = [newest];
    copies.destination.snapshots = [
      copyOf(newest, { status: 'failed' }),
      ...Array.from({ length: 6 }, (_, index) => copyOf(snapshot(orders, slot - (index + 7) * HOUR_MS))),
    ];
    copies.orders = { pauses: [], confirmations: [{ ...given, ...over }] };
    const happened: string[] = [];
    const { control, destination } = copies.ports;
    const { useConfirmation } = control;
    control.useConfirmation = (one) => {
      happened.push('used');
      return useConfirmation(one);
    };
    destination.snapshots = {
      ...destination.snapshots,
      delete: async (_, name) => {
        happened.push('deleted');
        copies.destination.snapshots = copies.destination.snapshots.filter(({ id }) => id !== name);
        return { kind: 'deleted' };
      },
    };
    return { copies, happened };
  };

  test('is used up before the first deletion, once, and lets the next run pass nothing', async () => {
    const { copies, happened } = confirmed();
    const done = await run(copies, { rules: short });
    expect(done.outcome.counts).toMatchObject({ deleted: 6, started: 1 });
    expect(happened).toEqual(['used', ...Array.from({ length: 6 }, () => 'deleted')]);
    expect(copies.orders?.confirmations).toEqual([]);
  });

  test('that another run used up meanwhile, or that nobody can use up, lets nothing pass, and is asked for once', async () => {
    for (const answer of [Promise.resolve(false), Promise.reject(new Error('the table is away'))]) {
      const { copies } = confirmed();
      let asked = 0;
      copies.ports.control.useConfirmation = () => {
        asked += 1;
        return answer;
      };
      const done = await run(copies, { rules: short });
      expect([asked, done.outcome.counts.deleted, copies.destination.snapshots.length]).toEqual([1, 0, 7]);
      expect(done.outcome.result).toBe('PARTIAL');
      expect(copyLinesOf(done).join('\n')).toMatch(/was used by another run|the table is away/);
    }
  });

  test('is not used up by a run that deletes nothing: one that only plans, has no time, or is not stopped', async () => {
    for (const [rules, deadline] of [
      [{ ...short, expiry: 'plan' }, plenty],
      [short, { remainingMs: () => 0 }],
      [{ ...short, maxDeletionsPerRun: 99 }, plenty],
    ] as const) {
      const { copies, happened } = confirmed();
      await run(copies, { rules }, deadline);
      expect(happened).not.toContain('used');
      expect(copies.orders?.confirmations).toHaveLength(1);
    }
  });

  test('of the snapshots lets no copy pass', async () => {
    const { copies, happened } = confirmed({ of: 'snapshots' });
    const done = await run(copies, { rules: short });
    expect(happened).toEqual([]);
    expect(copyLinesOf(done)[0]).toContain('mainstay snapshots confirm --copies --why "…"');
  });
});

describe('people hear', () => {
  test('what went wrong at once, and what lasts once an hour: the worst first, one sentence per database', async () => {
    const copies = world(['a', 'b']);
    copies.source.snapshots = copies.source.snapshots.map((one, index) =>
      index === 1 ? { ...one, optionGroup: 'tde' } : one,
    );
    await run(copies);
    expect(copies.notices).toEqual([]);
    await run(copies, { tellAgain: true });
    expect(copies.notices).toMatchObject([
      { result: 'PARTIAL', subject: 'mainstay-test copies PARTIAL: 0 started, 0 failed, 0 deleted' },
    ]);
    const lines = copies.notices[0]?.text.split('\n') ?? [];
    expect(lines[2]).toContain('b gets no copy now: its option group tde');
    expect(lines[3]).toContain('a gets no copy now: ');
  });

  test('in numbers: a heartbeat, the age of the worst copy, and how many are late', async () => {
    const copies = world(['a', 'b']);
    await run(copies);
    copies.settle();
    copies.source.databases.push(database('late'));
    const done = await run(copies, { nowMs: slot + 2 * HOUR_MS });
    expect(recorded(done).all).toMatchObject({
      CopyRunCompleted: 1,
      CopyRunNotOk: 0,
      DatabasesWithoutGoodCopy: 1,
      CopiesInBreach: 1,
      WorstCopyAge: 7200,
      CopiesInFlight: 0,
    });
    expect(recorded(done, 'dry-run').all).toEqual({});
  });

  test('in a series per database only when the config asks for it, and of those that are to be copied', async () => {
    const copies = world(['a', 'b']);
    await run(copies);
    copies.settle();
    copies.source.databases.push(database('late'));
    const tags = { 'mainstay:snapshots': 'true', 'mainstay:snapshots:copies': 'false' };
    copies.source.databases = copies.source.databases.map((one) => (one.id === 'b' ? { ...one, tags } : one));
    const done = await run(copies, { nowMs: slot + 2 * HOUR_MS });
    expect(recorded(done).single).toEqual([]);
    expect(recorded(done, 'run', { metricsPerDatabase: true }).single).toEqual([{ database: 'a', CopyAge: 7200 }]);
  });
});

describe('what the function is asked for', () => {
  const serve = (copies: InMemoryCopies) => serveCopies(copies.ports, settings, plenty);
  const request = { nowMs: slot + 10 * 60_000, dryRun: false, tellAgain: false };

  test('is a run, a dry one for a command, with its report', async () => {
    const copies = world();
    const dry = await serve(copies)({ kind: 'run', request: { ...request, dryRun: true } });
    expect([copies.calls, dry.runs.map(({ as }) => as)]).toEqual([[], ['dry-run']]);
    const { runs, reports, toCaller } = await serve(copies)({ kind: 'run', request });
    expect(runs).toMatchObject([{ as: 'run', run: { outcome: { counts: { started: 1 } } } }]);
    expect(reports).toEqual([toCaller]);
  });

  test('is nothing when no message is about a snapshot: nothing is looked at, and no number is sent', async () => {
    const copies = world();
    copies.orders = undefined;
    copies.source.blind.add('databases');
    expect(await serve(copies)({ kind: 'nothing', hints: 2 })).toEqual({
      ...{ runs: [], reports: [] },
      toCaller: { nothing: 'none of 2 messages is about a snapshot to copy' },
    });
    expect([copies.calls, copies.notices]).toEqual([[], []]);
  });
});

describe('the trigger', () => {
  const regions = { primary: 'eu-west-1', recovery };
  const event = (over: object, id = 'RDS-EVENT-0042') =>
    JSON.stringify({ source: 'aws.rds', region: 'eu-west-1', detail: { EventID: id }, ...over });
  const records = (...bodies: string[]) => ({ Records: bodies.map((body) => ({ messageId: 'm', body })) });
  const read = (event: unknown) => readCopyTrigger(event, regions, 77);
  const sample = (name: string) => JSON.parse(readFileSync(new URL(`../../events/${name}`, import.meta.url), 'utf8'));

  test('of the schedule is a sweep for its time; the first of an hour tells what lasts', () => {
    const at = (minute: string) => read({ kind: 'schedule', scheduledTime: `2026-08-14T10:${minute}:00Z` });
    expect(at('00')).toEqual({ kind: 'run', request: { nowMs: slot, dryRun: false, tellAgain: true } });
    expect(at('15')).toMatchObject({ request: { tellAgain: false } });
    expect(read(sample('schedule-hourly.json'))).toMatchObject({ kind: 'run', request: { dryRun: false } });
  });

  test('of messages is one look, if any of them is about a snapshot of ours to copy or a copy that ended', () => {
    expect(read(sample('snapshot-event.json'))).toEqual({
      kind: 'run',
      request: { nowMs: 77, dryRun: false, tellAgain: false },
    });
    for (const id of ['RDS-EVENT-0075', 'RDS-EVENT-0060', 'RDS-EVENT-0061'])
      expect(read(records('{', event({}, id))).kind).toBe('run');
    expect(read(records(event({ region: recovery }, 'RDS-EVENT-0060'))).kind).toBe('run');
  });

  test.each([
    ['what cannot be read', ['{"half', '[]', 'null', '{}']],
    [
      'another region',
      [JSON.stringify({ source: 'aws.rds', region: 'us-east-1', detail: { EventID: 'RDS-EVENT-0042' } })],
    ],
    [
      'a snapshot made in the recovery region',
      [JSON.stringify({ source: 'aws.rds', region: recovery, detail: { EventID: 'RDS-EVENT-0042' } })],
    ],
    [
      'another event',
      [JSON.stringify({ source: 'aws.rds', region: 'eu-west-1', detail: { EventID: 'RDS-EVENT-0091' } })],
    ],
    [
      'somebody else’s event',
      [JSON.stringify({ source: 'custom', region: 'eu-west-1', detail: { EventID: 'RDS-EVENT-0042' } })],
    ],
  ])('of %s is no reason to look, and none to fail', (_, bodies) => {
    expect(read(records(...bodies))).toEqual({ kind: 'nothing', hints: bodies.length });
  });

  test('as a command is dry, for the moment that it names, else for now', () => {
    expect(read({ kind: 'command', verb: 'copies' })).toMatchObject({ request: { nowMs: 77, dryRun: true } });
    expect(read({ kind: 'command', verb: 'copies', at: '2026-08-14T10:00:00Z' })).toMatchObject({
      request: { nowMs: slot, dryRun: true },
    });
  });

  test.each([{}, null, { kind: 'schedule' }, { kind: 'command', verb: 'delete' }])(
    'of another shape is refused: %j',
    (event) => {
      expect(() => read(event)).toThrow(/no trigger/);
    },
  );
});
