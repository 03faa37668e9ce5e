import { KINDS, type Kind } from '../inventory.ts';
import type { NotDeleted, Result } from '../outcome.ts';
import type { Copy, CopyPlan } from './copies.ts';
import type { Removal } from './expiry.ts';
import type { CopySkip } from './verdict.ts';

/** What became of one step of a plan of copies. */
export type CopyAct =
  | { kind: 'started'; copy: Copy; how: 'new' | 'found' }
  | { kind: 'not-started'; copy: Copy; because: NotStarted; detail: string }
  | { kind: 'deleted'; removal: Removal; how: 'now' | 'already-gone' }
  | { kind: 'not-deleted'; removal: Removal; because: NotDeleted; detail: string };

export type NotStarted =
  | 'in-flight-limit'
  | 'quota'
  | 'source-gone'
  | 'source-state'
  | 'key-refused'
  | 'key-refused-before'
  | 'source-key-refused'
  | 'forbidden'
  | 'refused'
  | 'no-evidence'
  | 'name-taken'
  | 'failed-in-the-way'
  | 'out-of-time';

export interface CopyCounts {
  /** Selected databases that are to be copied. */
  databases: number;
  started: number;
  inProgress: number;
  waiting: number;
  failed: number;
  /** Databases that get no copy until a person does something. */
  stuck: number;
  deleted: number;
  wouldDelete: number;
  notDeleted: number;
  tagProblems: number;
  inFlight: number;
}

export interface CopyOutcome {
  result: Result;
  counts: CopyCounts;
  /** Of the stalest database that has a good copy, in milliseconds. */
  worstAgeMs: number | undefined;
  withoutGood: number;
}

// These pass by themselves: the next run, a quarter of an hour later, looks again.
const PASSING = new Set<NotStarted>(['in-flight-limit', 'source-gone', 'source-state', 'failed-in-the-way']);
const WAITING: ReadonlySet<string> = new Set<NotDeleted>(['not-armed', 'paused', 'state']);
const STUCK = new Set<CopySkip>([
  'not-copied-by-rds',
  'cannot-be-encrypted',
  'no-option-group',
  'key-unusable',
  'name-taken',
]);

/** True for a database that gets no copy until a person does something. */
export const isStuck = (because: string): boolean => STUCK.has(because as CopySkip);

/** True for a step that went wrong, and does not pass by itself. */
export const isFailure = (act: CopyAct): boolean =>
  (act.kind === 'not-started' && !PASSING.has(act.because)) ||
  (act.kind === 'not-deleted' && !WAITING.has(act.because));

/** Sums up a run of copies. OK: what could be done was done. PARTIAL: something needs a person. FAILED: nothing could be done, or seen. */
export const copyOutcomeOf = (plan: CopyPlan, acts: readonly CopyAct[]): CopyOutcome => {
  const count = (kind: CopyAct['kind']) => acts.filter((act) => act.kind === kind).length;
  const wanted = plan.databases.filter((one) => one.wanted);
  const failures = acts.filter(isFailure);
  const full = acts.filter((act) => act.kind === 'not-started' && act.because === 'in-flight-limit').length;
  const counts: CopyCounts = {
    databases: wanted.length,
    started: count('started'),
    inProgress: wanted.filter(({ because }) => because === 'in-progress').length,
    waiting: plan.databases.filter(({ kind }) => kind === 'wait').length + full,
    failed: failures.filter(({ kind }) => kind === 'not-started').length,
    stuck: wanted.filter(({ because }) => isStuck(because)).length,
    deleted: count('deleted'),
    wouldDelete: plan.removals.length,
    notDeleted: failures.filter(({ kind }) => kind === 'not-deleted').length,
    tagProblems: plan.databases.filter(({ problems }) => problems.length > 0).length,
    inFlight: plan.inFlight,
  };
  const newest = wanted.flatMap(({ newestGoodMs }) => (newestGoodMs === undefined ? [] : [newestGoodMs]));
  return {
    result: resultOf(plan, counts),
    counts,
    worstAgeMs: newest.length === 0 ? undefined : plan.nowMs - newest.reduce((a, b) => Math.min(a, b)),
    withoutGood: wanted.length - newest.length,
  };
};

const resultOf = (plan: CopyPlan, counts: CopyCounts): Result => {
  const isBlind = (where: 'primary' | 'recovery', what: string, kind: Kind) =>
    plan.warnings.some(
      (one) =>
        one.kind === 'unseen' &&
        one.where === where &&
        one.unseen.what === what &&
        (one.unseen.kind === undefined || one.unseen.kind === kind),
    );
  if (KINDS.every((kind) => isBlind('primary', 'databases', kind) || isBlind('recovery', 'snapshots', kind)))
    return 'FAILED';
  if (counts.failed > 0 && counts.started + counts.inProgress === 0) return 'FAILED';
  const full = plan.databases.filter(({ because }) => because === 'quota').length;
  const troubled =
    counts.failed + counts.stuck + counts.notDeleted + counts.tagProblems + full + plan.warnings.length > 0;
  return troubled ? 'PARTIAL' : 'OK';
};
