import type { ExpiryGroup } from './expiry.ts';
import type { Inventory, Kind, Snapshot } from './inventory.ts';
import type { Settings } from './policy.ts';
import { isSelected } from './selection.ts';
import { groupOf } from './tags.ts';
import { readWishes } from './wishes.ts';

/** Databases with their snapshots by resource id, so that a rename stays one group and a recreated name is a new one. */
export const groupByResource = (inventory: Inventory, settings: Settings): ExpiryGroup[] => {
  const snapshots: Record<Kind, Map<string, Snapshot[]>> = { instance: new Map(), cluster: new Map() };
  for (const snapshot of inventory.snapshots) {
    const ofKind = snapshots[snapshot.kind];
    const group = groupOf(snapshot);
    const list = ofKind.get(group);
    if (list) list.push(snapshot);
    else ofKind.set(group, [snapshot]);
  }
  const groups: ExpiryGroup[] = [];
  for (const database of inventory.databases) {
    const wishes = readWishes(database, settings);
    const ofKind = snapshots[database.kind];
    const own = ofKind.get(database.resourceId) ?? [];
    ofKind.delete(database.resourceId);
    groups.push({ database, selected: isSelected(database, wishes, settings), wishes, snapshots: own });
  }
  const untagged = readWishes({ tags: {} }, settings);
  for (const orphans of [...snapshots.instance.values(), ...snapshots.cluster.values()]) {
    groups.push({ database: undefined, selected: false, wishes: untagged, snapshots: orphans });
  }
  return groups;
};
