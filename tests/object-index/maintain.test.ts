import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JobMessage } from '../../functions/object-index/core/job.ts';
import { compileRules } from '../../functions/object-index/core/rules.ts';
import { totalsOf } from '../../functions/object-index/core/totals.ts';
import { continueJob, startJob } from '../../functions/object-index/run/job.ts';
import { readOrder } from '../../functions/object-index/run/maintain.ts';
import type { IndexReader } from '../../functions/object-index/run/ports.ts';
import { lengthOf } from '../counts.ts';
import { history } from './arbitrary.ts';
import { assertI1 } from './ledger.ts';
import { jobsOver, runJob } from './run-job.ts';
import { BUCKET } from './s3-model.ts';
import { type History, type PlayTable, play } from './world.ts';

const BACKFILL = { kind: 'backfill', bucket: BUCKET, again: true } as const;
const audit = (id: string, repair: boolean) => ({ kind: 'audit', id, repair }) as const;

/** Found by chance: the current row had the class from S3, the row of that very version had not, and no sum said so. */
const TRANSITION_LOST: History = {
  steps: [
    { do: 'versioning', to: 'enabled' },
    { do: 'delete', key: 2 },
    { do: 'put', key: 2, content: 1 },
    { do: 'transition', key: 2, storageClass: 'GLACIER' },
    { do: 'delete-version', key: 0, nth: 0 },
  ],
  ...{ seed: -779297141, versioned: true, crashRate: 0.15, faultRate: 0, copies: 0, writers: 4 },
};

/** A history with lost events, and what is done about them at its end. */
const withLoss = (one: History) => ({ ...one, lost: 0.3 });

describe('an audit with repair', () => {
  test('after any history of which events were lost makes the index equal the bucket; the next finds nothing to look at', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 5 }), async (one, perPage) => {
        const { seen, expected } = await play(withLoss(one), undefined, async ({ s3, table, ingest }) => {
          const over = jobsOver({ reader: table, ingest, list: s3.list(perPage) });
          await runJob(over, audit('1', true));
          // What S3 said within its clock's tolerance is asked again, not guessed: once more is always enough.
          const again = await runJob(over, audit('2', true));
          expect(again.progress.failed ?? 0).toBe(0);
          let rows = 0;
          const counting = {
            ...table,
            readIndex: (read: Parameters<IndexReader['readIndex']>[0]) => {
              rows += 1;
              return table.readIndex(read);
            },
          };
          const looks = s3.looks;
          const last = await runJob(jobsOver({ reader: counting, ingest, list: s3.list(perPage) }), audit('3', true));
          expect(last.progress.suspects ?? 0).toBe(0);
          expect([rows, s3.looks - looks]).toEqual([0, 0]);
        });
        expect(seen).toEqual(expected);
      }),
      { ...lengthOf(300, 4_000), examples: [[TRANSITION_LOST, 1]] },
    );
  });

  const moved = (key: number, back: number, storageClass: 'GLACIER' | 'STANDARD_IA' = 'GLACIER') => ({
    ...{ do: 'transition' as const, key, storageClass, back },
  });
  const put = (key: number, content: number) => ({ do: 'put' as const, key, content });
  test.each([
    ['the current version', [], [moved(0, 0)], 1],
    ['a version that is not current', [], [moved(0, 1)], 1],
    ['the null version under others', [], [moved(0, 2)], 1],
    // As many objects and bytes of each class as before.
    [
      'two objects that changed classes with each other',
      [moved(0, 0), moved(1, 0, 'STANDARD_IA')],
      [moved(0, 0, 'STANDARD_IA'), moved(1, 0)],
      2,
    ],
  ])('finds the lost transition of %s, though objects and bytes are equal', async (_what, heard, lost, differing) => {
    const one: History = {
      steps: [put(0, 1), put(1, 2), { do: 'versioning', to: 'enabled' }, put(0, 3), put(0, 2), ...heard],
      ...{ seed: 1, versioned: true, crashRate: 0, faultRate: 0, copies: 0, writers: 1 },
    };
    const { seen, expected } = await play(one, undefined, async ({ s3, table, ingest }) => {
      const over = jobsOver({ reader: table, ingest, list: s3.list(2) });
      expect((await runJob(over, audit('before', true))).progress.suspects).toBe(0);
      for (const step of [{ do: 'wait' as const, seconds: 60 }, ...lost]) s3.take(step);
      const { progress } = await runJob(over, audit('after', true));
      expect([(progress.missing ?? 0) + (progress.mismatched ?? 0), progress.repaired]).toEqual([differing, differing]);
      expect((await runJob(over, audit('again', false))).progress.suspects).toBe(0);
    });
    expect(seen).toEqual(expected);
  });

  test('without repair says what differs and writes nothing', async () => {
    const lossy: History = {
      steps: [
        { do: 'put', key: 0, content: 1 },
        { do: 'put', key: 1, content: 2 },
        { do: 'delete', key: 2 },
      ],
      ...{ seed: 1, versioned: false, crashRate: 0, faultRate: 0, copies: 0, writers: 1, lost: 1 },
    };
    await play(lossy, undefined, async ({ s3, table, ingest }) => {
      const job = await runJob(jobsOver({ reader: table, ingest, list: s3.list(2) }), audit('1', false));
      expect(job.progress).toMatchObject({ listed: 2, missing: 2, repaired: 0 });
      expect(job.remarks).toContain('missing: estate/acme/a.txt');
      expect(await table.items()).toEqual([]);
      const over = jobsOver({ reader: table, ingest, list: s3.list(2) });
      expect((await runJob(over, audit('1', true))).progress).toMatchObject({ missing: 2, repaired: 2 });
      s3.keys.clear();
      expect((await runJob(over, audit('2', true))).progress).toMatchObject({ phantoms: 2, repaired: 2 });
    });
  });
});

