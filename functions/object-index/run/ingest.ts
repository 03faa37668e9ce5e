import type { Deadline } from '../../../shared/lambda/deadline.ts';
import { type ParsedMessage, parseInvocation } from '../core/event.ts';
import { addressText, NULL_SLOT, type ObjectFact, type RowAddress } from '../core/fact.ts';
import { needsNullRow } from '../core/key-step.ts';
import { pack } from '../core/pack.ts';
import { reduceByObject } from '../core/reduce.ts';
import type { Tally } from '../core/sentence.ts';
import { type IngestSummary, sentenceOf } from '../core/sentence.ts';
import { commitPacked } from './commit.ts';
import { type Judging, judge } from './judge.ts';
import type { Lane } from './lanes.ts';
import type { DeadLetters, IndexTable } from './ports.ts';
import { failWork, inParallel, type Pending, type Seen } from './work.ts';

export interface IngestDeps extends Judging {
  table: IndexTable;
  lanes: readonly Lane[];
  random: () => number;
  pause: (ms: number) => Promise<void>;
}

export interface IngestResult extends IngestSummary {
  sentence: string;
  /** Only these come back from the queue. */
  failedMessageIds: string[];
}

/** No commit is begun with less time than this: what is not done comes back from the queue, and nothing is half done. */
const LAST_COMMIT_MS = 3_000;
const MAX_ROUNDS = 16;

/** Takes in one invocation: parse → one fact per row → read rows → decide → ask S3 in doubt → transactions. */
export const ingest = (event: unknown, deps: IngestDeps, deadline: Deadline): Promise<IngestResult> =>
  takeIn(parseInvocation(event), deps, deadline);

/**
 * The same for the function. A message that can't be read is kept with the reason at once: five more attempts would not
 * make it readable. Where keeping it fails it comes back, and the queue itself keeps it in the end.
 */
export const ingestBatch = async (
  event: unknown,
  deps: IngestDeps & { deadLetters: DeadLetters },
  deadline: Deadline,
): Promise<IngestResult> => {
  const messages = parseInvocation(event);
  await inParallel(messages, LETTERS_AT_ONCE, async (message) => {
    const { id, malformed: because, body } = message;
    if (because === undefined || body === undefined) return;
    message.isKept = await deps.deadLetters.keep({ messageId: id, body, because }).then(
      () => true,
      () => false,
    );
  });
  return await takeIn(messages, deps, deadline);
};

const LETTERS_AT_ONCE = 8;

/** The same with what was read already, from messages or from a list. */
export const takeIn = async (
  messages: readonly ParsedMessage[],
  deps: IngestDeps,
  deadline: Deadline,
): Promise<IngestResult> => {
  const works = reduceByObject(messages);
  const tally: Tally = {
    ...{ set: 0, removed: 0, confirmed: 0, dropped: 0, heads: 0, transactions: 0 },
    failures: malformed(messages, false),
  };
  let seen = await readRows(
    works.map((work) => ({ work })),
    deps,
    'eventual',
  );
  let pending: Pending[] = [];
  let busy = 'the batch is large';
  for (let round = 0; seen.length + pending.length > 0; round += 1) {
    if (round === MAX_ROUNDS || deadline.remainingMs() < LAST_COMMIT_MS) {
      const because = `${round === MAX_ROUNDS ? `${MAX_ROUNDS} rounds did not do` : 'time ran out'} (${busy})`;
      for (const { work } of [...seen, ...pending]) failWork(tally, work, because);
      break;
    }
    pending.push(...(await judge(seen, deps, tally)));
    const left = await commitAll(pending, deps, deadline, tally);
    busy = left.crowded ?? busy;
    if (left.crowded) await deps.pause(deps.random() * Math.min(1_000, 20 * 2 ** round));
    pending = left.again;
    seen = [...left.changed, ...(await readRows(left.reread, deps, 'strong'))];
  }
  const unreadable = malformed(messages, true);
  const summary: IngestSummary = { messages: messages.length, objects: works.length, ...tally, unreadable };
  return {
    ...summary,
    sentence: sentenceOf(summary),
    failedMessageIds: tally.failures.map(({ messageId }) => messageId),
  };
};

/** Attempts at what failed of a list: there is no queue that would bring it again. */
const ATTEMPTS = 3;

