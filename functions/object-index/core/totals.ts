import {
  BYTES,
  FINGERPRINT,
  MARKERS,
  NONCURRENT,
  NONCURRENT_BYTES,
  NONCURRENT_FINGERPRINT,
  OBJECTS,
} from './contribution.ts';

/** What someone holds, exact at the moment it was read. */
export interface Totals {
  objects: bigint;
  bytes: bigint;
  /** Sum of the objects' fingerprints: equal for equal sets of objects. */
  fingerprint: bigint;
  /** Versions that are not current, and delete markers. */
  noncurrent: { objects: bigint; bytes: bigint; deleteMarkers: bigint; fingerprint: bigint };
  /** What is current, by storage class. */
  byClass: { storageClass: string; objects: bigint; bytes: bigint }[];
}

/** Shards of a counter as one, attribute by attribute. */
export const totalsOfShards = (shards: readonly Readonly<Record<string, bigint>>[]): Record<string, bigint> => {
  const sums: Record<string, bigint> = {};
  for (const shard of shards) {
    for (const [attribute, value] of Object.entries(shard)) sums[attribute] = (sums[attribute] ?? 0n) + value;
  }
  return sums;
};

/** The sum over counter shards. A single shard may be negative (stored here, removed there); only the sum says something. */
export const totalsOf = (shards: readonly Readonly<Record<string, bigint>>[]): Totals => {
  const sums = totalsOfShards(shards);
  const sum = (attribute: string) => sums[attribute] ?? 0n;
  const classes = Object.keys(sums)
    .filter((name) => name.startsWith(`${OBJECTS}_`))
    .map((name) => name.slice(2));
  return {
    objects: sum(OBJECTS),
    bytes: sum(BYTES),
    fingerprint: sum(FINGERPRINT),
    noncurrent: {
      objects: sum(NONCURRENT),
      bytes: sum(NONCURRENT_BYTES),
      deleteMarkers: sum(MARKERS),
      fingerprint: sum(NONCURRENT_FINGERPRINT),
    },
    byClass: classes
      .map((name) => ({ storageClass: name, objects: sum(`${OBJECTS}_${name}`), bytes: sum(`${BYTES}_${name}`) }))
      .filter(({ objects, bytes }) => objects !== 0n || bytes !== 0n)
      .sort((a, b) => (a.storageClass < b.storageClass ? -1 : 1)),
  };
};
