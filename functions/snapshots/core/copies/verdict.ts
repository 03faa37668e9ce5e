import { HOUR_MS, hourStart } from '../calendar.ts';
import type { Database, KeyState, Snapshot } from '../inventory.ts';
import { isOwn } from '../ownership.ts';
import type { CopySettings, Settings } from '../policy.ts';
import { isAtEnd } from '../states.ts';
import { OWN, slotOf } from '../tags.ts';
import { regionOf, SOURCE_SNAPSHOT, sourceArnOf } from './tags.ts';

/** Why a database gets no copy in this run. */
export type CopySkip =
  | 'switched-off'
  | 'paused'
  | 'unseen'
  | 'fresh'
  | 'in-progress'
  | 'no-good-source'
  | 'newest-is-copied'
  | 'not-copied-by-rds'
  | 'cannot-be-encrypted'
  | 'no-option-group'
  | 'key-unusable'
  | 'failed-in-the-way'
  | 'name-taken';

/** Why one does. */
export type CopyReason = 'first' | 'due' | 'previous-failed';

/** Why one must wait for the next run. */
export type CopyWait = 'in-flight-limit' | 'quota';

export type CopyDecision =
  | { kind: 'copy'; because: CopyReason; source: Snapshot; detail: string; needs: CopyNeeds }
  | { kind: 'skip'; because: CopySkip; detail: string };

/** What a copy needs at the destination. */
export interface CopyNeeds {
  kmsKeyId?: string;
  optionGroup?: string;
}

type Keys = Readonly<Record<string, KeyState>> | undefined;

/** One database with its snapshots at both ends. */
export interface CopyCase {
  database: Database;
  wanted: boolean;
  sources: readonly Snapshot[];
  sourceKeys: Keys;
  /** What is at the destination of this database, judged by `asCopy`. */
  copies: readonly Snapshot[];
  destinationKeys: Keys;
  /** Whatever has the name that a copy of this source would have. */
  named(source: Snapshot): Snapshot | undefined;
  /** What could not be seen, where that matters for this kind. */
  unseen: string | undefined;
  /** Who stopped the copies, and why. */
  paused: string | undefined;
}

/** True while a snapshot is in the making: any state that is neither available nor an end. */
export const isInTheMaking = ({ status }: Snapshot): boolean => status !== 'available' && !isAtEnd(status);

/** Ours, and a copy: what expiry and freshness look at in the recovery region. */
export const isOurCopy = (snapshot: Snapshot, stack: string): boolean =>
  isOwn(snapshot, stack) && SOURCE_SNAPSHOT in snapshot.tags;

/** A copy on its way from another region, whoever asked for it: RDS counts them together (docs: USER_CopySnapshot, limits). */
export const isInFlight = (snapshot: Snapshot): boolean => {
  if (!isInTheMaking(snapshot)) return false;
  const from = regionOf(sourceArnOf(snapshot));
  return from === undefined ? /^(copying|pending)$/.test(snapshot.status) : from !== regionOf(snapshot.arn);
};

/** The newest slot of a database that stands at the destination; a key that cannot be asked about does not take it away. */
export const newestCopyMs = (copies: readonly Snapshot[], keys: Keys, settings: Settings, nowMs: number) =>
  newest(
    copies.filter((one) => isOurCopy(one, settings.stack) && one.status === 'available' && mayDecrypt(one, keys)),
    nowMs,
  )?.slotMs;

/** Whether the source's snapshots matter at all: what is fresh, or on its way, needs no look at them. */
export const isWaitingForCopy = (one: Omit<CopyCase, 'sources' | 'named'>, settings: Settings, nowMs: number) =>
  beforeSources(one, settings, nowMs) === undefined;

/** Decides for one database, before any call: copy its newest good snapshot, or why not. `isBeingRemoved`: this run takes a failed copy away first. */
export const decideCopy = (
  one: CopyCase,
  settings: Settings,
  nowMs: number,
  isBeingRemoved: (failed: Snapshot) => boolean,
): CopyDecision => {
  const copies = settings.copies as CopySettings;
  const early = beforeSources(one, settings, nowMs);
  if (early !== undefined) return early;
  const found = newest(
    one.sources.filter((source) => isGoodSource(source, one, settings)),
    nowMs,
  );
  if (found === undefined) return skip('no-good-source');
  const standingMs = newestCopyMs(one.copies, one.destinationKeys, settings, nowMs);
  const source = found.snapshot;
  if (standingMs !== undefined && found.slotMs <= standingMs) return skip('newest-is-copied', source.id);
  // docs: API_CopyDBSnapshot — it does not apply to RDS Custom.
  if (/^custom-/.test(one.database.engine)) return skip('not-copied-by-rds', one.database.engine);
  const needs = needsOf(source, copies);
  if ('kind' in needs) return needs;
  if (needs.kmsKeyId !== undefined && one.destinationKeys?.[needs.kmsKeyId] === 'unusable')
    return skip('key-unusable', needs.kmsKeyId);
  const there = one.named(source);
  if (there !== undefined && !(isCopyOf(there, source, settings.stack) && there.status === 'failed'))
    return skip('name-taken', source.id);
  if (there !== undefined && !isBeingRemoved(there)) return skip('failed-in-the-way', source.id);
  if (one.paused !== undefined) return skip('paused', one.paused);
  const because = there !== undefined ? 'previous-failed' : standingMs === undefined ? 'first' : 'due';
  return { kind: 'copy', because, source, needs, detail: '' };
};