describe('an audit whose part is tried twice', () => {
  const one: History = {
    steps: [0, 1, 2, 3].map((key) => ({ do: 'put' as const, key, content: key + 1 })),
    ...{ seed: 1, versioned: false, crashRate: 0, faultRate: 0, copies: 0, writers: 1 },
  };

  test.each([
    ['at once', false],
    ['after the first died with its part kept and its place not stored', true],
  ])('%s, counts every page once, though the two got to different places', async (_what, dies) => {
    await play(one, undefined, async ({ s3, table, ingest }) => {
      for (const pages of [
        [1, 3],
        [3, 1],
      ] as const) {
        const { deps, messages } = jobsOver({ reader: table, ingest, list: s3.list(1) });
        const order = audit(`twice-${pages.join('-')}`, true);
        await startJob(order, deps);
        const attempt = (message: JobMessage, count: number, over = deps) => {
          let left = count;
          return continueJob(message, over, { remainingMs: () => (--left > 0 ? 120_000 : 30_000) });
        };
        const mortal = { ...deps, jobs: { ...deps.jobs, store: () => Promise.reject(new Error('killed')) } };
        while (messages.waiting.length > 0) {
          const message = messages.waiting.shift()!;
          if (dies) await expect(attempt(message, pages[0], mortal)).rejects.toThrow('killed');
          await Promise.all(dies ? [attempt(message, pages[1])] : pages.map((count) => attempt(message, count)));
        }
        const job = await deps.jobs.read('audit', order.id);
        expect(job?.state).toBe('done');
        expect([job?.progress.listed, job?.progress.suspects]).toEqual([4, 0]);
      }
    });
  });
});

describe('a config that reads another customer and a new attribute from the keys', () => {
  const one: History = {
    steps: [0, 1, 2, 3].map((key) => ({ do: 'put' as const, key, content: key + 1 })),
    ...{ seed: 1, versioned: false, crashRate: 0, faultRate: 0, copies: 0, writers: 1 },
  };
  const regrouped = compileRules({
    buckets: [
      {
        name: BUCKET,
        customer: { pattern: '^(?<customer>[a-z])[^/]*/' },
        attributes: { extension: { pattern: '\\.(?<value>[a-z0-9]+)$' }, first: { pattern: '^(?<value>.)' } },
      },
    ],
    shards: { totals: 16, dates: 4 },
    statistics: { days: true },
  });
  const bytes = async (table: IndexReader, customer: string) => totalsOf(await table.readTotals(customer)).bytes;

  test.each([
    // The sums of one object stay: its customer is "unknown" as before. A new attribute is for a backfill.
    ['a repair', audit('regroup', true), 3],
    ['a backfill again', BACKFILL, 4],
  ])('%s moves the bytes, and the next audit finds nothing to look at', async (_what, order, asNow) => {
    await play(one, undefined, async ({ s3, table, ingest }) => {
      const deps = { reader: table, ingest: { ...ingest, rules: regrouped }, list: s3.list(2) };
      const before = await bytes(table, 'acme');
      expect(before).toBeGreaterThan(0n);
      await runJob(jobsOver(deps), order);
      assertI1((await (table as PlayTable).items()) as never);
      expect([await bytes(table, 'acme'), await bytes(table, 'a')]).toEqual([0n, before]);
      expect(await table.readRow({ bucket: BUCKET, key: 'acme/a.txt' })).toMatchObject({
        object: { customer: 'a', attributes: { extension: 'txt', first: 'a' } },
      });
      expect((await runJob(jobsOver(deps), audit('after', false))).progress.suspects ?? 0).toBe(0);
      const looks = s3.looks;
      expect((await runJob(jobsOver(deps), BACKFILL)).progress).toMatchObject({ listed: 4, known: asNow });
      expect(s3.looks).toBe(looks + 4 - asNow);
    });
  });
});

