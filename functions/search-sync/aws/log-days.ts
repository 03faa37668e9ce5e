import type { LogIndex } from '../core/retention.ts';
import type { LogDays } from '../run/retention.ts';
import { OWNER } from './mapping.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { OpenSearchHttp } from './opensearch-http.ts';

/** The day indexes of a log group on OpenSearch. One is deleted by its whole name, never by a pattern. */
export const openSearchLogDays = (http: OpenSearchHttp): LogDays => ({
  list: async (prefix) => {
    const answer = await http.ask('GET', `/${encodeURIComponent(prefix)}-*/_mapping`);
    if (answer.status === 404) return [];
    if (answer.status >= 300) throw new OpenSearchError(faultOf(answer));
    const found = JSON.parse(answer.text) as Record<string, { mappings?: { _meta?: { owner?: string } } }>;
    return Object.entries(found).map(
      ([name, { mappings }]): LogIndex => ({ name, isOurs: mappings?._meta?.owner === OWNER }),
    );
  },
  remove: async (index) => {
    const answer = await http.ask('DELETE', `/${encodeURIComponent(index)}`);
    if (answer.status >= 300 && answer.status !== 404) throw new OpenSearchError(faultOf(answer));
  },
});
