import { HOUR_MS } from '../calendar.ts';
import type { Database, Inventory, Snapshot } from '../inventory.ts';
import { isOwn } from '../ownership.ts';
import type { Settings, VerificationSettings } from '../policy.ts';
import { isSelected } from '../selection.ts';
import { groupOf, slotOf } from '../tags.ts';
import { readWishes } from '../wishes.ts';
import { type Verdict, verdictOf } from './tags.ts';
import { THROW_AWAY } from './throw-away.ts';
import { type Book, livedFrom } from './verification.ts';

// Which databases are to be tried now. Level-triggered: from the tags on what exists, and from what ended lately.

/** Why nothing more is started. */
export type Idle = 'paused' | 'orders-unseen' | 'no-seat' | 'day-is-spent' | 'not-yet';

export interface Candidate {
  database: Database;
  snapshot: Snapshot;
  slotMs: number;
  /** When its newest verdict was given; undefined for a database that was never tried. */
  lastMs: number | undefined;
}

/** One database that is selected, and how it stands with restores. */
export interface Standing {
  database: Database;
  /** The newest moment at which one of its snapshots was proven to restore. */
  provenMs: number | undefined;
}

export interface Choice {
  starts: Candidate[];
  /** Due, and not started for want of a seat. */
  waiting: number;
  /** Due, and without a good snapshot to try. */
  withoutGood: Database[];
  standings: Standing[];
}

/** Something that went wrong, or told nothing, is tried again after this at the latest. */
const RETRY_HOURS = 6;

/** Why no verification may begin now, whatever is due. Unknown orders are no leave. */
export const idleBecause = (
  book: Book,
  inventory: Pick<Inventory, 'orders'>,
  settings: VerificationSettings,
  nowMs: number,
): Idle | undefined => {
  if (inventory.orders === undefined) return 'orders-unseen';
  if (inventory.orders.pauses.some(({ part }) => part === 'verification')) return 'paused';
  if (book.open.length >= settings.atOnce) return 'no-seat';
  if (livedTodayMs(book, nowMs) >= settings.maxInstanceHoursPerDay * HOUR_MS) return 'day-is-spent';
  return undefined;
};

/** How long throw-away databases have lived together in this UTC day, those that stand now included. */
export const livedTodayMs = (book: Book, nowMs: number): number => {
  const dayMs = Math.floor(nowMs / (24 * HOUR_MS)) * 24 * HOUR_MS;
  const within = (fromMs: number, toMs: number) => Math.max(0, Math.min(toMs, nowMs) - Math.max(fromMs, dayMs));
  const open = book.open.map((record) => within(livedFrom(record) ?? nowMs, nowMs));
  const recent = book.recent.map(({ livedFromMs, endedMs }) => within(livedFromMs, endedMs));
  return [...open, ...recent].reduce((sum, one) => sum + one, 0);
};

/**
 * Chooses what to start: selected databases whose last verdict is older than `everyHours`, the longest unverified first, each
 * with its newest good snapshot, as many as there are seats. `only` names one database that a person wants now, due or not.
 */
export const chooseVerifications = (
  inventory: Inventory,
  book: Book,
  settings: Settings & { verification: VerificationSettings },
  nowMs: number,
  only?: string,
): Choice => {
  const byResource = new Map<string, Snapshot[]>();
  for (const snapshot of inventory.snapshots) {
    if (!isOwn(snapshot, settings.stack)) continue;
    const key = `${snapshot.kind}/${groupOf(snapshot)}`;
    const group = byResource.get(key);
    if (group) group.push(snapshot);
    else byResource.set(key, [snapshot]);
  }
  const standings: Standing[] = [];
  const withoutGood: Database[] = [];
  const due: Candidate[] = [];
  for (const database of inventory.databases) {
    if (THROW_AWAY.stack in database.tags) continue;
    if (!isSelected(database, readWishes(database, settings), settings)) continue;
    const snapshots = byResource.get(`${database.kind}/${database.resourceId}`) ?? [];
    const verdicts = verdictsOf(database, snapshots, book, nowMs);
    standings.push({ database, provenMs: newest(verdicts.filter(({ result }) => result === 'ok')) });
    if (only === undefined ? !isDue(database, verdicts, book, settings.verification, nowMs) : database.id !== only)
      continue;
    if (book.open.some(({ source }) => source.resourceId === database.resourceId)) continue;
    const good = newestGood(snapshots, inventory, nowMs);
    if (good === undefined) withoutGood.push(database);
    else due.push({ database, ...good, lastMs: newest(verdicts) });
  }
  due.sort(longestUnverifiedFirst);
  const seats = Math.max(0, settings.verification.atOnce - book.open.length);
  return { starts: due.slice(0, seats), waiting: Math.max(0, due.length - seats), withoutGood, standings };
};

const newest = (verdicts: readonly Verdict[]): number | undefined =>
  verdicts.length === 0 ? undefined : Math.max(...verdicts.map(({ atMs }) => atMs));

/** What restores said of a database's snapshots: from the tags; and from the book, for a snapshot that takes no tag, or is gone. */
export const verdictsOf = (
  database: Pick<Database, 'resourceId'>,
  snapshots: readonly Snapshot[],
  book: Book,
  nowMs: number,
): Verdict[] => [
  ...snapshots.flatMap((snapshot) => verdictOf(snapshot, nowMs) ?? []),
  ...book.recent.flatMap(({ resourceId, result, endedMs }): Verdict[] =>
    resourceId === database.resourceId && result !== 'inconclusive' ? [{ atMs: endedMs, result }] : [],
  ),
];

const isDue = (
  database: Database,
  verdicts: readonly Verdict[],
  book: Book,
  { everyHours }: VerificationSettings,
  nowMs: number,
): boolean => {
  const retryMs = Math.min(everyHours, RETRY_HOURS) * HOUR_MS;
  const triedMs = Math.max(
    ...book.recent.flatMap(({ resourceId, endedMs }) => (resourceId === database.resourceId ? [endedMs] : [])),
    Number.NEGATIVE_INFINITY,
  );
  if (nowMs - triedMs < retryMs) return false;
  const lastMs = newest(verdicts);
  if (lastMs === undefined) return true;
  const last = verdicts.find(({ atMs }) => atMs === lastMs);
  return nowMs - lastMs >= (last?.result === 'ok' ? everyHours * HOUR_MS : retryMs);
};

/** The newest of ours that is available and whose key is known to be usable. */
const newestGood = (
  snapshots: readonly Snapshot[],
  { keys }: Inventory,
  nowMs: number,
): { snapshot: Snapshot; slotMs: number } | undefined => {
  const good = snapshots.flatMap((snapshot) => {
    const slotMs = slotOf(snapshot);
    const isUsable = snapshot.kmsKeyId === undefined || keys?.[snapshot.kmsKeyId] === 'usable';
    return slotMs !== undefined && slotMs <= nowMs && snapshot.status === 'available' && isUsable
      ? [{ snapshot, slotMs }]
      : [];
  });
  return good.sort((one, other) => other.slotMs - one.slotMs || compare(one.snapshot.id, other.snapshot.id))[0];
};

const longestUnverifiedFirst = (one: Candidate, other: Candidate): number =>
  (one.lastMs ?? Number.NEGATIVE_INFINITY) === (other.lastMs ?? Number.NEGATIVE_INFINITY)
    ? compare(one.database.arn, other.database.arn)
    : (one.lastMs ?? Number.NEGATIVE_INFINITY) - (other.lastMs ?? Number.NEGATIVE_INFINITY);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
