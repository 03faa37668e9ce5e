import type { Decision } from './decide.ts';
import type { Digest } from './digest.ts';
import { HORIZON_MS, type ObjectFact, type RowAddress } from './fact.ts';
import { indexKeysOf } from './keys.ts';
import type { LiveObject, LiveRow, ObjectRow, Tombstone, Truth } from './row.ts';
import { attributesOf, customerOf, type Described, type IndexRules } from './rules.ts';
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
  address: RowAddress,
  row: ObjectRow | undefined,
  fact: ObjectFact,
  decision: Writing,
  truth: Truth | undefined,
  context: NextRowContext,
): ObjectRow | undefined => {
  switch (decision.kind) {
    case 'set': {
      const bare = fromFact(address, row, fact, context);
      return { ...bare, state: 'live', object: describe(bare, created(fact), context) };
    }
    case 'tombstone':
      return tombstone(fromFact(address, row, fact, context), context);
    case 'adopt':
      return row?.state === 'live' ? adopted(address, row, fact, context) : undefined;
    case 'take':
    case 'set-truth':
      return truth === undefined || truth.kind === 'absent' ? undefined : fromTruth(address, row, fact, truth, context);
    case 'tombstone-truth':
      return tombstone({ ...merged(address, row, fact, context), truthAtMs: truth?.atMs }, context);
  }
};

/** The row of what is current, as the row of that version. */
export const asVersion = (row: LiveRow, { rules, digest }: NextRowContext): LiveRow => ({
  ...row,
  object: { ...row.object, indexKeys: indexKeysOf({ ...row, ...row.object }, layoutOf(rules), digest) },
});

type Bare = Omit<Tombstone, 'state' | 'expiresAtSeconds'>;

// An event that is certainly the newest: its sequencer replaces whatever was there.
const fromFact = (
  address: RowAddress,
  row: ObjectRow | undefined,
  fact: ObjectFact,
  { nowMs }: NextRowContext,
): Bare => ({
  ...address,
  apart: row?.apart ?? false,
  // Begins at the time, so that a row which TTL deleted and an event made again never repeats a revision.
  revision: row === undefined ? nowMs : row.revision + 1,
  sequencer: fact.sequencer,
  eventTimeMs: fact.eventTimeMs,
  versionId: fact.versionId,
  truthAtMs: undefined,
});

// A doubtful fact, settled by S3: both are taken in, and S3's clock rules from here on.
const merged = (address: RowAddress, row: ObjectRow | undefined, fact: ObjectFact, context: NextRowContext): Bare => ({
  ...fromFact(address, row, fact, context),
  sequencer: laterSequencer(row?.sequencer, fact.sequencer),
  // A list is no event.
  eventTimeMs: Math.max(row?.eventTimeMs ?? 0, fact.kind === 'listed' ? 0 : fact.eventTimeMs),
  truthAtMs: row?.truthAtMs,
});

const adopted = (address: RowAddress, row: LiveRow, fact: ObjectFact, context: NextRowContext): LiveRow => {
  // Whose it is was read from S3 where the event does not say it: only the date is the event's.
  const object = { ...row.object, dateMs: fact.eventTimeMs };
  const indexKeys = indexKeysOf({ ...address, ...object }, layoutOf(context.rules), context.digest);
  const bare = { ...merged(address, row, fact, context), versionId: row.versionId };
  return { ...bare, state: 'live', object: { ...object, indexKeys } };
};

const fromTruth = (
  address: RowAddress,
  row: ObjectRow | undefined,
  fact: ObjectFact,
  truth: Exclude<Truth, { kind: 'absent' }>,
  context: NextRowContext,
): LiveRow => {
  const bare = { ...merged(address, row, fact, context), versionId: truth.versionId, truthAtMs: truth.atMs };
  if (truth.kind === 'marker') {
    return { ...bare, state: 'live', object: describe(bare, marker(truth.lastModifiedMs), context) };
  }
  const same = (one: { etag: string | undefined; sizeBytes: number | undefined }) =>
    one.etag === truth.etag && one.sizeBytes === truth.sizeBytes;
  const held = row?.state === 'live' && same(row.object) ? row.object.dateMs : undefined;
  // Milliseconds from the event or the row where they are about these bytes; S3's own date has whole seconds.
  const dateMs =
    same(fact) && fact.kind === 'created' ? Math.max(fact.eventTimeMs, held ?? 0) : (held ?? truth.lastModifiedMs);
  return { ...bare, state: 'live', object: describe(bare, { ...truth, isMarker: false, dateMs }, context) };
};

const tombstone = (bare: Bare, { nowMs }: NextRowContext): Tombstone => ({
  ...bare,
  state: 'tombstone',
  expiresAtSeconds: bare.apart ? undefined : Math.ceil((nowMs + TOMBSTONE_MS) / 1000),
});

type Bytes = Pick<LiveObject, 'isMarker' | 'sizeBytes' | 'etag' | 'dateMs' | 'storageClass' | 'contentType'> &
  Pick<Described, 'metadata' | 'tags'>;

// The event of a PUT does not name the storage class; S3 itself omits it from a HEAD when it is STANDARD.
const created = (fact: ObjectFact): Bytes =>
  fact.deleteMarker
    ? marker(fact.eventTimeMs)
    : {
        isMarker: false,
        sizeBytes: fact.sizeBytes ?? 0,
        etag: fact.etag ?? '',
        dateMs: fact.eventTimeMs,
        storageClass: 'STANDARD',
        contentType: undefined,
      };

const marker = (dateMs: number): Bytes => ({
  isMarker: true,
  sizeBytes: 0,
  etag: 'delete-marker',
  dateMs,
  storageClass: 'STANDARD',
  contentType: undefined,
});

const layoutOf = ({ dateShards, attributeNames, largestFromBytes }: IndexRules) => ({
  dateShards,
  attributeNames,
  largestFromBytes,
});

const describe = (
  { bucket, key, slot, versionId }: RowAddress & { versionId: string | undefined },
  { isMarker, sizeBytes, etag, dateMs, storageClass, contentType, metadata, tags }: Bytes,
  { rules, digest }: NextRowContext,
): LiveObject => {
  const described = { bucket, key, contentType, metadata, tags };
  const customer = customerOf(rules, described);
  const attributes = slot === undefined ? attributesOf(rules, described) : {};
  return {
    isMarker,
    sizeBytes,
    etag,
    dateMs,
    storageClass,
    contentType,
    customer,
    attributes,
    fingerprint: fingerprintOf([bucket, key, versionId ?? '', etag, sizeBytes, storageClass], digest),
    countedByDay: rules.countByDay,
    indexKeys: indexKeysOf({ bucket, key, slot, customer, dateMs, sizeBytes, attributes }, layoutOf(rules), digest),
  };
};

// With the class: of versions that are not current no counter splits it, and two objects may have changed theirs for each other's.
const fingerprintOf = (said: readonly (string | number)[], digest: Digest): bigint =>
  BigInt(`0x${digest(JSON.stringify(said)).slice(0, 15)}`);
