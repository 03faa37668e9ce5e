/** What became of one write. Unknown answers are incidents: never "done", never a dead letter. */
export type Outcome =
  | { kind: 'done' }
  | { kind: 'verify'; reason: string }
  | { kind: 'retry'; reason: string }
  | { kind: 'poison'; reason: string }
  | { kind: 'incident'; reason: string };

/** One item of a bulk answer. */
export interface ItemAnswer {
  status: number;
  result?: string | undefined;
  error?: { type: string; reason: string } | undefined;
}

/** The answer to one bulk request. `none`: no answer, or one that can't be read; it may have taken effect. */
export type BulkAnswer =
  | { kind: 'items'; items: readonly ItemAnswer[] }
  | { kind: 'refused'; status: number; type: string; reason: string }
  | { kind: 'none'; reason: string };

const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** The document's own fault: writing it again can't help. */
const POISON_TYPES = new Set([
  'mapper_parsing_exception',
  'document_parsing_exception',
  'parsing_exception',
  'parse_exception',
  'illegal_argument_exception',
  'strict_dynamic_mapping_exception',
  'action_request_validation_exception',
  'max_bytes_length_exceeded_exception',
  'json_parse_exception',
  'not_x_content_exception',
  'x_content_parse_exception',
  'i_o_exception',
]);

/** Faults of the index that come under a name which otherwise means a bad document. */
const INDEX_FAULT = /alias|write index|Limit of total fields/i;

/** Classifies one item of an answered request. */
export const itemOutcome = (write: 'index' | 'delete', item: ItemAnswer): Outcome => {
  const { status, error } = item;
  if (status >= 200 && status < 300) return { kind: 'done' };
  // Deleting what is not there is what was wanted: 404 without an error, and a tombstone is kept.
  if (status === 404 && write === 'delete' && error === undefined) return { kind: 'done' };
  const reason = `${status} ${error?.type ?? 'without a type'}: ${error?.reason ?? item.result ?? 'without a reason'}`;
  if (status === 409) return { kind: 'verify', reason };
  if (TRANSIENT.has(status) && error?.type !== 'cluster_block_exception') return { kind: 'retry', reason };
  if (status === 413) return { kind: 'poison', reason };
  if (status === 400 && POISON_TYPES.has(error?.type ?? '') && !INDEX_FAULT.test(error?.reason ?? '')) {
    return { kind: 'poison', reason };
  }
  return { kind: 'incident', reason };
};

/** What to do with a request that was refused as a whole. `halve`: one of its operations is to blame; find it. */
export const requestOutcome = (
  answer: Exclude<BulkAnswer, { kind: 'items' }>,
  operations: number,
): Outcome | { kind: 'halve' } => {
  if (answer.kind === 'none') return { kind: 'retry', reason: answer.reason };
  const reason = `${answer.status} ${answer.type}: ${answer.reason}`;
  if (TRANSIENT.has(answer.status) && answer.type !== 'cluster_block_exception') return { kind: 'retry', reason };
  if (answer.status === 413 || answer.status === 400)
    return operations > 1 ? { kind: 'halve' } : { kind: 'poison', reason };
  return { kind: 'incident', reason };
};

/** The version that a refused write met, from OpenSearch's own sentence: even a tombstone has one. */
export const versionMet = (reason: string): bigint | undefined => {
  const match = /current version \[(\d+)\]/.exec(reason);
  return match?.[1] === undefined ? undefined : BigInt(match[1]);
};

/** More poison than this is no bad document but a broken mapping: stop, instead of draining the table into dead letters. */
export const poisonBudget = (records: number): number => Math.max(20, Math.floor(records / 10));
