import { type Operation, operationLines } from '../core/operation.ts';
import type { BulkAnswer, ItemAnswer } from '../core/outcome.ts';
import { rawDocuments } from '../core/raw-documents.ts';
import { stringText } from '../core/value-text.ts';
import type { SearchIndex, Stamp, StoredRead } from '../run/ports.ts';
import { errorOf, faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { Answer, OpenSearchHttp } from './opensearch-http.ts';
import { rankedSearch } from './ranked-search.ts';

const FILTER =
  'errors,items.*.status,items.*.result,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason';
const ALIAS_KNOWN_MS = 10_000;
const STAMPS_AT_ONCE = 1_000;
/** Whole documents: 400 KB each at most, and an answer must fit into memory. */
const READS_AT_ONCE = 100;

/** The port on OpenSearch. */
export const openSearchIndex = (http: OpenSearchHttp, nowMs: () => number): SearchIndex => {
  const aliasSeenMs = new Map<string, number>();

  /** A versioned delete makes a missing index, with guessed types, and takes no `require_alias`: so look first. */
  const missingAlias = async (operations: readonly Operation[]): Promise<string | undefined> => {
    const names = operations.flatMap(({ viaAlias, write, index }) =>
      viaAlias && write.kind === 'delete' ? [index] : [],
    );
    for (const name of new Set(names)) {
      if (nowMs() - (aliasSeenMs.get(name) ?? Number.NEGATIVE_INFINITY) < ALIAS_KNOWN_MS) continue;
      const { status } = await http.ask('HEAD', `/_alias/${encodeURIComponent(name)}`);
      if (status === 404) return name;
      if (status < 300) aliasSeenMs.set(name, nowMs());
    }
    return undefined;
  };

  return {
    bulk: async (operations) => {
      try {
        const missing = await missingAlias(operations);
        if (missing !== undefined) {
          return { kind: 'refused', status: 404, type: 'index_not_found_exception', reason: `no alias [${missing}]` };
        }
        let lines = '';
        for (const operation of operations) lines += operationLines(operation);
        return bulkAnswer(await http.ask('POST', '/_bulk', { query: { timeout: '10s', filter_path: FILTER }, lines }));
      } catch (error) {
        return { kind: 'none', reason: `no answer: ${error instanceof Error ? error.message : String(error)}` };
      }
    },

    stamps: async (index, ids) => {
      const stamps: (Stamp | undefined)[] = [];
      for (let from = 0; from < ids.length; from += STAMPS_AT_ONCE) {
        const body = idsBody(ids.slice(from, from + STAMPS_AT_ONCE));
        const query = { _source_includes: '_sync.s,_sync.g,_sync.h' };
        const answer = await http.ask('POST', `/${encodeURIComponent(index)}/_mget`, { query, body });
        const { docs } = jsonOf<{ docs: { found?: boolean; error?: unknown; _source?: SyncSource }[] }>(answer);
        for (const doc of docs) {
          if (doc.error !== undefined) throw new OpenSearchError(`_mget: ${JSON.stringify(doc.error)}`);
          stamps.push(
            doc.found
              ? {
                  sequence: doc._source?._sync?.s ?? '',
                  stream: doc._source?._sync?.g ?? '',
                  digest: doc._source?._sync?.h ?? '',
                }
              : undefined,
          );
        }
      }
      return stamps;
    },

    reads: async (index, ids) => {
      const documents: (StoredRead | undefined)[] = [];
      for (let from = 0; from < ids.length; from += READS_AT_ONCE) {
        const body = idsBody(ids.slice(from, from + READS_AT_ONCE));
        const answer = await http.ask('POST', `/${encodeURIComponent(index)}/_mget`, { body });
        if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
        documents.push(...rawDocuments(answer.text));
      }
      if (documents.length !== ids.length)
        throw new OpenSearchError(`${documents.length} answers to ${ids.length} ids`);
      return documents;
    },

    search: (index, query) => rankedSearch(http, index, query),
  };
};

const idsBody = (ids: readonly string[]): string => `{"ids":[${ids.map(stringText).join(',')}]}`;

interface SyncSource {
  _sync?: { s?: string; g?: string; h?: string };
}

const bulkAnswer = (answer: Answer): BulkAnswer => {
  if (answer.status >= 300) return { kind: 'refused', status: answer.status, ...errorOf(answer) };
  const parsed = parse<{ items?: Record<string, RawItem>[] }>(answer.text);
  // A truncated answer says nothing about what took effect.
  if (!Array.isArray(parsed?.items)) return { kind: 'none', reason: 'the answer could not be read' };
  return { kind: 'items', items: parsed.items.map((item) => itemAnswer(Object.values(item)[0])) };
};

interface RawItem {
  status?: number;
  result?: string;
  error?: { type?: string; reason?: string; caused_by?: { reason?: string } };
}

const itemAnswer = (item: RawItem | undefined): ItemAnswer => ({
  status: item?.status ?? 0,
  result: item?.result,
  error: item?.error && {
    type: item.error.type ?? 'unknown',
    reason: [item.error.reason, item.error.caused_by?.reason].filter(Boolean).join(': ') || 'no reason given',
  },
});

const jsonOf = <T>(answer: Answer): T => {
  const parsed = answer.status < 300 ? parse<T>(answer.text) : undefined;
  if (parsed === undefined) throw new OpenSearchError(faultOf(answer));
  return parsed;
};

const parse = <T>(text: string): T | undefined => {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
};
