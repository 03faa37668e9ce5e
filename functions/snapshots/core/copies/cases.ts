import type { ExpiryGroup } from '../expiry.ts';
import { type Database, type Inventory, KINDS, type Kind, type Orders, type Snapshot } from '../inventory.ts';
import { pauseOf, pauseText } from '../orders.ts';
import type { CopySettings, Settings } from '../policy.ts';
import { isSelected } from '../selection.ts';
import { groupOf } from '../tags.ts';
import { readWishes } from '../wishes.ts';
import { asCopy, SOURCE_SNAPSHOT, wantsCopies } from './tags.ts';
import { type CopyCase, isWaitingForCopy } from './verdict.ts';

/** What a plan of copies is made from: the region of the databases, the region of the copies, and what people ordered. */
export interface CopySight {
  source: Inventory;
  destination: Inventory;
  /** Undefined when they could not be read: then nothing is deleted. */
  orders: Orders | undefined;
}

/** A selected database, ready to be decided about. */
export type Case = CopyCase & { problems: readonly string[] };

export interface Cases {
  selected: readonly Case[];
  /** What is at the destination, by database: those of unselected and of vanished databases too. */
  groups: readonly ExpiryGroup[];
}

/** Both regions by resource id, so that a renamed database is the same one and a recreated one is new. */
export const casesOf = ({ source, destination, orders }: CopySight, settings: Settings): Cases => {
  const copies = settings.copies as CopySettings;
  const sources = byGroup(source.snapshots);
  // Only what says of itself that it is a copy is judged as one.
  const there = byGroup(destination.snapshots.filter(({ tags }) => SOURCE_SNAPSHOT in tags).map(asCopy));
  const names = new Map(destination.snapshots.map((one) => [nameKey(one.kind, one.id), one]));
  const pause = pauseOf(orders, 'copies');
  const wishesOf = (database: Pick<Database, 'tags'>) => ({
    ...readWishes(database, settings),
    policy: copies.policy,
    minKeep: copies.minKeep,
  });

  const selected: Case[] = [];
  const groups: ExpiryGroup[] = [];
  for (const database of source.databases) {
    const wishes = wishesOf(database);
    const key = groupKey(database.kind, database.resourceId);
    const snapshots = there.get(key) ?? [];
    there.delete(key);
    const isOurs = isSelected(database, wishes, settings);
    const wanted = isOurs && wantsCopies(database, settings);
    groups.push({ database, selected: wanted, wishes, snapshots });
    if (!isOurs) continue;
    selected.push({
      database,
      wanted,
      problems: wishes.problems,
      sources: sources.get(key) ?? [],
      sourceKeys: source.keys,
      copies: snapshots,
      destinationKeys: destination.keys,
      named: ({ kind, id }) => names.get(nameKey(kind, id)),
      unseen: unseenOf(source, 'primary', database.kind) ?? unseenOf(destination, 'recovery', database.kind),
      paused: pause && pauseText(pause),
    });
  }
  for (const snapshots of there.values()) {
    groups.push({ database: undefined, selected: false, wishes: wishesOf({ tags: {} }), snapshots });
  }
  return { selected, groups };
};

/** The kinds whose snapshots in the source region matter in this run: where every copy is fresh or on its way, none does. */
export const kindsToLookAt = (sight: CopySight, settings: Settings, nowMs: number): Kind[] => {
  const kinds = casesOf(sight, settings)
    .selected.filter((one) => isWaitingForCopy(one, settings, nowMs))
    .map(({ database }) => database.kind);
  return KINDS.filter((kind) => kinds.includes(kind));
};

const unseenOf = ({ unseen }: Inventory, where: string, kind: Kind): string | undefined =>
  unseen.some((one) => one.what === 'snapshots' && (one.kind ?? kind) === kind)
    ? `the ${kind} snapshots of the ${where} region`
    : undefined;

const nameKey = (kind: Kind, id: string): string => `${kind}/${id.toLowerCase()}`;
const groupKey = (kind: Kind, resourceId: string): string => `${kind}/${resourceId}`;

const byGroup = (snapshots: readonly Snapshot[]): Map<string, Snapshot[]> => {
  const groups = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    const key = groupKey(snapshot.kind, groupOf(snapshot));
    const list = groups.get(key);
    if (list) list.push(snapshot);
    else groups.set(key, [snapshot]);
  }
  return groups;
};
