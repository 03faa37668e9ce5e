import { HOUR_MS } from './calendar.ts';
import type { Circumstances } from './circumstances.ts';
import type { DatabaseVerdict } from './database-verdict.ts';
import type { SnapshotVerdict } from './expiry.ts';
import type { Database, Inventory, KeyState, Pause, Snapshot, Unseen } from './inventory.ts';
import type { Settings } from './policy.ts';
import { isAtRest, isComingOrGoing } from './states.ts';

/** What a person should look at: a run with one is not OK. */
export type Warning =
  | { kind: 'none-selected'; seen: number; tagKey: string }
  | { kind: 'unseen'; unseen: Unseen }
  /** `passed`: what a person confirmed goes all the same. */
  | { kind: 'circuit-breaker'; stopped: number; passed: number; allowed: number }
  | { kind: 'creation-broken'; database: Database; newestGoodMs: number | undefined }
  | { kind: 'cluster-not-tagged'; member: Database; cluster: string }
  | { kind: 'creation-paused'; pause: Pause }
  | { kind: 'key-unusable'; keyId: string; state: Exclude<KeyState, 'usable'>; snapshots: number }
  | { kind: 'still-creating'; snapshot: Snapshot; slotMs: number };

/** What a plan was made from, and what it came to so far. */
interface Findings {
  inventory: Inventory;
  settings: Settings;
  nowMs: number;
  circumstances: Circumstances;
  creationPause: Pause | undefined;
  databases: readonly DatabaseVerdict[];
  verdicts: readonly SnapshotVerdict[];
  stopped: number;
  passed: number;
  allowed: number;
}

/** Everything about a plan that a person should look at, what could not be seen first. */
export const warningsOf = ({
  inventory,
  settings,
  nowMs,
  circumstances,
  creationPause,
  databases,
  verdicts,
  stopped,
  passed,
  allowed,
}: Findings): Warning[] => [
  ...unseenOf(inventory, circumstances).map((unseen): Warning => ({ kind: 'unseen', unseen })),
  ...(databases.some(({ selected }) => selected) || inventory.unseen.some(({ what }) => what === 'databases')
    ? []
    : [{ kind: 'none-selected', seen: inventory.databases.length, tagKey: settings.tagKey } as const]),
  ...(creationPause ? [{ kind: 'creation-paused', pause: creationPause } as const] : []),
  ...brokenCreations(databases, settings, nowMs),
  ...untaggedClusters(databases),
  ...stillCreating(verdicts, settings, nowMs),
  ...unusableKeys(verdicts, inventory),
  ...(stopped > 0 ? [{ kind: 'circuit-breaker', stopped, passed, allowed } as const] : []),
];

/** What could not be seen, also where nobody looked. */
const unseenOf = ({ unseen }: Inventory, { ordersSeen, copiesSeen }: Circumstances): Unseen[] => {
  const unasked = (what: Unseen['what']): Unseen[] =>
    unseen.some((one) => one.what === what) ? [] : [{ what, detail: 'nobody asked' }];
  return [...unseen, ...(ordersSeen ? [] : unasked('orders')), ...(copiesSeen ? [] : unasked('copies'))];
};

/**
 * Databases without a new snapshot for too long, whether or not there was anything to delete; and those that never had one
 * and can have none as they are. That none comes of a stopped one is as it should be.
 */
const brokenCreations = (
  databases: readonly DatabaseVerdict[],
  { creationBrokenAfterHours }: Settings,
  nowMs: number,
): Warning[] =>
  databases.flatMap(({ database, selected, because, newestGoodMs }): Warning[] => {
    if (!selected || isAtRest(database.status)) return [];
    const isBroken =
      newestGoodMs === undefined
        ? because === 'unusable-state' && !isComingOrGoing(database.status)
        : nowMs - newestGoodMs > creationBrokenAfterHours * HOUR_MS;
    return isBroken ? [{ kind: 'creation-broken', database, newestGoodMs }] : [];
  });

/** Somebody tagged an instance of a cluster that was seen and carries no tag itself: they think that it is backed up. */
const untaggedClusters = (databases: readonly DatabaseVerdict[]): Warning[] => {
  const untagged = new Set(
    databases.flatMap(({ database, because }) =>
      database.kind === 'cluster' && because === 'not-tagged' ? [database.id] : [],
    ),
  );
  return databases.flatMap(({ database, because }): Warning[] =>
    because === 'cluster-member' && untagged.has(database.memberOf ?? '')
      ? [{ kind: 'cluster-not-tagged', member: database, cluster: database.memberOf ?? '' }]
      : [],
  );
};

/** Snapshots of ours that have been in the making for so long that somebody should look. */
const stillCreating = (
  verdicts: readonly SnapshotVerdict[],
  { creationBrokenAfterHours }: Settings,
  nowMs: number,
): Warning[] =>
  verdicts.flatMap(({ snapshot, because, slotMs }): Warning[] =>
    because === 'not-available' &&
    snapshot.status === 'creating' &&
    slotMs !== undefined &&
    nowMs - slotMs > creationBrokenAfterHours * HOUR_MS
      ? [{ kind: 'still-creating', snapshot, slotMs }]
      : [],
  );

/** Keys that snapshots of ours need and that cannot be used, or of which nobody could say. */
const unusableKeys = (verdicts: readonly SnapshotVerdict[], inventory: Inventory): Warning[] => {
  const counts = new Map<string, number>();
  for (const { because, snapshot } of verdicts) {
    if (because !== 'key-unusable') continue;
    const keyId = snapshot.kmsKeyId ?? '';
    counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
  }
  return [...counts].map(([keyId, snapshots]): Warning => {
    const state = inventory.keys?.[keyId] === 'unusable' ? 'unusable' : 'unknown';
    return { kind: 'key-unusable', keyId, state, snapshots };
  });
};
