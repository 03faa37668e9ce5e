import type { Digest } from '../core/digest.ts';
import { addressText } from '../core/fact.ts';
import type { Packed } from '../core/pack.ts';
import type { Tally } from '../core/sentence.ts';
import type { Lane } from './lanes.ts';
import type { CommitResult, IndexTable, IndexTransaction, RowVerdict } from './ports.ts';
import { failWork, type Pending, type Seen } from './work.ts';

/** What is left of a transaction that was not applied as a whole. */
export interface Leftover {
  /** Still right as decided: only try again. */
  again: Pending[];
  /** A row is another one now, and here it is: decide anew. */
  changed: Seen[];
  /** A row may be another one now: read it strongly, then decide anew. */
  reread: Pending[];
  /** Someone else was there, or the table is busy: wait a little first. In words. */
  crowded: string | undefined;
}

/** The same transaction with the same token, when no answer came. After that the rows are read again, and they tell. */
const ATTEMPTS_WITHOUT_ANSWER = 3;

/** Commits one packed transaction on a lane. Every outcome that TransactWriteItems has is in the result; nothing is guessed. */
export const commitPacked = async (
  packed: Packed<Pending>,
  lane: Lane,
  { table, digest }: { table: IndexTable; digest: Digest },
  tally: Tally,
): Promise<Leftover> => {
  const transaction = transactionOf(packed, lane, digest);
  let result: CommitResult = { kind: 'unknown', because: 'not tried' };
  for (let attempt = 0; attempt < ATTEMPTS_WITHOUT_ANSWER && result.kind === 'unknown'; attempt += 1) {
    result = await table.commit(transaction);
  }
  switch (result.kind) {
    case 'committed':
      tally.transactions += 1;
      for (const { kind } of packed.steps) tally[kind] += 1;
      lane.grow();
      return nothing();
    case 'cancelled':
      return afterCancellation(packed, result, lane, tally);
    case 'throttled':
      lane.shrink();
      return { ...nothing(), again: packed.steps, crowded: result.because };
    case 'unknown':
      return { ...nothing(), reread: packed.steps, crowded: `the table did not answer: ${result.because}` };
    case 'refused':
      return bisect(packed, result.because, tally);
  }
};

const nothing = (): Leftover => ({ again: [], changed: [], reread: [], crowded: undefined });

// One object's failed condition takes no other object with it: each change goes its own way.
const afterCancellation = (
  { steps }: Packed<Pending>,
  { rows, counters }: Extract<CommitResult, { kind: 'cancelled' }>,
  lane: Lane,
  tally: Tally,
): Leftover => {
  const left = nothing();
  if (counters.some(({ kind }) => kind === 'conflict')) lane.moveOn();
  if ([...rows, ...counters].some(({ kind }) => kind === 'throttled')) lane.shrink();
  const busy = [...rows, ...counters].find(({ kind }) => kind === 'conflict' || kind === 'throttled');
  if (busy !== undefined)
    left.crowded = busy.kind === 'conflict' ? 'other writers were in the way' : 'the table throttles';
  const refusedCounter = counters.find((verdict) => verdict.kind === 'refused');
  let index = 0;
  for (const step of steps) {
    const verdicts = rows.slice(index, index + step.changes.length);
    index += step.changes.length;
    const refused = verdicts.find((verdict) => verdict.kind === 'refused');
    if (refused) failWork(tally, step.work, `the table refuses ${step.work.object.key}: ${refused.because}`);
    else if (verdicts.some(({ kind }) => kind === 'conflict')) left.reread.push(step);
    else if (verdicts.some(({ kind }) => kind === 'changed')) left.changed.push(asSeen(step, verdicts));
    else if (refusedCounter) failWork(tally, step.work, `the table refuses a counter: ${refusedCounter.because}`);
    else left.again.push(step);
  }
  return left;
};

// The rows as they are now: those that the refusal gave, and those that were still as read.
const asSeen = ({ work, changes, rows }: Pending, verdicts: readonly RowVerdict[]): Seen => {
  let { current } = rows;
  const versions = new Map(rows.versions);
  changes.forEach(({ after: { slot } }, index) => {
    const verdict = verdicts[index];
    if (verdict?.kind !== 'changed') return;
    if (slot === undefined) current = verdict.current;
    else if (verdict.current === undefined) versions.delete(slot);
    else versions.set(slot, verdict.current);
  });
  return { work, rows: { current, versions } };
};

// The whole request is refused and no item is named: halves find the one that can't be written, and only it fails.
const bisect = ({ steps }: Packed<Pending>, because: string, tally: Tally): Leftover => {
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) {
    failWork(tally, only.work, `the table refuses ${only.work.object.key}: ${because}`);
    return nothing();
  }
  const rows = steps.reduce((sum, { changes }) => sum + changes.length, 0);
  for (const step of steps) step.maxTogether = Math.ceil(rows / 2);
  return { ...nothing(), again: steps };
};

const transactionOf = ({ steps, counters }: Packed<Pending>, lane: Lane, digest: Digest): IndexTransaction => {
  const changes = steps.flatMap((step) => step.changes);
  const placed = counters.map((counter) => ({ ...counter, shard: lane.shardFor(counter.customer) }));
  const content = {
    rows: changes.map(({ before, after }) => [addressText(after), before?.revision ?? 0, after]),
    counters: placed,
  };
  return { changes, counters: placed, token: digest(JSON.stringify(content, bigintAsText)).slice(0, 36) };
};

const bigintAsText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
