import type { ObjectFact } from './fact.ts';
import type { LiveRow, ObjectRow, Truth } from './row.ts';

/**
 * What to do after S3 itself was asked. Nearly always a write, even if it changes nothing but the revision and S3's
 * time: another writer may have asked S3 a moment earlier and still hold its answer back; it read this revision too,
 * and must lose. (Dropping here let such an answer undo a deletion: found by the random histories.)
 */
export type Settlement =
  | { kind: 'set-truth'; because: 'truth-differs' | 'truth-agrees' }
  | { kind: 'tombstone-truth'; because: 'truth-absent' }
  | { kind: 'drop'; because: 'nothing-there' };

/** A doubtful fact, the row as it was read BEFORE S3 was asked, and S3's answer. */
export const settle = (row: ObjectRow | undefined, fact: ObjectFact, truth: Truth): Settlement => {
  if (truth.kind !== 'absent') {
    return {
      kind: 'set-truth',
      because: row?.state === 'live' && agreesWith(row, truth) ? 'truth-agrees' : 'truth-differs',
    };
  }
  // That it is gone is for the event of its removal to say, not for a refresh.
  if (fact.kind === 'refresh' && row?.state !== 'live') return { kind: 'drop', because: 'nothing-there' };
  return { kind: 'tombstone-truth', because: 'truth-absent' };
};

/** True when the row already says what S3 says. The date is no part of it: S3's has whole seconds, and a multipart upload's is its start. */
export const agreesWith = ({ object, versionId }: LiveRow, truth: Exclude<Truth, { kind: 'absent' }>): boolean =>
  truth.kind === 'marker'
    ? object.isMarker
    : !object.isMarker &&
      object.etag === truth.etag &&
      object.sizeBytes === truth.sizeBytes &&
      object.storageClass === truth.storageClass &&
      versionId === truth.versionId;
