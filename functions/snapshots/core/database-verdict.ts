import type { Database } from './inventory.ts';
import type { Policy } from './policy.ts';
import type { CreateReason, SkipReason } from './selection.ts';

/** What is to become of one database in this slot, and why. Every database that was seen has exactly one. */
export type DatabaseVerdict = {
  database: Database;
  selected: boolean;
  policy: Policy;
  minKeep: number;
  /** What is wrong with its tags. */
  problems: readonly string[];
  /** Good snapshots: own, available, and their key usable. */
  good: number;
  newestGoodMs: number | undefined;
  detail: string;
} & ({ kind: 'create'; because: CreateReason } | { kind: 'skip'; because: SkipReason });
