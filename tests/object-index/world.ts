import { createHash } from 'node:crypto';
import { inMemoryJobs } from '../../functions/object-index/aws/in-memory-jobs.ts';
import { type InMemoryTable, inMemoryTable } from '../../functions/object-index/aws/in-memory-table.ts';
import { rowOf } from '../../functions/object-index/aws/item.ts';
import { addressText, identityText } from '../../functions/object-index/core/fact.ts';
import type { JobMessage } from '../../functions/object-index/core/job.ts';
import type { LiveRow } from '../../functions/object-index/core/row.ts';
import { compileRules } from '../../functions/object-index/core/rules.ts';
import { type IngestDeps, ingest } from '../../functions/object-index/run/ingest.ts';
import { continueJob, startJob } from '../../functions/object-index/run/job.ts';
import { openLanes } from '../../functions/object-index/run/lanes.ts';
import type { BucketList, IndexReader, IndexTable } from '../../functions/object-index/run/ports.ts';
import type { PlainItem } from '../../shared/aws/attribute-value.ts';
import { pickFault, withFaults } from './faults.ts';
import { assertI1, counted } from './ledger.ts';
import { jobsOver } from './run-job.ts';
import { BUCKET, batchOf, S3Model, type Step } from './s3-model.ts';

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export const rules = (days = true) =>
  compileRules({
    buckets: [
      {
        name: 'estate',
        customer: { pattern: '^(?<customer>[^/]+)/' },
        attributes: { extension: { pattern: '\\.(?<value>[a-z0-9]+)$' } },
      },
    ],
    shards: { totals: 16, dates: 4 },
    statistics: { days },
  });

