import { BadQueryError } from '../run/ports.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { OpenSearchHttp } from './opensearch-http.ts';

/** What is asked of a log group's days. */
export interface LogQuestion {
  /** Words, or a query with field names; undefined: everything. */
  text: string | undefined;
  fromMs: number;
  toMs: number;
  /** Only what took at least so long, the slowest first; undefined: the newest first. */
  slowerThanMs: number | undefined;
  size: number;
}

/** A log entry as its document holds it. */
export interface LogHit {
  '@timestamp': number;
  severity?: string;
  durationMs?: number;
  user?: string;
  database?: string;
  pid?: string;
  statement?: string;
  message: string;
  detail?: string;
}

/** Searches the days of a log group. Throws BadQueryError when the query is at fault. */
export const searchLogs = async (
  http: OpenSearchHttp,
  indexPrefix: string,
  { text, fromMs, toMs, slowerThanMs, size }: LogQuestion,
): Promise<{ total: number; hits: LogHit[] }> => {
  const fields = ['message', 'statement', 'detail', 'hint', 'context'];
  const must =
    text === undefined ? [] : [{ query_string: { query: text, fields, default_operator: 'AND', lenient: true } }];
  const filter = [
    { range: { '@timestamp': { gte: fromMs, lte: toMs } } },
    ...(slowerThanMs === undefined ? [] : [{ range: { durationMs: { gte: slowerThanMs } } }]),
  ];
  const sort =
    slowerThanMs === undefined ? [{ '@timestamp': 'desc' }] : [{ durationMs: 'desc' }, { '@timestamp': 'desc' }];
  const body = JSON.stringify({ size, track_total_hits: true, query: { bool: { must, filter } }, sort });
  const query = { ignore_unavailable: 'true', allow_no_indices: 'true' };
  const answer = await http.ask('POST', `/${encodeURIComponent(indexPrefix)}-*/_search`, { query, body });
  if (answer.status === 400) throw new BadQueryError(faultOf(answer));
  if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
  const { hits } = JSON.parse(answer.text) as { hits: { total: { value: number }; hits: { _source: LogHit }[] } };
  return { total: hits.total.value, hits: hits.hits.map(({ _source }) => _source) };
};
