/** Which object. `versionId` is undefined in an unversioned bucket and for the null version. */
export interface ObjectIdentity {
  bucket: string;
  key: string;
}

/** What one event says happened to one object. */
export interface ObjectFact extends ObjectIdentity {
  /** `refresh`: something about it changed (class, tags, restore); the event does not say what it now is. */
  kind: 'created' | 'removed' | 'refresh';
  /** The event's own name, for sentences. */
  event: string;
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
}

/** One text per object, for maps: a bucket's name can not hold a `/`. */
export const identityText = ({ bucket, key }: ObjectIdentity): string => `${bucket}/${key}`;

/** How long after it happened an event may still be applied unasked: see README, "the horizon". */
export const HORIZON_MS = 21 * 86_400_000;
