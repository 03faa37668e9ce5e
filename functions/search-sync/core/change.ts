import { ConversionError, type Item } from './attribute-value.ts';
import { documentId, type Hash, type KeySchema, keysOf } from './document-id.ts';
import { versionOf } from './version.ts';

/** One change of one item, as a stream record says it. */
export interface Change {
  /** Its place in the batch: the order of the shard. */
  position: number;
  sequence: string;
  seconds: number;
  version: bigint;
  id: string;
  keys: Item;
  /** `put` carries the whole item; `look` says only that the key changed (KEYS_ONLY), so the table must be read. */
  what: { kind: 'put'; item: Item } | { kind: 'remove' } | { kind: 'look' };
}

/** A record that can't be read: it goes to the dead letters with the reason, and the rest of the batch goes on. */
export interface Malformed {
  position: number;
  sequence: string | undefined;
  reason: string;
}

export type ReadRecord = { kind: 'change'; change: Change } | { kind: 'malformed'; malformed: Malformed };

interface StreamRecord {
  eventName?: unknown;
  dynamodb?: {
    Keys?: Item;
    NewImage?: Item;
    SequenceNumber?: unknown;
    ApproximateCreationDateTime?: unknown;
    StreamViewType?: unknown;
  };
}

const EVENTS = new Set(['INSERT', 'MODIFY', 'REMOVE']);

/** Reads one stream record (docs: API_streams_Record); never throws. `version` makes its version of second and sequence. */
export const readRecord = (
  raw: unknown,
  position: number,
  keys: KeySchema,
  hash: Hash,
  version: (seconds: number, sequence: string) => bigint = versionOf,
): ReadRecord => {
  const record = (typeof raw === 'object' && raw !== null ? raw : {}) as StreamRecord;
  const body = record.dynamodb ?? {};
  const sequence =
    typeof body.SequenceNumber === 'string' && /^\d{1,40}$/.test(body.SequenceNumber) ? body.SequenceNumber : undefined;
  const malformed = (reason: string): ReadRecord => ({ kind: 'malformed', malformed: { position, sequence, reason } });
  const { eventName } = record;
  if (sequence === undefined) return malformed('it has no sequence number of 1 to 40 digits');
  if (typeof eventName !== 'string' || !EVENTS.has(eventName))
    return malformed(`its eventName is ${String(eventName)}`);
  const seconds = body.ApproximateCreationDateTime;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < 9e9)) {
    return malformed('its ApproximateCreationDateTime is not in seconds');
  }
  try {
    const keyItem = keysOf(body.Keys ?? {}, keys);
    const id = documentId(keyItem, keys, hash);
    const whole = Math.floor(seconds);
    const what = whatHappened(eventName, body.NewImage);
    const change: Change = {
      position,
      sequence,
      seconds: whole,
      version: version(whole, sequence),
      id,
      keys: keyItem,
      what,
    };
    return { kind: 'change', change };
  } catch (error) {
    if (error instanceof ConversionError) return malformed(error.message);
    throw error;
  }
};

const whatHappened = (eventName: string, image: Item | undefined): Change['what'] => {
  if (eventName === 'REMOVE') return { kind: 'remove' };
  return image === undefined ? { kind: 'look' } : { kind: 'put', item: image };
};

/** OLD_IMAGE streams say what an item was and never what it is: refused, for an index can't be built from them. */
export const refusedView = (raw: unknown): boolean =>
  (raw as StreamRecord | null)?.dynamodb?.StreamViewType === 'OLD_IMAGE';

/** The label at the end of a stream's ARN: the generation of its sequence numbers. */
export const streamLabel = (streamArn: string): string => streamArn.split('/stream/')[1] ?? '';
