import type { ObjectFact } from './fact.ts';
import { decodeKey } from './object-key.ts';
import { readSequencer } from './sequencer.ts';
import { parseInstant } from './time.ts';

/** Why a message can't be read; the message alone fails, and goes to the dead letters after its retries. */
export class MalformedEventError extends Error {
  constructor(because: string) {
    super(because);
    this.name = 'MalformedEventError';
  }
}

export type Json = { [key: string]: unknown };
export const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

type Meaning = Pick<ObjectFact, 'kind' | 'expired' | 'deleteMarker'>;
const meaning = (kind: ObjectFact['kind'], more: Partial<Meaning> = {}): Meaning => ({
  kind,
  expired: false,
  deleteMarker: false,
  ...more,
});

// docs: notification-how-to-event-types-and-destinations. What is not here (ACLs, replication, archive requests) changes nothing we keep.
const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [/^ObjectCreated:/, meaning('created')],
  [/^ObjectRemoved:DeleteMarkerCreated$/, meaning('removed', { deleteMarker: true })],
  [/^ObjectRemoved:/, meaning('removed')],
  [/^LifecycleExpiration:DeleteMarkerCreated$/, meaning('removed', { expired: true, deleteMarker: true })],
  [/^LifecycleExpiration:/, meaning('removed', { expired: true })],
  [/^(LifecycleTransition|IntelligentTiering)$/, meaning('refresh')],
  [/^Object(Tagging|Restore):/, meaning('refresh')],
];

/** One entry of an S3 notification's `Records` as a fact; undefined when it says nothing that the index keeps. Throws MalformedEventError, MalformedKeyError. */
export const factOfRecord = (record: Json): ObjectFact | undefined => {
  const major = String(record.eventVersion ?? '').split('.')[0];
  if (major !== '2') throw new MalformedEventError(`event version ${String(record.eventVersion)} is not 2.x`);
  // MinIO and others write the `s3:` that belongs to the configuration only.
  const event = text(record.eventName, 'eventName').replace(/^s3:/, '');
  const found = MEANINGS.find(([pattern]) => pattern.test(event))?.[1];
  if (found === undefined) return undefined;
  const s3 = asObject(record.s3);
  const object = asObject(s3.object);
  return factOf({
    event,
    ...found,
    bucket: text(asObject(s3.bucket).name, 's3.bucket.name'),
    key: decodeKey(text(object.key, 's3.object.key')),
    versionId: object.versionId,
    sequencer: object.sequencer,
    eventTime: record.eventTime,
    size: object.size,
    etag: object.eTag,
  });
};

interface RawFact extends Meaning {
  event: string;
  bucket: string;
  key: string;
  versionId: unknown;
  sequencer: unknown;
  eventTime: unknown;
  size: unknown;
  etag: unknown;
}

/** Checks what both shapes of event have in common. Throws MalformedEventError. */
export const factOf = (raw: RawFact): ObjectFact => {
  const eventTimeMs = parseInstant(text(raw.eventTime, 'event time'));
  if (eventTimeMs === undefined) throw new MalformedEventError(`event time ${String(raw.eventTime)} is not UTC`);
  const created = raw.kind === 'created';
  if (created && !(Number.isSafeInteger(raw.size) && Number(raw.size) >= 0)) {
    throw new MalformedEventError(`${raw.event} of ${raw.bucket}/${raw.key} has no size`);
  }
  return {
    bucket: raw.bucket,
    key: raw.key,
    kind: raw.kind,
    event: raw.event,
    expired: raw.expired,
    deleteMarker: raw.deleteMarker,
    versionId: readVersionId(raw.versionId),
    sequencer: raw.kind === 'refresh' ? undefined : readSequencer(raw.sequencer),
    eventTimeMs,
    sizeBytes: created ? Number(raw.size) : undefined,
    etag: created ? readEtag(raw.etag) : undefined,
  };
};

/** A real version id; the null version and none are the same to us: the one that a PUT replaces. */
export const readVersionId = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value !== 'null' ? value : undefined;

/** An entity tag without the quotes that HTTP puts round it. */
export const readEtag = (value: unknown): string => (typeof value === 'string' ? value.replace(/^"(.*)"$/, '$1') : '');

export const text = (value: unknown, what: string): string => {
  if (typeof value !== 'string' || value === '') throw new MalformedEventError(`${what} is missing`);
  return value;
};
