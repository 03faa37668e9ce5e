// Automated backups: once a day in each database's window, kept for its retention period (User Guide, USER_WorkingWithAutomatedBackups).
import type { Context } from './context.ts';
import { shelve } from './records.ts';
import { takeSnapshot } from './snapshotting.ts';
import type { Database, Kind, RegionState } from './types.ts';
import { remove } from './views.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Looks every minute. A database that is not `available`, or whose snapshot is being copied in the region, gets none until its
 * window is over (same page: "Automated backups don't occur").
 */
export const beginAutomatedBackups = (context: Context): void => {
  const backedUp = new Map<string, number>();
  const look = (): void => {
    const now = context.clock.now();
    for (const region of context.regions.values()) {
      for (const database of [...region.instances.values(), ...region.clusters.values()]) {
        const window = windowAt(database.settings.backupWindow, now);
        if (!isDue(region, database, window, backedUp.get(database.resourceId))) continue;
        backedUp.set(database.resourceId, window.day);
        backUp(context, region, database, now);
      }
      if (now % (60 * minuteMs) < minuteMs) expire(context, region, now);
    }
    context.clock.at(now + minuteMs, look);
  };
  context.clock.at(context.clock.now() + minuteMs, look);
};

const isDue = (
  region: RegionState,
  database: Database,
  window: { readonly day: number; readonly isOpen: boolean },
  lastDay: number | undefined,
): boolean =>
  window.isOpen &&
  window.day !== lastDay &&
  database.status === 'available' &&
  database.settings.backupRetentionDays > 0 &&
  !(database.kind === 'instance' && database.clusterId !== undefined) &&
  ![...region.copies].some((copy) => copy.resourceId === database.resourceId);

/** `hh24:mi-hh24:mi`, UTC. A window may go past midnight: its day is the one that it began on. */
const windowAt = (window: string, now: number): { day: number; isOpen: boolean } => {
  const [from = 0, to = 0] = window.split('-').map((text) => {
    const [hours = 0, minutes = 0] = text.split(':').map(Number);
    return (hours * 60 + minutes) * minuteMs;
  });
  const lengthMs = (to - from + dayMs) % dayMs;
  return { day: Math.floor((now - from) / dayMs), isOpen: (now - from) % dayMs < lengthMs };
};

const backUp = (context: Context, region: RegionState, database: Database, now: number): void => {
  const stamp = new Date(now).toISOString().slice(0, 16).replace(/[T:]/g, '-');
  const snapshot = shelve(context, region, 'automated', `rds:${database.id}-${stamp}`, {
    kind: database.kind,
    databaseId: database.id,
    resourceId: database.resourceId,
    settings: database.settings,
    tags: database.settings.copyTagsToSnapshot ? database.tags : [],
    length: context.durations.snapshotMs,
  });
  takeSnapshot(context, database, snapshot);
};

const expire = (context: Context, region: RegionState, now: number): void => {
  for (const kind of ['instance', 'cluster'] satisfies Kind[]) {
    for (const snapshot of region.snapshots[kind].values()) {
      if (snapshot.type !== 'automated' || snapshot.status !== 'available') continue;
      if (now - (snapshot.createdAt ?? now) <= snapshot.settings.backupRetentionDays * dayMs) continue;
      remove(context, region.snapshots[kind], snapshot);
      const { files } = snapshot;
      if (files !== undefined) context.begin(() => context.provision.forget(files));
    }
  }
};
