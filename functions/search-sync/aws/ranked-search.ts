import type { Item } from '../core/attribute-value.ts';
import { rootFieldName } from '../core/field-name.ts';
import type { Wanted } from '../core/search-request.ts';
import { BadQueryError, type Facets, type RankedHit, type RankedHits, type RankedQuery } from '../run/ports.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { Answer, OpenSearchHttp } from './opensearch-http.ts';

const FACET_VALUES = 20;

/** Ranked hits of a query; the caller's faults are BadQueryErrors, with the place in the query where there is one. */
export const rankedSearch = async (http: OpenSearchHttp, index: string, query: RankedQuery): Promise<RankedHits> => {
  const path = `/${encodeURIComponent(index)}`;
  const facets = query.facets === undefined ? undefined : await facetFields(http, path, query.facets);
  // The same query asks the same copies of the shards: their scores differ a little, and a page must not skip for it.
  const preference = encodeURIComponent((query.query ?? query.like?.id ?? 'where').replace(/^_/, '')).slice(0, 100);
  const body = JSON.stringify(searchBody(query, facets));
  const answer = await http.ask('POST', `${path}/_search`, { query: { preference }, body });
  if (answer.status === 400) throw new BadQueryError(queryFault(answer));
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const { timed_out: isCut, hits, aggregations } = JSON.parse(answer.text) as Found;
  if (isCut) throw new BadQueryError(`the query took longer than ${SEARCH_TIMEOUT}: ask for less`);
  return {
    total: hits.total.value,
    hits: hits.hits.map(rankedHit),
    ...(facets !== undefined && { facets: facetsOf(facets, aggregations ?? {}) }),
  };
};

const SEARCH_TIMEOUT = '10s';

/** `_text` holds every text and number of a document; a query may name a field instead: `name:react`. Stubs are not hits. */
const searchBody = (
  { query, like, where, highlight, size, after }: RankedQuery,
  facets: readonly FacetField[] | undefined,
) => ({
  query: {
    bool: {
      must: [
        ...(query === undefined
          ? []
          : [{ query_string: { query, default_field: '_text', default_operator: 'AND', lenient: true } }]),
        ...(like === undefined ? [] : [moreLike(like.text)]),
      ],
      filter: [{ term: { '_sync.st': 'ok' } }, ...Object.entries(where ?? {}).map(condition)],
      must_not: like === undefined ? [] : [{ ids: { values: [like.id] } }],
    },
  },
  sort: [{ _score: 'desc' }, { '_sync.i': 'asc' }],
  timeout: SEARCH_TIMEOUT,
  track_scores: true,
  track_total_hits: true,
  size,
  _source: ['_sync.k'],
  ...(highlight && { highlight: highlights }),
  ...(facets !== undefined && {
    aggs: Object.fromEntries(
      facets.flatMap(({ field }, at) =>
        field === undefined ? [] : [[`f${at}`, { terms: { field, size: FACET_VALUES } }]],
      ),
    ),
  }),
  ...(after === undefined ? {} : { search_after: after }),
});

/** Like the item's own texts, as the table has them: asked with the text and not with the document, which may be older. */
const moreLike = (like: string) => ({
  more_like_this: { fields: ['_text'], like, min_term_freq: 1, min_doc_freq: 2, max_query_terms: 25 },
});

const highlights = {
  fields: { '*': {} },
  // The words are looked for in `_text`, and marked where they stand.
  require_field_match: false,
  number_of_fragments: 3,
  fragment_size: 150,
  max_analyzer_offset: 1_000_000,
};

const condition = ([attribute, wanted]: [string, Wanted]) => {
  const isInMap = attribute.startsWith('_maps.');
  const field = isInMap ? attribute : rootFieldName(attribute);
  if (typeof wanted === 'object') {
    return {
      range: {
        [field]: {
          ...(wanted.from !== undefined && { gte: wanted.from }),
          ...(wanted.to !== undefined && { lte: wanted.to }),
        },
      },
    };
  }
  if (typeof wanted === 'string' && !isInMap) return { term: { [`${field}.keyword`]: wanted } };
  return { term: { [field]: typeof wanted === 'boolean' ? String(wanted) : wanted } };
};

interface FacetField {
  attribute: string;
  /** What can be counted; undefined when no document has the attribute as text, number or flag. */
  field: string | undefined;
}

/** A text is counted by its exact form, a number or a flag as it is: which of them it is says the mapping. */
const facetFields = async (
  http: OpenSearchHttp,
  path: string,
  attributes: readonly string[],
): Promise<FacetField[]> => {
  const names = attributes.map(rootFieldName);
  const answer = await http.ask('GET', `${path}/_mapping/field/${names.map(encodeURIComponent).join(',')}`);
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const [index] = Object.values(JSON.parse(answer.text) as Record<string, { mappings: Record<string, FieldMapping> }>);
  return attributes.map((attribute, at) => {
    const name = names[at] as string;
    const type = Object.values(index?.mappings[name]?.mapping ?? {})[0]?.type;
    return { attribute, field: type === undefined ? undefined : type === 'text' ? `${name}.keyword` : name };
  });
};

interface FieldMapping {
  mapping?: Record<string, { type?: string }>;
}

interface Found {
  timed_out?: boolean;
  hits: { total: { value: number }; hits: FoundHit[] };
  aggregations?: Record<string, { buckets: { key: string | number; doc_count: number }[] }>;
}

interface FoundHit {
  _id: string;
  _score: number | null;
  _source: { _sync?: { k?: Item } };
  sort: unknown[];
  highlight?: Record<string, string[]>;
}

const rankedHit = (hit: FoundHit): RankedHit => ({
  id: hit._id,
  score: hit._score ?? 0,
  keys: hit._source._sync?.k ?? {},
  cursor: hit.sort,
  ...(hit.highlight !== undefined && { highlights: hit.highlight }),
});

const facetsOf = (facets: readonly FacetField[], found: NonNullable<Found['aggregations']>): Facets =>
  Object.fromEntries(
    facets.map(({ attribute }, at) => [
      attribute,
      (found[`f${at}`]?.buckets ?? []).map(({ key, doc_count: count }) => ({ value: key, count })),
    ]),
  );

/** What is wrong with a query, in OpenSearch's words, and where. */
const queryFault = (answer: Answer): string => {
  const place = /at line (\d+), column (\d+)/.exec(answer.text);
  return place === null ? faultOf(answer) : `${faultOf(answer)} (at line ${place[1]}, column ${place[2]})`;
};
