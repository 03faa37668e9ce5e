import type { Item } from '../core/attribute-value.ts';
import { ConversionError } from '../core/attribute-value.ts';
import { contentOf, type DocumentShape, documentText, readStored, standsFor, stubText } from '../core/document.ts';
import { documentId, type Hash } from '../core/document-id.ts';
import type { Condition, Operation } from '../core/operation.ts';
import { itemOutcome, requestOutcome, versionMet } from '../core/outcome.ts';
import { versionOfRead } from '../core/version.ts';
import type { Patience, SearchIndex, StoredRead, Table } from './ports.ts';

/** One table and the index that must equal it. */
export interface SyncTarget extends DocumentShape {
  table: string;
  index: string;
}

export interface RepairPorts {
  index: SearchIndex;
  table: Table;
  hash: Hash;
  patience: Patience;
}

export type Repair =
  | { kind: 'agreed' }
  /** The item is one that OpenSearch refuses: a stub stands for it. */
  | { kind: 'stubbed'; reason: string }
  /** The index itself is at fault: nothing more can be done here. */
  | { kind: 'incident'; reason: string }
  | { kind: 'gave-up'; reason: string };

const MAX_TURNS = 8;

/**
 * The one slow path that is always right: read the document, then the truth, and write what is missing on condition that
 * nobody wrote in between; over when a pair of reads agrees. In this order, a change between the reads is seen by the
 * next turn. `hint`: the version of the change that asked; the document ends at no lower one.
 */
export const repair = async (ports: RepairPorts, target: SyncTarget, keys: Item, hint?: bigint): Promise<Repair> => {
  const { index, table, hash, patience } = ports;
  const id = documentId(keys, target.keys, hash);
  let version = hint ?? versionOfRead(patience.nowMs());
  let refused: Refused | undefined;
  let last = 'it kept changing';
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    if (turn > 0) await patience.sleep(patience.chance() * 50 * 2 ** turn);
    try {
      const [stored] = await index.reads(target.index, [id]);
      const item = await table.item(keys);
      const wanted = wantedOf(item, keys, target, refused, patience.nowMs(), hash);
      const same = agrees(stored, wanted, hash);
      const isLow = hint !== undefined && stored !== undefined && stored.version < hint;
      if (same && !isLow) return endOf(stored, refused);
      // Right, but at a version that a late copy of an older write could pass: written again, above what was hinted at.
      const condition = same ? raised(hint, turn) : conditionOf(stored, version);
      const outcome = await writeOne(index, operationOf(target.index, id, condition, wanted));
      if (outcome.kind === 'poison') refused = { content: wanted?.content, reason: outcome.reason };
      if (outcome.kind === 'incident') return outcome;
      if (outcome.kind === 'verify') version = (versionMet(outcome.reason) ?? version) + 1n;
      if (outcome.kind !== 'done') last = outcome.reason;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
  }
  return { kind: 'gave-up', reason: `${MAX_TURNS} turns did not bring document and item together: ${last}` };
};

/** What OpenSearch refused. Another state of the item gets its own chance. */
export interface Refused {
  content: string | undefined;
  reason: string;
}

export interface Wanted {
  content: string | undefined;
  document: string;
}

/** The document that this item should have; undefined: none. */
export const wantedOf = (
  item: Item | undefined,
  keys: Item,
  target: SyncTarget,
  refused: Refused | undefined,
  nowMs: number,
  hash: Hash,
): Wanted | undefined => {
  if (item === undefined) return undefined;
  const origin = { source: 'repair' as const, sequence: '', stream: '', seconds: Math.floor(nowMs / 1_000) };
  const stub = (content: string | undefined, why: string) => ({
    content,
    document: stubText(content, keys, target, origin, why, hash),
  });
  try {
    const content = contentOf(item, target);
    if (refused !== undefined && refused.content === content) return stub(content, refused.reason);
    return { content, document: documentText(content, keys, target, origin, hash) };
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return stub(undefined, error.message);
  }
};

/** True when what is stored is what should be. */
export const agrees = (stored: StoredRead | undefined, wanted: Wanted | undefined, hash: Hash): boolean => {
  if (stored === undefined || wanted === undefined) return stored === undefined && wanted === undefined;
  const read = readStored(stored.source);
  if (read === undefined) return false;
  return wanted.content === undefined ? read.state === 'stub' : standsFor(read, wanted.content, hash);
};

/** How a repair ends whose reads agree. */
export const endOf = (stored: StoredRead | undefined, refused: Refused | undefined): Repair => {
  if (stored === undefined || readStored(stored.source)?.state !== 'stub') return { kind: 'agreed' };
  return { kind: 'stubbed', reason: refused?.reason ?? 'a stub stands for it already' };
};

/** Never a bare write: one that times out and lands late would undo what came after it. */
export const conditionOf = (stored: StoredRead | undefined, version: bigint): Condition =>
  stored === undefined
    ? { kind: 'above', version }
    : { kind: 'unchanged', seqNo: stored.seqNo, primaryTerm: stored.primaryTerm };

/** Each turn above the one before, so that its own late copy is refused too. */
const raised = (hint: bigint | undefined, turn: number): Condition => ({
  kind: 'at-least',
  version: (hint ?? 0n) + BigInt(turn),
});

/** The write that brings a document to what it should be. */
export const operationOf = (
  index: string,
  id: string,
  condition: Condition,
  wanted: Wanted | undefined,
): Operation => ({
  index,
  viaAlias: true,
  id,
  condition,
  write: wanted === undefined ? { kind: 'delete' } : { kind: 'index', document: wanted.document },
});

const writeOne = async (index: SearchIndex, operation: Operation) => {
  const answer = await index.bulk([operation]);
  if (answer.kind === 'items') return itemOutcome(operation.write.kind, answer.items[0] ?? { status: 0 });
  const outcome = requestOutcome(answer, 1);
  return outcome.kind === 'halve' ? { kind: 'retry' as const, reason: 'refused whole' } : outcome;
};
