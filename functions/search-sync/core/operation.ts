import { utf8Bytes } from './utf8.ts';
import { stringText } from './value-text.ts';

/**
 * When a write may take effect. There is no unconditional write: a late copy of it could undo anything.
 * `at-least`: the stored version is not above ours (external_gte). `above`: it is below ours, or there is none (external).
 * `unchanged`: nobody wrote since we read. `absent`: no such document (append-only logs).
 */
export type Condition =
  | { kind: 'at-least'; version: bigint }
  | { kind: 'above'; version: bigint }
  | { kind: 'unchanged'; seqNo: number; primaryTerm: number }
  | { kind: 'absent' };

/** One write of one document. */
export interface Operation {
  index: string;
  /** The index must be an alias: a missing one is an incident, never a reason to make an index with guessed types. */
  viaAlias: boolean;
  id: string;
  condition: Condition;
  write: { kind: 'index'; document: string } | { kind: 'delete' };
}

/** The lines of one operation in a `_bulk` body. The version is a number token, not a float: 19 digits stay 19 digits. */
export const operationLines = ({ index, viaAlias, id, condition, write }: Operation): string => {
  const verb = write.kind === 'delete' ? 'delete' : condition.kind === 'absent' ? 'create' : 'index';
  const alias = viaAlias && write.kind === 'index' ? ',"require_alias":true' : '';
  const action = `{"${verb}":{"_index":${stringText(index)},"_id":${stringText(id)}${conditionText(condition)}${alias}}}\n`;
  return write.kind === 'delete' ? action : `${action}${write.document}\n`;
};

const conditionText = (condition: Condition): string => {
  switch (condition.kind) {
    case 'at-least':
      return `,"version":${condition.version},"version_type":"external_gte"`;
    case 'above':
      return `,"version":${condition.version},"version_type":"external"`;
    case 'unchanged':
      return `,"if_seq_no":${condition.seqNo},"if_primary_term":${condition.primaryTerm}`;
    case 'absent':
      return '';
  }
};

export interface ChunkLimits {
  maxBytes: number;
  maxOperations: number;
  /** Of the first request; each one after it may hold twice as many, so that the index has work while the next is made. */
  firstOperations?: number | undefined;
}

/**
 * Cuts operations into requests of bounded size, keeping their order; one that is larger alone goes alone. Each request is
 * made when it is asked for, and so are its operations where `writes` makes them then.
 */
export function* chunked<T extends { operation: Operation }>(writes: Iterable<T>, limits: ChunkLimits): Generator<T[]> {
  let chunk: T[] = [];
  let bytes = 0;
  let bytesOf = mostBytes;
  let mostOperations = Math.min(limits.firstOperations ?? limits.maxOperations, limits.maxOperations);
  for (const write of writes) {
    let size = bytesOf(write.operation);
    if (bytesOf === mostBytes && bytes + size > limits.maxBytes) {
      // Counting is needed near the limit only: most requests are full by their number of operations.
      bytesOf = operationBytes;
      bytes = chunk.reduce((sum, { operation }) => sum + operationBytes(operation), 0);
      size = operationBytes(write.operation);
    }
    if (chunk.length > 0 && (chunk.length >= mostOperations || bytes + size > limits.maxBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
      mostOperations = Math.min(mostOperations * 2, limits.maxOperations);
      bytesOf = mostBytes;
    }
    chunk.push(write);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

/** Of the action's own text, without its id. */
const ACTION_BYTES = 150;

/** A UTF-16 unit takes three bytes of UTF-8 at most. */
const mostBytes = ({ id, write }: Operation): number =>
  3 * (id.length + (write.kind === 'delete' ? 0 : write.document.length)) + ACTION_BYTES;

const operationBytes = ({ id, write }: Operation): number =>
  utf8Bytes(id) + (write.kind === 'delete' ? 0 : utf8Bytes(write.document)) + ACTION_BYTES;
