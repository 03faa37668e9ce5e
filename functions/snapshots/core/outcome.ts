import type { Kind, Snapshot } from './inventory.ts';
import type { Create, Plan } from './plan.ts';
import { isAtRest } from './states.ts';

/** What became of one step of the plan. */
export type Act =
  | { kind: 'created'; create: Create; name: string; how: 'new' | 'found' }
  | { kind: 'not-created'; create: Create; because: NotCreated; detail: string }
  | { kind: 'deleted'; snapshot: Snapshot; how: 'now' | 'already-gone' }
  | { kind: 'not-deleted'; snapshot: Snapshot; because: NotDeleted; detail: string };

export type NotCreated =
  | 'deferred'
  | 'missed'
  | 'gone'
  | 'quota'
  | 'refused'
  | 'no-evidence'
  | 'name-taken'
  | 'out-of-time';
export type NotDeleted =
  | 'not-armed'
  /** Somebody paused it after the plan was made. */
  | 'paused'
  | 'orders-unseen'
  | 'confirmation-lost'
  | 'state'
  | 'refused'
  | 'no-evidence'
  | 'out-of-time';

export type Result = 'OK' | 'PARTIAL' | 'FAILED';

export interface Counts {
  databases: number;
  selected: number;
  created: number;
  alreadyThere: number;
  deferred: number;
  failed: number;
  leftOutByQuota: number;
  kept: number;
  wouldDelete: number;
  deleted: number;
  notDeleted: number;
  ignored: number;
  tagProblems: number;
}

/** A run as it ended. */
export interface Outcome {
  result: Result;
  counts: Counts;
  /** Age of the stalest selected database's newest good snapshot, in milliseconds, stopped ones apart; undefined when one has none yet. */
  worstAgeMs: number | undefined;
  withoutGood: number;
}

// These pass by themselves, and are no failure of the run; the age of the newest good snapshot tells when they last.
const PASSING = new Set<NotCreated>(['deferred', 'gone']);
const WAITING = new Set<NotDeleted>(['not-armed', 'paused', 'state']);

/** Sums up a run. OK: all that could be done was done. PARTIAL: something needs a person. FAILED: nothing could be done, or nothing could be seen. */
export const outcomeOf = (plan: Plan, acts: readonly Act[], dryRun: boolean): Outcome => {
  const of = <K extends Act['kind']>(kind: K) =>
    acts.filter((act): act is Extract<Act, { kind: K }> => act.kind === kind);
  const notCreated = of('not-created');
  const failures = notCreated.filter(({ because }) => !PASSING.has(because));
  const undeleted = of('not-deleted').filter(({ because }) => !WAITING.has(because));
  const skips = plan.databases.filter(({ kind }) => kind === 'skip');
  const selected = plan.databases.filter((one) => one.selected);
  const counts: Counts = {
    databases: plan.databases.length,
    selected: selected.length,
    created: of('created').length,
    alreadyThere: skips.filter(({ because }) => because === 'already-taken' || because === 'in-progress').length,
    deferred:
      skips.filter(({ because }) => because === 'deferred').length +
      notCreated.filter(({ because }) => because === 'deferred').length,
    failed: failures.length,
    leftOutByQuota: skips.filter(({ because }) => because === 'quota').length,
    kept: plan.snapshots.filter(({ kind }) => kind === 'keep').length,
    wouldDelete: plan.deletes.length,
    deleted: of('deleted').length,
    notDeleted: undeleted.length,
    ignored: plan.snapshots.filter(({ kind }) => kind === 'ignore').length,
    tagProblems: plan.databases.filter(({ problems }) => problems.length > 0).length,
  };
  const withoutGood = selected.filter(({ newestGoodMs }) => newestGoodMs === undefined).length;
  const awake = selected.filter(({ database }) => !isAtRest(database.status));
  return {
    result: resultOf(plan, counts, dryRun),
    counts,
    worstAgeMs:
      awake.length === 0 || withoutGood > 0
        ? undefined
        : awake.reduce((worst, { newestGoodMs }) => Math.max(worst, plan.nowMs - (newestGoodMs ?? plan.nowMs)), 0),
    withoutGood,
  };
};

const resultOf = (plan: Plan, counts: Counts, dryRun: boolean): Result => {
  const blind = (kind: Kind) =>
    plan.warnings.some(
      (warning) => warning.kind === 'unseen' && warning.unseen.what === 'databases' && warning.unseen.kind === kind,
    );
  if (blind('instance') && blind('cluster')) return 'FAILED';
  if (!dryRun && counts.failed > 0 && counts.created + counts.alreadyThere === 0) return 'FAILED';
  const troubled =
    counts.failed + counts.leftOutByQuota + counts.notDeleted + counts.tagProblems + plan.warnings.length > 0;
  return troubled ? 'PARTIAL' : 'OK';
};
