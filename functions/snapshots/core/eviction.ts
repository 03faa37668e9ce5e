import type { Judged } from './guards.ts';
import type { Kind } from './inventory.ts';

// What makes room where the quota is too small for the policies, and only where the config asks for it: without it a
// full quota means that nobody gets a new snapshot until a person raises it.

/** One database's good snapshots, and those of them that only the policy keeps: no guard, no floor, no person. Newest first. */
export interface Stock {
  kind: Kind;
  good: number;
  spare: readonly Judged[];
}

/**
 * Which snapshots go to make room for `wanted` new ones of each kind: the oldest spare one of whoever has most, again and
 * again, so that histories shrink evenly. Never more than `atMost` in all; fewer where there is nothing to spare.
 */
export const evict = (wanted: ReadonlyMap<Kind, number>, stocks: readonly Stock[], atMost: number): Judged[] => {
  const evicted: Judged[] = [];
  for (const [kind, count] of wanted) {
    const piles = stocks
      .filter((stock) => stock.kind === kind && stock.spare.length > 0)
      .map(({ good, spare }) => ({ good, spare: [...spare] }));
    for (let made = 0; made < count && evicted.length < atMost; made++) {
      const largest = piles.reduce<(typeof piles)[number] | undefined>(
        (most, pile) => (pile.spare.length > 0 && pile.good > (most?.good ?? 0) ? pile : most),
        undefined,
      );
      const oldest = largest?.spare.pop();
      if (largest === undefined || oldest === undefined) break;
      largest.good -= 1;
      evicted.push(oldest);
    }
  }
  return evicted;
};
