import type { Item } from '../core/attribute-value.ts';
import { BUCKETS } from '../core/document.ts';
import type { Census } from '../run/ports.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { OpenSearchHttp } from './opensearch-http.ts';

const MEMBERS_AT_ONCE = 1_000;

/** What an index holds, counted by OpenSearch: one aggregation over the buckets, after a refresh. */
export const openSearchCensus = (http: OpenSearchHttp): Census => {
  const search = async <T>(index: string, body: object): Promise<T> => {
    const answer = await http.ask('POST', `/${encodeURIComponent(index)}/_search`, { body: JSON.stringify(body) });
    if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
    const parsed = JSON.parse(answer.text) as T & { timed_out?: boolean; _shards?: { failed?: number } };
    // An answer of some of the shards would make documents look missing.
    if (parsed.timed_out || (parsed._shards?.failed ?? 0) > 0) throw new OpenSearchError('not every shard answered');
    return parsed;
  };
  return {
    sums: async (index) => {
      const refreshed = await http.ask('POST', `/${encodeURIComponent(index)}/_refresh`);
      if (refreshed.status >= 300) throw new OpenSearchError(faultOf(refreshed));
      const { aggregations } = await search<Counted>(index, {
        size: 0,
        aggs: {
          buckets: {
            terms: { field: '_sync.b', size: BUCKETS },
            aggs: { h1: { sum: { field: '_sync.h1' } }, h2: { sum: { field: '_sync.h2' } } },
          },
        },
      });
      return new Map(
        aggregations.buckets.buckets.map(({ key, doc_count: count, h1, h2 }) => [
          key,
          { count, h1: h1.value, h2: h2.value },
        ]),
      );
    },
    members: async (index, buckets, after) => {
      const { hits } = await search<Listed>(index, {
        size: MEMBERS_AT_ONCE,
        query: { terms: { '_sync.b': buckets } },
        sort: [{ '_sync.i': 'asc' }],
        _source: ['_sync.k'],
        ...(after === undefined ? {} : { search_after: [after] }),
      });
      const last = hits.hits.at(-1)?.sort[0];
      const keys = hits.hits.map(({ _source }) => _source._sync.k);
      return { keys, ...(keys.length === MEMBERS_AT_ONCE && last !== undefined && { next: last }) };
    },
  };
};

interface Counted {
  aggregations: {
    buckets: { buckets: { key: number; doc_count: number; h1: { value: number }; h2: { value: number } }[] };
  };
}

interface Listed {
  hits: { hits: { _source: { _sync: { k: Item } }; sort: string[] }[] };
}
