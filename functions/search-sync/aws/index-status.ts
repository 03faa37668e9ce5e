import { indexBehind } from './ensure-index.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { OpenSearchHttp } from './opensearch-http.ts';

/** One index as an operator sees it. */
export interface IndexStatus {
  table: string;
  alias: string;
  /** Undefined: there is none. */
  index: string | undefined;
  documents: number;
  stubs: number;
  /** When the newest change in it was made, ISO; undefined while it is empty. */
  newest: string | undefined;
}

/** Counts of the index behind an alias. */
export const indexStatus = async (http: OpenSearchHttp, alias: string, table: string): Promise<IndexStatus> => {
  const index = await indexBehind(http, alias);
  if (index === undefined) return { table, alias, index, documents: 0, stubs: 0, newest: undefined };
  const body = JSON.stringify({
    size: 0,
    track_total_hits: true,
    aggs: { stubs: { filter: { term: { '_sync.st': 'stub' } } }, newest: { max: { field: '_sync.t' } } },
  });
  const answer = await http.ask('POST', `/${alias}/_search`, { body });
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const { hits, aggregations } = JSON.parse(answer.text) as Counts;
  const stubs = aggregations.stubs.doc_count;
  const seconds = aggregations.newest.value;
  return {
    table,
    alias,
    index,
    documents: hits.total.value - stubs,
    stubs,
    newest: seconds === null ? undefined : new Date(seconds * 1_000).toISOString(),
  };
};

interface Counts {
  hits: { total: { value: number } };
  aggregations: { stubs: { doc_count: number }; newest: { value: number | null } };
}
