import type { Item } from './attribute-value.ts';
import type { Fingerprint } from './document.ts';

/** What one bucket holds: how many documents, and the sums of their two hash parts. */
export interface BucketSum {
  count: number;
  h1: number;
  h2: number;
}

/** Sums by bucket; a bucket that holds nothing is left out. */
export type BucketSums = Map<number, BucketSum>;

/** Adds one item to its bucket, in place: a table has many. */
export const addPrint = (sums: BucketSums, { bucket, h1, h2 }: Pick<Fingerprint, 'bucket' | 'h1' | 'h2'>): void => {
  const sum = sums.get(bucket);
  if (sum === undefined) sums.set(bucket, { count: 1, h1, h2 });
  else {
    sum.count += 1;
    sum.h1 += h1;
    sum.h2 += h2;
  }
};

/** The buckets in which table and index do not add up to the same, lowest first. */
export const differingBuckets = (table: BucketSums, index: BucketSums): number[] =>
  [...new Set([...table.keys(), ...index.keys()])]
    .filter((bucket) => {
      const [a, b] = [table.get(bucket), index.get(bucket)];
      return a?.count !== b?.count || a?.h1 !== b?.h1 || a?.h2 !== b?.h2;
    })
    .sort((a, b) => a - b);

/** How an item and its document differ. `missing`: no document. `stale`: another content. `ghost`: no item. */
export type Difference = 'missing' | 'stale' | 'ghost';

/** What a comparison of a table with one of its indexes came to. */
export interface DriftReport {
  table: string;
  index: string;
  items: number;
  documents: number;
  /** How many of the buckets differed. */
  buckets: number;
  missing: number;
  stale: number;
  ghosts: number;
  /** The first of them. */
  examples: { difference: Difference; keys: Item }[];
  repaired: number;
  /** Why a repair did not come to its end. */
  failed: string | undefined;
  /** What reading the table cost, as DynamoDB said. */
  readUnits: number;
}

/** The report of a comparison that has not begun. */
export const emptyReport = (table: string, index: string): DriftReport => ({
  table,
  index,
  items: 0,
  documents: 0,
  buckets: 0,
  missing: 0,
  stale: 0,
  ghosts: 0,
  examples: [],
  repaired: 0,
  failed: undefined,
  readUnits: 0,
});

/** True when all that differed was repaired, or nothing did. */
export const isEqualNow = ({ missing, stale, ghosts, repaired, failed }: DriftReport): boolean =>
  missing + stale + ghosts <= repaired && failed === undefined;

/** The digests of an item and of its document, as they were read; undefined where there is none. */
export const differenceOf = (item: string | undefined, document: string | undefined): Difference | undefined => {
  if (item === undefined) return document === undefined ? undefined : 'ghost';
  if (document === undefined) return 'missing';
  return item === document ? undefined : 'stale';
};

/**
 * What reading a table whole costs, before it is read: half a unit per 4 KB, the size of a scan's pages and not of its
 * items counts (docs: read-write-operations). A strongly consistent read costs twice that.
 */
export const scanUnits = (sizeBytes: number, consistent: boolean): number =>
  Math.ceil((sizeBytes / 4_096) * (consistent ? 1 : 0.5));
