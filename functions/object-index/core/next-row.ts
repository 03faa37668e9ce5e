import type { Decision } from './decide.ts';
import type { Digest } from './digest.ts';
import { HORIZON_MS, type ObjectFact } from './fact.ts';
import { indexKeysOf } from './keys.ts';
import type { LiveObject, LiveRow, ObjectRow, Tombstone, Truth } from './row.ts';
import { attributesOf, customerOf, type IndexRules } from './rules.ts';
import { laterSequencer } from './sequencer.ts';
import type { Settlement } from './settle.ts';
import { dayMs } from './time.ts';

/** How long a tombstone stays: the horizon, and time for DynamoDB's and our clocks to be wrong. */
export const TOMBSTONE_MS = HORIZON_MS + 9 * dayMs;

export interface NextRowContext {
  rules: IndexRules;
  digest: Digest;
  nowMs: number;
}

type Writing = Exclude<Decision | Settlement, { kind: 'drop' } | { kind: 'arbitrate' }>;

/** The row that follows from a decision; undefined only for an `adopt` without a live row, which `decide` never asks for. */
export const nextRow = (
  row: ObjectRow | undefined,
  fact: ObjectFact,
  decision: Writing,
  truth: Truth | undefined,
  context: NextRowContext,
): ObjectRow | undefined => {
  switch (decision.kind) {
    case 'set':
      return { ...fromFact(row, fact, context), state: 'live', object: describe(fact, created(fact), context) };
    case 'tombstone':
      return tombstone(fromFact(row, fact, context), context);
    case 'adopt':
      return row?.state === 'live' ? adopted(row, fact, context) : undefined;
    case 'set-truth':
      return truth?.kind === 'present' ? fromTruth(row, fact, truth, context) : undefined;
    case 'tombstone-truth':
      return tombstone({ ...merged(row, fact, context), truthAtMs: truth?.atMs }, context);
  }
};

type Bare = Omit<Tombstone, 'state' | 'expiresAtSeconds'>;

// An event that is certainly the newest: its sequencer replaces whatever was there.
const fromFact = (row: ObjectRow | undefined, fact: ObjectFact, { nowMs }: NextRowContext): Bare => ({
  bucket: fact.bucket,
  key: fact.key,
  // Begins at the time, so that a row which TTL deleted and an event made again never repeats a revision.
  revision: row === undefined ? nowMs : row.revision + 1,
  sequencer: fact.sequencer,
  eventTimeMs: fact.eventTimeMs,
  versionId: fact.versionId,
  truthAtMs: undefined,
});

// A doubtful fact, settled by S3: both are taken in, and S3's clock rules from here on.
const merged = (row: ObjectRow | undefined, fact: ObjectFact, context: NextRowContext): Bare => ({
  ...fromFact(row, fact, context),
  sequencer: laterSequencer(row?.sequencer, fact.sequencer),
  eventTimeMs: Math.max(row?.eventTimeMs ?? 0, fact.eventTimeMs),
  truthAtMs: row?.truthAtMs,
});

const adopted = (row: LiveRow, fact: ObjectFact, context: NextRowContext): LiveRow => ({
  ...merged(row, fact, context),
  versionId: row.versionId,
  state: 'live',
  object: describe(row, { ...row.object, dateMs: fact.eventTimeMs }, context),
});

const fromTruth = (
  row: ObjectRow | undefined,
  fact: ObjectFact,
  truth: Extract<Truth, { kind: 'present' }>,
  context: NextRowContext,
): LiveRow => {
  const same = (one: { etag: string | undefined; sizeBytes: number | undefined }) =>
    one.etag === truth.etag && one.sizeBytes === truth.sizeBytes;
  const held = row?.state === 'live' && same(row.object) ? row.object.dateMs : undefined;
  // Milliseconds from the event or the row where they are about these bytes; S3's own date has whole seconds.
  const dateMs = same(fact) ? Math.max(fact.eventTimeMs, held ?? 0) : (held ?? truth.lastModifiedMs);
  const bare = { ...merged(row, fact, context), versionId: truth.versionId, truthAtMs: truth.atMs };
  return { ...bare, state: 'live', object: describe(bare, { ...truth, dateMs }, context) };
};

const tombstone = (bare: Bare, { nowMs }: NextRowContext): Tombstone => ({
  ...bare,
  state: 'tombstone',
  expiresAtSeconds: Math.ceil((nowMs + TOMBSTONE_MS) / 1000),
});

type Bytes = Pick<LiveObject, 'sizeBytes' | 'etag' | 'dateMs' | 'storageClass' | 'contentType'>;

// The event of a PUT does not name the storage class; S3 itself omits it from a HEAD when it is STANDARD.
const created = (fact: ObjectFact): Bytes => ({
  sizeBytes: fact.sizeBytes ?? 0,
  etag: fact.etag ?? '',
  dateMs: fact.eventTimeMs,
  storageClass: 'STANDARD',
  contentType: undefined,
});

const describe = (
  { bucket, key, versionId }: { bucket: string; key: string; versionId: string | undefined },
  { sizeBytes, etag, dateMs, storageClass, contentType }: Bytes,
  { rules, digest }: NextRowContext,
): LiveObject => {
  const customer = customerOf(rules, bucket, key);
  const attributes = attributesOf(rules, bucket, key, contentType);
  const layout = { dateShards: rules.dateShards, attributeNames: rules.attributeNames };
  return {
    sizeBytes,
    etag,
    dateMs,
    storageClass,
    contentType,
    customer,
    attributes,
    fingerprint: BigInt(`0x${digest(JSON.stringify([bucket, key, versionId ?? '', etag, sizeBytes])).slice(0, 15)}`),
    countedByDay: rules.countByDay,
    indexKeys: indexKeysOf({ bucket, key, customer, dateMs, attributes }, layout, digest),
  };
};
