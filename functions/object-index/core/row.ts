import type { RowAddress } from './fact.ts';

/**
 * What the table knows of one object as it is now (`slot` undefined), or of one version of it. Replaced only by a
 * transaction that is conditional on `revision`.
 */
export type ObjectRow = LiveRow | Tombstone;

interface AnyRow extends RowAddress {
  /** Begins at the time of writing in milliseconds and grows by one with every replacement: no two images of a row share one. */
  revision: number;
  /** The greatest sequencer that the row has taken in. */
  sequencer: string | undefined;
  /** When the newest event that it has taken in happened. */
  eventTimeMs: number;
  versionId: string | undefined;
  /** S3's clock when S3 itself was asked, while that is newer than any event taken in since. */
  truthAtMs: number | undefined;
  /**
   * Of an object's row: each of its versions has a row of its own, the null version too. Until a key has a second version
   * its one row says all, at half the cost. Never taken back.
   */
  apart: boolean;
}

export interface LiveRow extends AnyRow {
  state: 'live';
  object: LiveObject;
}

/** A removed object. Kept so that an older event which arrives later finds it. */
export interface Tombstone extends AnyRow {
  state: 'tombstone';
  /** undefined while rows of versions rest on this one. */
  expiresAtSeconds: number | undefined;
}

export interface LiveObject {
  /** A delete marker: a version without bytes. Only the row of a version is one. */
  isMarker: boolean;
  sizeBytes: number;
  etag: string;
  /** Last modified, UTC: the date of every query and statistic. */
  dateMs: number;
  storageClass: string;
  contentType: string | undefined;
  customer: string;
  attributes: Record<string, string>;
  /** 60 bits of a hash over what identifies these bytes, and their class: sums of it compare two sets of objects. */
  fingerprint: bigint;
  /** Counted in the month rows too; the row remembers, so that the switch may change at any time. */
  countedByDay: boolean;
  indexKeys: IndexKeys;
}

/** The row's own places in the indexes. Kept on the row, so that the number of shards may grow without a rewrite. */
export interface IndexKeys {
  sort: string;
  byCustomer: string;
  /** undefined for a version: only what is current has a date that anyone asks for. */
  byDate: string | undefined;
  /** Of what is large enough to be listed by size. */
  bySize?: { partition: string; sort: string } | undefined;
  /** One per attribute slot; undefined where the object has no value for it. */
  byAttribute: readonly (string | undefined)[];
}

/** What S3 itself says of the current object, or of one version, and by its own clock when (the `Date` header, whole seconds). */
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
      /** User metadata and tags, where they were asked for. */
      metadata?: Readonly<Record<string, string>>;
      tags?: Readonly<Record<string, string>>;
    }
  /** The version is a delete marker. */
  | { kind: 'marker'; atMs: number; versionId: string | undefined; lastModifiedMs: number }
  | { kind: 'absent'; atMs: number };
