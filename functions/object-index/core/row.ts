import type { ObjectIdentity } from './fact.ts';

/** What the table knows of one object. Replaced only by a transaction that is conditional on `revision`. */
export type ObjectRow = LiveRow | Tombstone;

interface AnyRow extends ObjectIdentity {
  /** Begins at the time of writing in milliseconds and grows by one with every replacement: no two images of a row share one. */
  revision: number;
  /** The greatest sequencer that the row has taken in. */
  sequencer: string | undefined;
  /** When the newest event that it has taken in happened. */
  eventTimeMs: number;
  versionId: string | undefined;
  /** S3's clock when S3 itself was asked, while that is newer than any event taken in since. */
  truthAtMs: number | undefined;
}

export interface LiveRow extends AnyRow {
  state: 'live';
  object: LiveObject;
}

/** A removed object. Kept so that an older event which arrives later finds it. */
export interface Tombstone extends AnyRow {
  state: 'tombstone';
  expiresAtSeconds: number;
}

export interface LiveObject {
  sizeBytes: number;
  etag: string;
  /** Last modified, UTC: the date of every query and statistic. */
  dateMs: number;
  storageClass: string;
  contentType: string | undefined;
  customer: string;
  attributes: Record<string, string>;
  /** 60 bits of a hash over what identifies these bytes: sums of it compare two sets of objects. */
  fingerprint: bigint;
  /** Counted in the month rows too; the row remembers, so that the switch may change at any time. */
  countedByDay: boolean;
  indexKeys: IndexKeys;
}

/** The row's own places in the indexes. Kept on the row, so that the number of shards may grow without a rewrite. */
export interface IndexKeys {
  sort: string;
  byCustomer: string;
  byDate: string;
  /** One per attribute slot; undefined where the object has no value for it. */
  byAttribute: readonly (string | undefined)[];
}

/** What S3 itself says of the current object, and by its own clock when (the `Date` header, whole seconds). */
export type Truth =
  | {
      kind: 'present';
      atMs: number;
      sizeBytes: number;
      etag: string;
      versionId: string | undefined;
      lastModifiedMs: number;
      storageClass: string;
      contentType: string | undefined;
    }
  | { kind: 'absent'; atMs: number };
