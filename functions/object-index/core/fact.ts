import type { Truth } from './row.ts';

/** Which object, whatever its versions. */
export interface ObjectIdentity {
  bucket: string;
  key: string;
}

/** Which row of an object: its current state (`slot` undefined), or one version of it. */
export interface RowAddress extends ObjectIdentity {
  /** A version id, or NULL_SLOT. */
  slot: string | undefined;
}

/** The version that a bucket without versioning, or with versioning suspended, writes over. */
export const NULL_SLOT = 'null';

/** What one event says happened to one object. */
export interface ObjectFact extends ObjectIdentity {
  /**
   * `refresh`: something about it changed (class, tags, restore); the event does not say what it now is.
   * `listed`: no event; a page of a list showed it (`shown`).
   */
  kind: 'created' | 'removed' | 'refresh' | 'listed';
  /** The event's own name, for sentences. */
  event: string;
  /** undefined in an unversioned bucket and for the null version. */
  versionId: string | undefined;
  /** S3's order of PUTs and DELETEs of one key; undefined where S3 gives none or it is not hexadecimal. */
  sequencer: string | undefined;
  eventTimeMs: number;
  /** Of `created` only. */
  sizeBytes: number | undefined;
  etag: string | undefined;
  /** Removed by a lifecycle rule: its sequencer may be the rule's date. */
  expired: boolean;
  /** Removed by a delete marker, not for good. */
  deleteMarker: boolean;
  /** Of `listed` only: what the list showed, and whether that is the current version. */
  shown?: Exclude<Truth, { kind: 'absent' }>;
  isCurrent?: boolean;
}

/** One text per object, for maps: a bucket's name can not hold a `/`. */
export const identityText = ({ bucket, key }: ObjectIdentity): string => `${bucket}/${key}`;

/** One text per row. A bucket's name can hold neither `@` nor `/`. */
export const addressText = ({ slot, ...object }: RowAddress): string =>
  slot === undefined ? identityText(object) : `${slot}@${identityText(object)}`;

/** How long after it happened an event may still be applied unasked: see README, "the horizon". */
export const HORIZON_MS = 21 * 86_400_000;
