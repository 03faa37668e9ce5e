import { HOUR_MS } from './calendar.ts';
import type { Confirmation, Kind } from './inventory.ts';
import { snapshotName } from './names.ts';
import type { Act, NotCreated, Outcome, Result } from './outcome.ts';
import type { Create, Plan } from './plan.ts';
import type { Settings } from './policy.ts';
import { tagsFor } from './tags.ts';

// What a run leaves of its slot, and when it is gone on with. Only creations are written down, by resource id: databases
// are looked at again before anything is asked of RDS. Deletions never are; they are planned afresh from what exists then.

/** A database that still wants its snapshot of the slot. */
export interface Left {
  kind: Kind;
  resourceId: string;
  because: LeftReason;
  /** Names that its snapshot was asked for under without an answer: it may stand under one of them, also after a rename. */
  tried?: readonly string[] | undefined;
}
/** One that was left, and that there no longer is under its resource id. */
export type Gone = Pick<Left, 'kind' | 'resourceId'>;
export type LeftReason = Extract<NotCreated, 'out-of-time' | 'deferred' | 'no-evidence'>;

export interface Remaining {
  slotMs: number;
  /** The first one is 1; each continuation writes the next. */
  part: number;
  left: readonly Left[];
  /** `left`: this slot's expiry has not come to its end. */
  expiry: 'left' | 'done';
  /** What may still be deleted of what a person confirmed, for a confirmation is used up by the slot, not by a part of it. */
  confirmed?: Confirmation | undefined;
  /** The slot so far, without what is left. */
  soFar: SoFar;
}

export interface SoFar {
  expiry: Plan['expiry'];
  outcome: Outcome;
}

/** A busy database is looked at again after this long. */
export const PATIENCE_MS = 10 * 60_000;

const TRIED_AGAIN = new Set<NotCreated>(['out-of-time', 'deferred', 'no-evidence'] satisfies LeftReason[]);

/** True for a creation that another part of the slot tries again. */
export const isLeft = (act: Act): act is Extract<Act, { kind: 'not-created' }> & { because: LeftReason } =>
  act.kind === 'not-created' && TRIED_AGAIN.has(act.because);

/** The creations that are left: those that were not come to, and those that may go well later in the slot. */
export const leftOf = (plan: Pick<Plan, 'databases'>, acts: readonly Act[]): Left[] => [
  ...acts
    .filter(isLeft)
    .map(({ create: { database, name }, because }) =>
      leftBy(database, because, because === 'no-evidence' ? [name] : undefined),
    ),
  ...plan.databases
    .filter(({ kind, because }) => kind === 'skip' && because === 'deferred')
    .map(({ database }) => leftBy(database, 'deferred')),
];

/** One that is left. */
export const leftBy = ({ kind, resourceId }: Gone, because: LeftReason, tried?: readonly string[]): Left => ({
  kind,
  resourceId,
  because,
  ...(tried !== undefined && { tried }),
});

/** The names that were tried before, of each database that is left. */
export const triedBefore = (left: readonly Left[]): ((database: Gone) => readonly string[]) => {
  const tried = new Map(left.map((one) => [keyOf(one), one.tried ?? []]));
  return (database) => tried.get(keyOf(database)) ?? [];
};

/** What is left now, with the names that were tried before: unanswered is unanswered until the slot is over. */
export const withTried = (left: readonly Left[], before: readonly Left[]): Left[] => {
  const triedOf = triedBefore(before);
  return left.map((one) => {
    const tried = [...new Set([...triedOf(one), ...(one.tried ?? [])])];
    return tried.length === 0 ? one : { ...one, tried };
  });
};

const keyOf = ({ kind, resourceId }: Gone): string => `${kind}/${resourceId}`;

/** True when deletions that were planned were not come to. */
export const isExpiryLeft = (acts: readonly Act[]): boolean =>
  acts.some((act) => act.kind === 'not-deleted' && act.because === 'out-of-time');

/** True once the slot's hour is over: a snapshot of now must not carry its name. */
export const isClosed = (slotMs: number, nowMs: number): boolean => nowMs >= slotMs + HOUR_MS;

