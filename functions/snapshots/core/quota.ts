import { type Inventory, KINDS, type Kind } from './inventory.ts';
import type { Policy } from './policy.ts';

// docs: CHAP_Limits — manual DB instance snapshots L-272F1212 and manual DB cluster snapshots L-9B510759: 100 each per
// region unless raised. DescribeAccountAttributes says ManualSnapshots and ManualClusterSnapshots; either may be missing.
export const DEFAULT_QUOTA = 100;

/** What the policies of one kind will need of the account's quota, said before the first snapshot is taken. */
export interface Forecast {
  kind: Kind;
  databases: number;
  /** The most that the selected databases' policies keep at once, taken hourly, and one each in the making. */
  needed: number;
  max: number;
  /** True when AWS did not say, and the default is taken. */
  assumed: boolean;
  used: number;
  /** Used by what is not a selected database's: people's, other tools', orphans. */
  others: number;
  fits: boolean;
}

/** The most that a policy keeps of one database at once when a snapshot is taken every hour, good to a few. */
export const mostKept = (policy: Policy, minKeep: number): number => {
  const count = (rule: keyof Policy) => policy[rule] ?? 0;
  // Taken hourly, these three count the same newest hours; each longer rule then reaches past the shorter ones, whose
  // periods it shares.
  const hours = Math.max(count('keepLast'), count('keepHourly'), count('keepWithinHours'));
  const days = Math.max(0, count('keepDaily') - Math.floor(hours / 24));
  const weeks = Math.max(0, count('keepWeekly') - Math.floor(count('keepDaily') / 7));
  const months = Math.max(0, count('keepMonthly') - Math.floor(count('keepWeekly') / 5));
  const years = Math.max(0, count('keepYearly') - Math.floor(count('keepMonthly') / 12));
  return Math.max(minKeep, hours + days + weeks + months + years);
};

export interface Demand {
  kind: Kind;
  policy: Policy;
  minKeep: number;
  /** Manual snapshots of this database that exist, ours. */
  own: number;
}

/** One forecast per kind that has a selected database. */
export const forecastQuota = (inventory: Inventory, demands: readonly Demand[]): Forecast[] =>
  KINDS.flatMap((kind) => {
    const mine = demands.filter((demand) => demand.kind === kind);
    if (mine.length === 0) return [];
    const quota = inventory.quotas.find((one) => one.kind === kind);
    const manual = inventory.snapshots.filter((one) => one.kind === kind && one.type === 'manual').length;
    const used = Math.max(quota?.used ?? 0, quota === undefined ? manual : 0);
    const max = quota?.max ?? DEFAULT_QUOTA;
    const own = mine.reduce((sum, demand) => sum + demand.own, 0);
    const others = Math.max(0, used - own);
    const needed = mine.reduce((sum, demand) => sum + mostKept(demand.policy, demand.minKeep) + 1, 0);
    return [
      {
        kind,
        databases: mine.length,
        needed,
        max,
        assumed: quota === undefined,
        used,
        others,
        fits: needed + others <= max,
      },
    ];
  });

export interface Due {
  resourceId: string;
  kind: Kind;
  newestGoodMs: number | undefined;
  /** The newest slot that it had its turn in, whatever became of it: one that fails every hour must not take every turn. */
  newestTriedMs?: number | undefined;
}

/** When more are due than fit: whose last turn is longest ago first, then the stalest, never-snapshotted before all, so that over hours none is left out twice. */
export const shareOut = <D extends Due>(
  due: readonly D[],
  free: ReadonlyMap<Kind, number>,
): { now: D[]; later: D[] } => {
  const now: D[] = [];
  const later: D[] = [];
  const left = new Map(free);
  const stalestFirst = [...due].sort(
    (a, b) =>
      (a.newestTriedMs ?? Number.NEGATIVE_INFINITY) - (b.newestTriedMs ?? Number.NEGATIVE_INFINITY) ||
      (a.newestGoodMs ?? Number.NEGATIVE_INFINITY) - (b.newestGoodMs ?? Number.NEGATIVE_INFINITY) ||
      (a.resourceId < b.resourceId ? -1 : 1),
  );
  for (const one of stalestFirst) {
    const room = left.get(one.kind) ?? 0;
    (room > 0 ? now : later).push(one);
    left.set(one.kind, room - 1);
  }
  return { now, later };
};
