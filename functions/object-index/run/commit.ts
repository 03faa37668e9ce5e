import type { Digest } from '../core/digest.ts';
import { identityText } from '../core/fact.ts';
import type { Packed } from '../core/pack.ts';
import type { Tally } from '../core/sentence.ts';
import type { Lane } from './lanes.ts';
import type { CommitResult, IndexTable, IndexTransaction } from './ports.ts';
import { failWork, type Pending, type Seen } from './work.ts';

/** What is left of a transaction that was not applied as a whole. */
export interface Leftover {
  /** Still right as decided: only try again. */
  again: Pending[];
  /** The row is another one now, and here it is: decide anew. */
  changed: Seen[];
  /** The row may be another one now: read it strongly, then decide anew. */
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
      for (const { kind } of packed.changes) tally[kind] += 1;
      lane.grow();
      return nothing();
    case 'cancelled':
      return afterCancellation(packed, result, lane, tally);
    case 'throttled':
      lane.shrink();
      return { ...nothing(), again: packed.changes, crowded: result.because };
    case 'unknown':
      return { ...nothing(), reread: packed.changes, crowded: `the table did not answer: ${result.because}` };
    case 'refused':
      return bisect(packed, result.because, tally);
  }
};

const nothing = (): Leftover => ({ again: [], changed: [], reread: [], crowded: undefined });

// One object's failed condition takes no other object with it: each change goes its own way.
const afterCancellation = (
  { changes }: Packed<Pending>,
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
  changes.forEach((change, index) => {
    const verdict = rows[index] ?? { kind: 'fine' };
    switch (verdict.kind) {
      case 'changed':
        left.changed.push({ work: change.work, row: verdict.current });
        break;
      case 'conflict':
        left.reread.push(change);
        break;
      case 'refused':
        failWork(tally, change.work, `the table refuses ${change.work.fact.key}: ${verdict.because}`);
        break;
      default:
        if (refusedCounter) failWork(tally, change.work, `the table refuses a counter: ${refusedCounter.because}`);
        else left.again.push(change);
    }
  });
  return left;
};

// The whole request is refused and no item is named: halves find the one that can't be written, and only it fails.
const bisect = ({ changes }: Packed<Pending>, because: string, tally: Tally): Leftover => {
  const [only] = changes;
  if (changes.length === 1 && only !== undefined) {
    failWork(tally, only.work, `the table refuses ${only.work.fact.key}: ${because}`);
    return nothing();
  }
  for (const change of changes) change.maxTogether = Math.ceil(changes.length / 2);
  return { ...nothing(), again: changes };
};

const transactionOf = ({ changes, counters }: Packed<Pending>, lane: Lane, digest: Digest): IndexTransaction => {
  const placed = counters.map((counter) => ({ ...counter, shard: lane.shardFor(counter.customer) }));
  const content = {
    rows: changes.map(({ before, after }) => [identityText(after), before?.revision ?? 0, after]),
    counters: placed,
  };
  return { changes, counters: placed, token: digest(JSON.stringify(content, bigintAsText)).slice(0, 36) };
};

const bigintAsText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