/** A small random stream of its own: the seed is fast-check's, so a failure shrinks and repeats. */
export const randomFrom = (seed: number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export interface History {
  steps: Step[];
  seed: number;
  /** Share of port calls at which the function dies; of commits that meet a fault. */
  crashRate: number;
  faultRate: number;
  /** How many more times each event is delivered, at most. */
  copies: number;
  writers: number;
  versioned: boolean;
  /** Share of events that never come: only a list finds what they would have said. */
  lost?: number;
  /** At this step the bucket is attached, and its backfill runs beside what goes on; what happened before sent us nothing. */
  attachAt?: number;
  checkRevision?: boolean;
}

class Crash extends Error {}

/** A table to play on, and a look at all its items. */
export interface PlayTable extends IndexTable {
  items(): PlainItem[] | Promise<PlainItem[]>;
}

/** What a bucket holds, as the table says it and as S3 does. */
export interface Sight {
  rows: Record<string, string>;
  versions: Record<string, string>;
  totals: Record<string, bigint>;
}

/** Plays a history to quiescence, checking I1 after every commit. Throws when an invariant breaks; gives what to compare. */
export const play = async (
  history: History,
  given?: PlayTable,
  /** At quiescence, without any fault: before the table is compared with the bucket. */
  finish?: (end: { s3: S3Model; table: PlayTable & IndexReader; ingest: IngestDeps }) => Promise<void>,
): Promise<{ seen: Sight; expected: Sight; table: PlayTable }> => {
  const random = randomFrom(history.seed);
  const chance = (rate: number) => random() < rate;
  const s3 = new S3Model();
  let calm = false;
  const between = async () => {
    for (let turns = Math.floor(random() * 12); turns > 0; turns -= 1) await Promise.resolve();
  };
  const memory: InMemoryTable = inMemoryTable({
    checkRevision: history.checkRevision ?? true,
    between,
    staleRead: () => !calm && chance(0.1),
    committed: () => assertI1(memory.items()),
  });
  const table = given ?? memory;
  const faulty = withFaults(table, () => (!calm && chance(history.faultRate) ? pickFault(random) : undefined));
  // A crash is before the call or after its effect; either way nobody hears the answer.
  const mortal =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (!calm && chance(history.crashRate)) throw new Crash('before');
      const result = await call(...args);
      if (!calm && chance(history.crashRate)) throw new Crash('after');
      return result;
    };
  const deps = (): IngestDeps => ({
    table: { readRows: mortal(table.readRows), commit: mortal(faulty.commit) },
    objects: {
      look: mortal(async (object) => {
        await between();
        const truth = await s3.bucket.look(object);
        await between();
        return truth;
      }),
    },
    rules: rules(),
    digest: sha256,
    lanes: openLanes(2, 16, random),
    random,
    now: () => s3.nowMs,
    pause: async () => {},
  });

  const queue: { id: string; body: string }[] = [];
  const deliver = async (share: number) => {
    shuffle(queue, random);
    const taken = queue.splice(0, Math.ceil(queue.length * share));
    const batches = Array.from({ length: history.writers }, () => [] as typeof taken);
    taken.forEach((message) => void batches[Math.floor(random() * batches.length)]?.push(message));
    await Promise.all(
      batches.map(async (batch) => {
        try {
          const { failedMessageIds } = await ingest(batchOf(batch), deps(), { remainingMs: () => 60_000 });
          queue.push(...batch.filter(({ id }) => failedMessageIds.includes(id)));
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          queue.push(...batch);
        }
      }),
    );
  };

  // As the queue does with a function that dies: the message that continues the job comes again.
  const backfill = async () => {
    const list = s3.list(1 + Math.floor(random() * 4));
    const slow: BucketList = { page: mortal((bucket, at) => between().then(() => list.page(bucket, at))) };
    const first = jobsOver({ reader: memory, ingest: deps(), list: slow }, jobs);
    const { messages } = first;
    await startJob({ kind: 'backfill', bucket: BUCKET, again: true }, first.deps);
    while (messages.waiting.length > 0) {
      const [message] = messages.waiting as [JobMessage];
      const again = jobsOver({ reader: memory, ingest: deps(), list: slow }, jobs);
      try {
        await continueJob(message, { ...again.deps, messages }, { remainingMs: () => 30_000 });
        messages.waiting.shift();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  };
  const jobs = inMemoryJobs();
  // What failed for good is counted, and a person would run it again.
  const failedInBackfill = async () => ((await jobs.read('backfill', BUCKET))?.progress.failed ?? 0) > 0;

  // The bucket goes on while events are taken in; only a long wait outlasts every running function.
  let count = 0;
  let running: Promise<void>[] = [];
  const steps = history.steps.filter((step) => history.versioned || step.do !== 'versioning');
  for (const [index, step] of steps.entries()) {
    if (index === history.attachAt) running.push(backfill());
    if (step.do === 'wait' && step.seconds > 60) {
      await Promise.all(running);
      running = [];
    }
    for (const event of s3.take(step)) {
      if (index < (history.attachAt ?? 0) || chance(history.lost ?? 0)) continue;
      for (let copy = Math.floor(random() * (history.copies + 1)); copy >= 0; copy -= 1) {
        count += 1;
        queue.push({ id: `m${count}`, body: event.body });
      }
    }
    memory.expire(s3.nowMs / 1000);
    if (chance(0.4)) running.push(deliver(random()));
    await between();
  }
  await Promise.all(running);
  for (let round = 0; round < 4 && queue.length > 0; round += 1) await deliver(0.7);
  calm = true;
  while (queue.length > 0) await deliver(1);
  if (await failedInBackfill()) await backfill();

  await finish?.({ s3, table: table as PlayTable & IndexReader, ingest: deps() });
  const items = await table.items();
  assertI1(items);
  const totals = s3.expectedTotals();
  return {
    seen: sightOf(items, Object.keys(totals)),
    expected: { rows: s3.expected(), versions: s3.expectedVersions(), totals },
    table,
  };
};

/** The table's items as what they say of the bucket. */
const sightOf = (items: readonly PlainItem[], counters: readonly string[]): Sight => {
  const live = items
    .filter(({ pk }) => String(pk).startsWith('o#'))
    .map(rowOf)
    .filter((row) => row.state === 'live');
  const text = ({ object }: LiveRow) =>
    object.isMarker ? 'delete marker' : `${object.sizeBytes} ${object.etag} ${object.storageClass}`;
  const sorted = (pairs: [string, string][]) => Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
  // An object whose versions have no rows of their own has one version: the null one.
  const own = live.filter(({ slot, apart }) => slot !== undefined || !apart);
  const sums = counted(items);
  return {
    rows: sorted(live.filter(({ slot }) => slot === undefined).map((row) => [identityText(row), text(row)])),
    versions: sorted(own.map((row) => [addressText({ ...row, slot: row.slot ?? 'null' }), text(row)])),
    totals: Object.fromEntries(counters.map((name) => [name, sums[`t ${name}`] ?? 0n])),
  };
};

const shuffle = (list: unknown[], random: () => number): void => {
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other], list[index]];
  }
};