/** Takes in facts that no message stands for; what fails is tried again, and what fails for good is in the result. */
export const takeInFacts = async (
  facts: readonly ObjectFact[],
  deps: IngestDeps,
  deadline: Deadline,
): Promise<Pick<IngestSummary, 'set' | 'removed' | 'confirmed' | 'dropped' | 'failures'>> => {
  const sum = { set: 0, removed: 0, confirmed: 0, dropped: 0, failures: [] as Tally['failures'] };
  let left = facts;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const messages = left.map((fact, index) => ({ id: String(index), facts: [fact] }));
    const { failures, ...result } = await takeIn(messages, deps, deadline);
    for (const name of ['set', 'removed', 'confirmed', 'dropped'] as const) sum[name] += result[name];
    if (attempt === ATTEMPTS) sum.failures.push(...failures);
    else if (failures.length > 0) await deps.pause(deps.random() * 500 * 2 ** attempt);
    left = attempt === ATTEMPTS ? [] : failures.flatMap(({ messageId }) => left[Number(messageId)] ?? []);
  }
  return sum;
};

const malformed = (messages: readonly ParsedMessage[], kept: boolean) =>
  messages.flatMap(({ id, malformed: because, isKept = false }) =>
    because === undefined || isKept !== kept ? [] : [{ messageId: id, because }],
  );

/** The rows that these objects' steps rest on. */
export const readRows = async (
  works: readonly Pick<Seen, 'work'>[],
  { table }: Pick<IngestDeps, 'table'>,
  consistency: 'eventual' | 'strong',
): Promise<Seen[]> => {
  if (works.length === 0) return [];
  const first = works.flatMap(({ work }) => addressesOf(work));
  const rows = await table.readRows(first, consistency);
  const seen = works.map(({ work }): Seen => {
    const at = (slot: string | undefined) => rows.get(addressText({ ...work.object, slot }));
    const versions = [...work.versions.keys()].flatMap((slot) => {
      const row = at(slot);
      return row === undefined ? [] : [[slot, row] as const];
    });
    return { work, rows: { current: at(undefined), versions: new Map(versions) } };
  });
  // The null version's own row is read only where there may be one: an object of a bucket without versioning has none.
  const more = seen.filter(({ work, rows: known }) => needsNullRow(work, known));
  if (more.length === 0) return seen;
  const nulls = await table.readRows(
    more.map(({ work }) => ({ ...work.object, slot: NULL_SLOT })),
    consistency,
  );
  return seen.map(({ work, rows: known }) => {
    const row = nulls.get(addressText({ ...work.object, slot: NULL_SLOT }));
    return row === undefined
      ? { work, rows: known }
      : { work, rows: { ...known, versions: new Map([...known.versions, [NULL_SLOT, row] as const]) } };
  });
};

const addressesOf = ({ object, versions }: Seen['work']): RowAddress[] => [
  { ...object, slot: undefined },
  ...[...versions.keys()].filter((slot) => slot !== NULL_SLOT).map((slot) => ({ ...object, slot })),
];

/** Packs what is pending and commits it on all lanes; gives what has to be done again, and how. */
const commitAll = async (pending: readonly Pending[], deps: IngestDeps, deadline: Deadline, tally: Tally) => {
  const left = {
    again: [] as Pending[],
    changed: [] as Seen[],
    reread: [] as Pending[],
    crowded: undefined as string | undefined,
  };
  const rows = Math.min(...deps.lanes.map((lane) => lane.rows()));
  // A transaction that was refused as a whole comes back in halves, apart from the others.
  const groups = Map.groupBy(pending, ({ maxTogether }) => maxTogether ?? rows);
  const packs = [...groups].flatMap(([together, group]) => pack(group, Math.min(together, rows)));
  await inParallel(packs, deps.lanes.length, async (packed, index) => {
    const lane = deps.lanes[index];
    if (lane === undefined || deadline.remainingMs() < LAST_COMMIT_MS) {
      left.again.push(...packed.steps);
      return;
    }
    const { again, changed, reread, crowded } = await commitPacked(packed, lane, deps, tally);
    left.again.push(...again);
    left.changed.push(...changed);
    left.reread.push(...reread);
    left.crowded ??= crowded;
  });
  return left;
};