/** How long to wait before going on, in milliseconds; `closed` when the slot would be over by then. */
export const waitOf = ({ left, expiry }: Pick<Remaining, 'left' | 'expiry'>, slotMs: number, nowMs: number) => {
  const atOnce = expiry === 'left' || left.some(({ because }) => because === 'out-of-time');
  const waitMs = atOnce ? 0 : PATIENCE_MS;
  return isClosed(slotMs, nowMs + waitMs) ? 'closed' : waitMs;
};

/** The slot's outcome after a part that only created: what was so far, what was done now, and what is left. */
export const outcomeAfter = (before: Outcome, acts: readonly Act[], left: readonly Left[]): Outcome => {
  const settled = acts.filter((act) => !isLeft(act));
  const created = settled.filter(({ kind }) => kind === 'created').length;
  const failed = settled.filter((act) => act.kind === 'not-created' && act.because !== 'gone').length;
  const waiting = left.filter(({ because }) => because === 'deferred').length;
  const counts = {
    ...before.counts,
    created: before.counts.created + created,
    // Those that a part before this one deferred are left, or no longer are.
    deferred: waiting,
    failed: before.counts.failed + failed + left.length - waiting,
  };
  const somethingThere = counts.created + counts.alreadyThere > 0;
  const worse: Result = counts.failed === 0 ? 'OK' : somethingThere ? 'PARTIAL' : 'FAILED';
  // A slot that failed for want of any snapshot has one now.
  const earlier: Result = before.result === 'FAILED' && somethingThere ? 'PARTIAL' : before.result;
  return { ...before, counts, result: worst(earlier, worse) };
};

const RESULTS: readonly Result[] = ['OK', 'PARTIAL', 'FAILED'];
const worst = (...results: Result[]): Result =>
  RESULTS[Math.max(...results.map((one) => RESULTS.indexOf(one)))] ?? 'OK';

/** True when RDS did not answer about some. */
export const isUnanswered = (left: readonly Left[]): boolean => left.some(({ because }) => because === 'no-evidence');

/** The outcome of a run that hands the rest on: what was not come to is no failure yet, and the run is not whole. No answer is one, though it is tried again: RDS may be down. */
export const outcomeHandedOn = (
  run: Outcome,
  settled: Outcome,
  { left, expiry }: Pick<Remaining, 'left' | 'expiry'>,
): Outcome => {
  if (isUnanswered(left)) return run;
  const whole = expiry === 'done' && left.every(({ because }) => because === 'deferred');
  return { ...run, result: worst(settled.result, whole ? 'OK' : 'PARTIAL') };
};

/** What is settled of a run: its acts without those that are gone on with. */
export const settledActs = (acts: readonly Act[]): Act[] =>
  acts.filter((act) => !isLeft(act) && !(act.kind === 'not-deleted' && act.because === 'out-of-time'));

/** Once nothing more comes in this slot: who was busy until then has missed it. */
export const asMissed = (
  plan: Pick<Plan, 'databases' | 'slotMs'>,
  acts: readonly Act[],
  { prefix, stack }: Pick<Settings, 'prefix' | 'stack'>,
): Act[] => [
  ...acts.map((act): Act => (isLeft(act) && act.because === 'deferred' ? { ...act, because: 'missed' } : act)),
  ...plan.databases.flatMap((verdict): Act[] => {
    if (verdict.kind !== 'skip' || verdict.because !== 'deferred') return [];
    const { database, detail } = verdict;
    const name = snapshotName(prefix, database.id, database.resourceId, plan.slotMs);
    const tags = tagsFor(database, name, plan.slotMs, stack);
    const create: Create = { database, name, attempt: 1, slotMs: plan.slotMs, tags, because: 'due' };
    return [{ kind: 'not-created', create, because: 'missed', detail }];
  }),
];

/** Earlier creations of the slot beside a run that came after them: that run has looked again at all the others. */
export const besideEarlier = (earlier: readonly Act[], run: readonly Act[]): Act[] => {
  const created = earlier.filter((act) => act.kind === 'created');
  const by = (act: Act) => ('create' in act ? keyOf(act.create.database) : '');
  const taken = new Set(created.map(by));
  return [...created, ...run.filter((act) => !(act.kind === 'created' && taken.has(by(act))))];
};
