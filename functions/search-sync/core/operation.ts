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
}

/** Cuts operations into requests of bounded size, keeping their order; one that is larger alone goes alone. */
export const chunked = <T extends { operation: Operation }>(writes: readonly T[], limits: ChunkLimits): T[][] => {
  const chunks: T[][] = [];
  let chunk: T[] = [];
  let bytes = 0;
  for (const write of writes) {
    const size = operationBytes(write.operation);
    if (chunk.length > 0 && (chunk.length >= limits.maxOperations || bytes + size > limits.maxBytes)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(write);
    bytes += size;
  }
  return chunk.length > 0 ? [...chunks, chunk] : chunks;
};

const operationBytes = (operation: Operation): number =>
  operation.write.kind === 'delete'
    ? utf8Bytes(operation.id) + 150
    : utf8Bytes(operation.id) + 150 + utf8Bytes(operation.write.document);
