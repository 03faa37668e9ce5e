import type { Snapshot } from './inventory.ts';

/** What a number of snapshots holds and costs at most. Snapshots are incremental: often it is far less. */
export interface Bill {
  snapshots: number;
  atMostGib: number;
  atMostUsdPerMonth: number;
  /** Snapshots of unknown size, which are not in it. */
  unknown: number;
}

type Sized = Pick<Snapshot, 'engine' | 'allocatedGib'>;

/** Adds up what snapshots hold at most: all that was allocated to the database. */
export const billOf = (sized: readonly Sized[], usdPerGibMonth: number): Bill => {
  let atMostGib = 0;
  let unknown = 0;
  for (const { engine, allocatedGib } of sized) {
    // docs: API_DBClusterSnapshot — AllocatedStorage is in GiB; an Aurora cluster grows by itself, and says 1 or 0.
    if (allocatedGib === undefined || engine?.startsWith('aurora')) unknown += 1;
    else atMostGib += allocatedGib;
  }
  const cents = Math.round(atMostGib * usdPerGibMonth * 100);
  return { snapshots: sized.length, atMostGib, atMostUsdPerMonth: cents / 100, unknown };
};
