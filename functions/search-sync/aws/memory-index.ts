import type { Item } from '../core/attribute-value.ts';
import type { Operation } from '../core/operation.ts';
import type { ItemAnswer } from '../core/outcome.ts';
import type { SearchIndex } from '../run/ports.ts';

interface Entry {
  version: bigint;
  seqNo: number;
  /** Undefined: a tombstone. */
  source: string | undefined;
  writtenMs: number;
}

export interface MemoryIndexOptions {
  nowMs: () => number;
  /** How long a delete leaves its version behind: `index.gc_deletes`. */
  gcDeletesMs: number;
  /** The aliases that exist. */
  aliases: readonly string[];
  /** What the mapping refuses: a reason, or undefined for a good document. */
  refuses?: (source: string) => string | undefined;
}

/** OpenSearch's rules of versions, tombstones and compare-and-swap in memory; the contract tests hold it to the real one. */
export const memoryIndex = (
  options: MemoryIndexOptions,
): SearchIndex & { documents(index: string): Map<string, string> } => {
  const { nowMs, gcDeletesMs, aliases, refuses } = options;
  const indexes = new Map<string, Map<string, Entry>>();
  let seqNo = 0;

  const entriesOf = (index: string): Map<string, Entry> => {
    const entries = indexes.get(index) ?? new Map<string, Entry>();
    indexes.set(index, entries);
    return entries;
  };

  const current = (index: string, id: string): Entry | undefined => {
    const entry = entriesOf(index).get(id);
    const isGone = entry?.source === undefined && entry !== undefined && nowMs() - entry.writtenMs > gcDeletesMs;
    return isGone ? undefined : entry;
  };

  const apply = (operation: Operation): ItemAnswer => {
    const { index, id, write, viaAlias } = operation;
    if (viaAlias && !aliases.includes(index)) return missing(index);
    const entry = current(index, id);
    const conflict = conflictOf(operation, entry);
    if (conflict !== undefined) {
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: conflict } };
    }
    const refusal = write.kind === 'index' ? refuses?.(write.document) : undefined;
    if (refusal !== undefined) return { status: 400, error: { type: 'mapper_parsing_exception', reason: refusal } };
    const isThere = entry?.source !== undefined;
    entriesOf(index).set(id, {
      version: nextVersion(operation, entry),
      seqNo: seqNo++,
      source: write.kind === 'index' ? write.document : undefined,
      writtenMs: nowMs(),
    });
    if (write.kind === 'index')
      return isThere ? { status: 200, result: 'updated' } : { status: 201, result: 'created' };
    return isThere ? { status: 200, result: 'deleted' } : { status: 404, result: 'not_found' };
  };

  const existing = (index: string): void => {
    if (!aliases.includes(index) && !indexes.has(index)) throw new Error(missing(index).error?.reason);
  };

  return {
    bulk: async (operations) => {
      // OpenSearch would make the index for a versioned delete: the adapter looks first, and refuses the request.
      const lost = operations.find(
        ({ viaAlias, write, index }) => viaAlias && write.kind === 'delete' && !aliases.includes(index),
      );
      if (lost)
        return { kind: 'refused', status: 404, type: 'index_not_found_exception', reason: `no alias [${lost.index}]` };
      return { kind: 'items', items: operations.map(apply) };
    },
    stamps: async (index, ids) => {
      existing(index);
      return ids.map((id) => {
        const source = current(index, id)?.source;
        if (source === undefined) return undefined;
        const { _sync } = JSON.parse(source) as { _sync?: { s?: string; g?: string; h?: string } };
        return { sequence: _sync?.s ?? '', stream: _sync?.g ?? '', digest: _sync?.h ?? '' };
      });
    },
    reads: async (index, ids) => {
      existing(index);
      return ids.map((id) => {
        const entry = current(index, id);
        if (entry?.source === undefined) return undefined;
        return { version: entry.version, seqNo: entry.seqNo, primaryTerm: 1, source: entry.source };
      });
    },
    search: async (index, { query, size, after }) => {
      existing(index);
      const words = (query ?? '').toLowerCase().split(/\s+/);
      const hits = [...entriesOf(index)]
        .flatMap(([id, { source, seqNo: order }]) => (source === undefined ? [] : [{ id, source, order }]))
        .map(({ id, source, order }) => ({
          id,
          order,
          sync: (JSON.parse(source) as { _sync: { k: Item; st: string } })._sync,
          text: source.toLowerCase(),
        }))
        .filter(({ text, sync }) => sync.st === 'ok' && words.every((word) => text.includes(word)))
        .sort((a, b) => a.order - b.order);
      const from = after === undefined ? 0 : hits.findIndex(({ order }) => order > Number(after[1]));
      const page = from < 0 ? [] : hits.slice(from, from + size);
      return {
        total: hits.length,
        hits: page.map(({ id, sync, order }) => ({ id, score: 1, keys: sync.k, cursor: [1, order] })),
      };
    },
    documents: (index) =>
      new Map([...entriesOf(index)].flatMap(([id, { source }]) => (source === undefined ? [] : [[id, source]]))),
  };
};

const missing = (index: string): ItemAnswer => ({
  status: 404,
  error: { type: 'index_not_found_exception', reason: `no such index [${index}] and it is not an alias` },
});

/** Why the condition does not hold, in OpenSearch's words where a caller reads them. */
const conflictOf = ({ condition }: Operation, entry: Entry | undefined): string | undefined => {
  switch (condition.kind) {
    case 'at-least':
      return entry !== undefined && entry.version > condition.version
        ? `version conflict, current version [${entry.version}] is higher than the one provided [${condition.version}]`
        : undefined;
    case 'above':
      return entry !== undefined && entry.version >= condition.version
        ? `version conflict, current version [${entry.version}] is higher or equal to the one provided [${condition.version}]`
        : undefined;
    case 'unchanged':
      return entry?.source === undefined || entry.seqNo !== condition.seqNo
        ? `version conflict, required seqNo [${condition.seqNo}]`
        : undefined;
    case 'absent':
      return entry?.source === undefined ? undefined : 'version conflict, document already exists';
  }
};

const nextVersion = ({ condition }: Operation, entry: Entry | undefined): bigint =>
  condition.kind === 'at-least' || condition.kind === 'above' ? condition.version : (entry?.version ?? 0n) + 1n;
