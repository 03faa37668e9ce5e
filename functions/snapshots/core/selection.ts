import { HOUR_MS } from './calendar.ts';
import type { Database, Pause, Snapshot } from './inventory.ts';
import { pauseText } from './orders.ts';
import { isOwn } from './ownership.ts';
import type { Settings } from './policy.ts';
import { deniedEngine, isAtEnd, isUnsupportedReplica, readinessOf } from './states.ts';
import { slotOf } from './tags.ts';
import type { Wishes } from './wishes.ts';

/** Why a database gets no snapshot in this run. */
export type SkipReason =
  | 'not-tagged'
  | 'switched-off'
  | 'cluster-member'
  | 'engine-denied'
  | 'unsupported-replica'
  | 'replica-not-included'
  | 'already-taken'
  | 'in-progress'
  | 'previous-running'
  | 'slot-closed'
  | 'unusable-state'
  | 'deferred'
  | 'creation-paused'
  | 'quota';

/** Why one does. */
export type CreateReason = 'due' | 'due-by-default' | 'state-unknown' | 'previous-failed';

export type Selection =
  | { selected: false; skip: SkipReason; detail: string }
  | { selected: true; skip: SkipReason; detail: string }
  | { selected: true; create: CreateReason; detail: string };

/** Whether a database is ours to keep at all: by its tag, its kind and its engine. */
const unselectedBecause = (database: Database, wishes: Wishes, settings: Settings): Selection | undefined => {
  const no = (skip: SkipReason, detail = ''): Selection => ({ selected: false, skip, detail });
  if (wishes.wish === 'off') return no('switched-off');
  if (wishes.wish === 'none') return no('not-tagged');
  // docs: API_CreateDBSnapshot refuses a member; its cluster is snapshotted once, by its own tag.
  if (database.memberOf !== undefined) return no('cluster-member', database.memberOf);
  const denied = deniedEngine(database.engine);
  if (denied !== undefined) return no('engine-denied', denied);
  if (database.replicaOf !== undefined) {
    if (isUnsupportedReplica(database.kind, database.engine)) return no('unsupported-replica', database.engine);
    if (!settings.includeReplicas) return no('replica-not-included', database.replicaOf);
  }
  return undefined;
};

/** Whether a database is ours to keep, whatever this slot brings. */
export const isSelected = (database: Database, wishes: Wishes, settings: Settings): boolean =>
  unselectedBecause(database, wishes, settings) === undefined;

// docs: invocation-async-error-handling — Lambda keeps an asynchronous event for at most 6 hours.
const LATEST_DELIVERY_MS = 6 * HOUR_MS;

/** Decides for one database and slot, before any call: create, or why not. `snapshots` are those of its resource id. */
export const selectDatabase = (
  database: Database,
  wishes: Wishes,
  snapshots: readonly Snapshot[],
  slotMs: number,
  settings: Settings,
  creationPause?: Pause,
): Selection => {
  const unselected = unselectedBecause(database, wishes, settings);
  if (unselected !== undefined) return unselected;
  const skip = (reason: SkipReason, detail = ''): Selection => ({ selected: true, skip: reason, detail });

  const { done, running, later, previous, ended } = lookAt(snapshots, slotMs, settings.stack);
  if (done !== undefined) return skip('already-taken', done.id);
  if (running !== undefined) return skip('in-progress', running.id);
  if (later !== undefined) return skip('slot-closed', later.id);
  if (previous !== undefined) return skip('previous-running', previous.id);

  const readiness = readinessOf(database.status);
  if (readiness === 'unusable') return skip('unusable-state', database.status);
  if (readiness === 'passing') return skip('deferred', database.status);
  if (creationPause !== undefined) return skip('creation-paused', pauseText(creationPause));
  const create = (reason: CreateReason, detail = ''): Selection => ({ selected: true, create: reason, detail });
  if (readiness === 'unknown') return create('state-unknown', database.status);
  if (ended !== undefined) return create('previous-failed', `${ended.id} is ${ended.status}`);
  return wishes.problems.length > 0 ? create('due-by-default') : create('due');
};

/** The first of its own snapshots of each sort that speaks against a new one. */
interface Own {
  /** Of this slot: there, being made, or at its end without being there. */
  done?: Snapshot;
  running?: Snapshot;
  ended?: Snapshot;
  /** Of a later slot: the trigger comes after its successor, and data of now must not carry a slot of the past. */
  later?: Snapshot;
  /** Of another slot, and still being made. */
  previous?: Snapshot;
}

const lookAt = (snapshots: readonly Snapshot[], slotMs: number, stack: string): Own => {
  const own: Own = {};
  for (const snapshot of snapshots) {
    if (!isOwn(snapshot, stack)) continue;
    const { status } = snapshot;
    const aheadMs = (slotOf(snapshot) ?? 0) - slotMs;
    if (status === 'creating') own.previous ??= snapshot;
    if (aheadMs === 0) {
      if (status === 'available') own.done ??= snapshot;
      else if (isAtEnd(status)) own.ended ??= snapshot;
      else own.running ??= snapshot;
    }
    // Further ahead than an event can be late, it is a clock that is wrong, and backups go on.
    else if (aheadMs > 0 && aheadMs <= LATEST_DELIVERY_MS) own.later ??= snapshot;
  }
  return own;
};