describe('a backfill', () => {
  test('of a bucket whose events all were before it was attached gives what events would have given', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 5 }), async (one, perPage) => {
        const { seen, expected } = await play({ ...one, lost: 1 }, undefined, async ({ s3, table, ingest }) => {
          const job = await runJob(jobsOver({ reader: table, ingest, list: s3.list(perPage) }), BACKFILL);
          expect(job.state).toBe('done');
        });
        expect(seen).toEqual(expected);
      }),
      lengthOf(200, 3_000),
    );
  });

  test('beside live events, killed and with faults, loses none of either: rows equal the bucket', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat({ max: 24 }), async (one, at) => {
        const steps = one.versioned ? one.steps : one.steps.filter(({ do: what }) => what !== 'versioning');
        const { seen, expected } = await play({ ...one, attachAt: at % Math.max(1, steps.length) });
        expect(seen).toEqual(expected);
      }),
      lengthOf(600, 10_000),
    );
  });

  test('again writes nothing: what the list shows is known', async () => {
    const one: History = {
      steps: [0, 1, 2, 3].map((key) => ({ do: 'put' as const, key, content: key + 1 })),
      ...{ seed: 1, versioned: false, crashRate: 0, faultRate: 0, copies: 0, writers: 1, lost: 1 },
    };
    await play(one, undefined, async ({ s3, table, ingest }) => {
      const over = jobsOver({ reader: table, ingest, list: s3.list(3) });
      expect((await runJob(over, BACKFILL)).progress).toMatchObject({ listed: 4, indexed: 4, known: 0 });
      const before = JSON.stringify(await (table as PlayTable).items(), (_, v) => (typeof v === 'bigint' ? `${v}` : v));
      expect((await runJob(over, BACKFILL)).progress).toMatchObject({ listed: 4, indexed: 0, known: 4 });
      expect(JSON.stringify(await (table as PlayTable).items(), (_, v) => (typeof v === 'bigint' ? `${v}` : v))).toBe(
        before,
      );
      expect(s3.looks).toBe(0);
    });
  });
});

describe('a job', () => {
  const world = async (check: (over: ReturnType<typeof jobsOver>) => Promise<void>) => {
    const one: History = {
      steps: [0, 1, 2, 3].map((key) => ({ do: 'put' as const, key, content: key + 1 })),
      ...{ seed: 1, versioned: false, crashRate: 0, faultRate: 0, copies: 0, writers: 1, lost: 1 },
    };
    const { seen, expected } = await play(one, undefined, async ({ s3, table, ingest }) => {
      await check(jobsOver({ reader: table, ingest, list: s3.list(1) }));
    });
    return { seen, expected };
  };
  const short = { remainingMs: () => 30_000 };

  test('that died between storing its place and sending its message goes on by the old one', async () => {
    const { seen, expected } = await world(async ({ deps, messages }) => {
      await startJob(BACKFILL, deps);
      const [first] = messages.waiting;
      await continueJob(first!, deps, short);
      messages.waiting.length = 0;
      expect(await continueJob(first!, deps, short)).toBeUndefined();
      expect(messages.waiting).toEqual([{ kind: 'backfill', id: BUCKET, step: 1 }]);
      while (messages.waiting.length > 0) await continueJob(messages.waiting.shift()!, deps, short);
    });
    expect(seen).toEqual(expected);
  });

  test('of which every message comes twice counts every page once', async () => {
    const { seen, expected } = await world(async ({ deps, messages }) => {
      await startJob(BACKFILL, deps);
      while (messages.waiting.length > 0) {
        const message = messages.waiting.shift()!;
        await Promise.all([continueJob(message, deps, short), continueJob(message, deps, short)]);
      }
      expect(await deps.jobs.read('backfill', BUCKET)).toMatchObject({ state: 'done', progress: { listed: 4 } });
    });
    expect(seen).toEqual(expected);
  });

  test('that is asked for while it runs is gone on with, not begun again', async () => {
    await world(async ({ deps, messages }) => {
      await startJob(BACKFILL, deps);
      await continueJob(messages.waiting.shift()!, deps, short);
      messages.waiting.length = 0;
      expect(await startJob(BACKFILL, deps)).toMatchObject({ step: 1, progress: { listed: 1 } });
      expect(messages.waiting).toEqual([{ kind: 'backfill', id: BUCKET, step: 1 }]);
    });
  });
});

describe('a closing', () => {
  test('keeps the totals of each customer and of everything as they were, whatever is asked or stored later', async () => {
    const one: History = {
      steps: [
        { do: 'put', key: 0, content: 1 },
        { do: 'put', key: 2, content: 2 },
      ],
      ...{ seed: 1, versioned: false, crashRate: 0, faultRate: 0, copies: 0, writers: 1 },
    };
    await play(one, undefined, async ({ s3, table, ingest }) => {
      const over = jobsOver({ reader: table, ingest, list: s3.list(9) });
      const close = { kind: 'close', day: '2026-02-28' } as const;
      expect((await runJob(over, close)).progress).toMatchObject({ closed: 3 });
      const of = async (customer: string | undefined) =>
        (await over.closings.ofDay([customer], '2026-02-28'))[0]?.counters.b;
      expect([await of('acme'), await of('globex'), await of(undefined)]).toEqual([1000n, 2000n, 3000n]);
      expect(await over.closings.close({ customer: 'acme', day: '2026-02-28', atMs: 0, counters: {} })).toBe(false);
    });
  });

  test('by schedule closes the day that has ended', () => {
    expect(readOrder({ kind: 'close', scheduledTime: '2026-03-01T00:05:00Z' }, 0)).toEqual({
      kind: 'close',
      day: '2026-02-28',
    });
  });
});