const beforeSources = (
  one: Omit<CopyCase, 'sources' | 'named'>,
  settings: Settings,
  nowMs: number,
): Extract<CopyDecision, { kind: 'skip' }> | undefined => {
  const { everyHours } = settings.copies as CopySettings;
  if (!one.wanted) return skip('switched-off');
  if (one.unseen !== undefined) return skip('unseen', one.unseen);
  // One at a time for each database: RDS queues them, and they would take each other's place in the limit.
  const running = one.copies.find((copy) => isOurCopy(copy, settings.stack) && isInTheMaking(copy));
  if (running !== undefined) {
    const percent = running.percentProgress ? `, ${running.percentProgress} %` : '';
    return skip('in-progress', `${running.id} is ${running.status}${percent}`);
  }
  const standingMs = newestCopyMs(one.copies, one.destinationKeys, settings, nowMs);
  return standingMs !== undefined && hourStart(nowMs) - standingMs < everyHours * HOUR_MS ? skip('fresh') : undefined;
};

const skip = (because: CopySkip, detail = '') => ({ kind: 'skip', because, detail }) as const;

/** Own, of this database, available, and not known to be unreadable: a key that nobody could ask about is RDS's to judge, for a copy deletes nothing. */
const isGoodSource = (source: Snapshot, { database, sourceKeys }: CopyCase, { stack }: Settings): boolean =>
  isOwn(source, stack) &&
  source.tags[OWN.resourceId] === database.resourceId &&
  source.status === 'available' &&
  mayDecrypt(source, sourceKeys);

const mayDecrypt = ({ kmsKeyId }: Snapshot, keys: Keys): boolean =>
  kmsKeyId === undefined || keys?.[kmsKeyId] !== 'unusable';

/** The one of the latest slot that is not after now; equal slots by name, so that two runs agree. */
const newest = (snapshots: readonly Snapshot[], nowMs: number): { snapshot: Snapshot; slotMs: number } | undefined => {
  let best: { snapshot: Snapshot; slotMs: number } | undefined;
  for (const snapshot of snapshots) {
    const slotMs = slotOf(snapshot);
    if (slotMs === undefined || slotMs > nowMs) continue;
    if (best === undefined || slotMs > best.slotMs || (slotMs === best.slotMs && snapshot.id > best.snapshot.id))
      best = { snapshot, slotMs };
  }
  return best;
};

/** True when that snapshot is our copy of this one. */
export const isCopyOf = (snapshot: Snapshot, source: Snapshot, stack: string): boolean =>
  isOurCopy(snapshot, stack) && snapshot.tags[SOURCE_SNAPSHOT] === source.arn;

const needsOf = (source: Snapshot, copies: CopySettings): CopyNeeds | Extract<CopyDecision, { kind: 'skip' }> => {
  const isEncrypted = source.encrypted === true || source.kmsKeyId !== undefined;
  // docs: API_CopyDBClusterSnapshot, KmsKeyId — an unencrypted one with a key is an error (CopyDBSnapshot encrypts).
  if (source.kind === 'cluster' && !isEncrypted && copies.encryptCopies === 'required')
    return skip('cannot-be-encrypted', source.id);
  const needs: CopyNeeds =
    isEncrypted || copies.encryptCopies === 'required' ? { kmsKeyId: copies.kmsKeyId } : ({} as CopyNeeds);
  const { optionGroup } = source;
  // docs: API_CopyDBSnapshot, OptionGroupName — for an option group that is not a default one; clusters have none.
  if (source.kind === 'cluster' || optionGroup === undefined || optionGroup.startsWith('default:')) return needs;
  const counterpart = copies.optionGroups[optionGroup];
  return counterpart === undefined ? skip('no-option-group', optionGroup) : { ...needs, optionGroup: counterpart };
};
