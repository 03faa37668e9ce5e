import type { DayIndexes } from '../run/ports.ts';
import { faultOf, OpenSearchError } from './opensearch-fault.ts';
import type { OpenSearchHttp } from './opensearch-http.ts';

/** Makes day indexes on OpenSearch; their types come from the template. Each is asked for once per process. */
export const openSearchDayIndexes = (http: OpenSearchHttp): DayIndexes => {
  const known = new Set<string>();
  return {
    ensure: async (index) => {
      if (known.has(index)) return;
      const answer = await http.ask('PUT', `/${encodeURIComponent(index)}`);
      if (answer.status >= 300 && !answer.text.includes('resource_already_exists_exception')) {
        throw new OpenSearchError(faultOf(answer));
      }
      known.add(index);
    },
    forget: () => known.clear(),
  };
};
