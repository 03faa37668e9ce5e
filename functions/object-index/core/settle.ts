import type { ObjectFact } from './fact.ts';
import type { LiveRow, ObjectRow, Truth } from './row.ts';
import { compareSequencers } from './sequencer.ts';

/** What to do after S3 itself was asked. */
export type Settlement =
  | { kind: 'set-truth'; because: 'truth-differs' }
  | { kind: 'tombstone-truth'; because: 'truth-absent' }
  | { kind: 'adopt'; because: 'confirms-truth' }
  | { kind: 'drop'; because: 'already-true' | 'nothing-there' };

/** A doubtful fact, the row as it was read BEFORE S3 was asked, and S3's answer. */
export const settle = (row: ObjectRow | undefined, fact: ObjectFact, truth: Truth): Settlement =>
  truth.kind === 'present' ? settlePresent(row, fact, truth) : settleAbsent(row, fact);

type Present = Extract<Truth, { kind: 'present' }>;

const settlePresent = (row: ObjectRow | undefined, fact: ObjectFact, truth: Present): Settlement => {
  if (row?.state !== 'live' || !shows(row, truth)) return { kind: 'set-truth', because: 'truth-differs' };
  return made(fact, truth) && isNewer(row, fact)
    ? { kind: 'adopt', because: 'confirms-truth' }
    : { kind: 'drop', because: 'already-true' };
};

const settleAbsent = (row: ObjectRow | undefined, fact: ObjectFact): Settlement => {
  if (row?.state === 'live') return { kind: 'tombstone-truth', because: 'truth-absent' };
  if (fact.kind === 'refresh') return { kind: 'drop', because: 'nothing-there' };
  // A tombstone that rests on an event alone is renewed: S3's clock then holds off what its sequencer would let through.
  if (row !== undefined && row.truthAtMs !== undefined) return { kind: 'drop', because: 'already-true' };
  return { kind: 'tombstone-truth', because: 'truth-absent' };
};

/** True when the row already says what S3 says. The date is no part of it: S3's has whole seconds, and a multipart upload's is its start. */
const shows = ({ object, versionId }: LiveRow, truth: Present): boolean =>
  object.etag === truth.etag &&
  object.sizeBytes === truth.sizeBytes &&
  object.storageClass === truth.storageClass &&
  versionId === truth.versionId &&
  (object.contentType === undefined || object.contentType === truth.contentType);

const made = (fact: ObjectFact, truth: Present): boolean =>
  fact.kind === 'created' && fact.etag === truth.etag && fact.sizeBytes === truth.sizeBytes;

const isNewer = (row: LiveRow, { sequencer }: ObjectFact): boolean =>
  sequencer !== undefined && (row.sequencer === undefined || compareSequencers(sequencer, row.sequencer) === 'after');
