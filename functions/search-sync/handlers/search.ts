import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { openWiring, realPatience, targetOf } from '../aws/wiring.ts';
import { type PlainValue, plainItem } from '../core/plain.ts';
import { readSearch } from '../core/search-request.ts';
import { searchSentence } from '../core/sentences.ts';
import { once } from '../run/once.ts';
import type { Facets } from '../run/ports.ts';
import { searchItems } from '../run/search.ts';

export interface SearchAnswer {
  total: number;
  ghosts: number;
  hits: {
    rank: number;
    id: string;
    score: number;
    item: Record<string, PlainValue>;
    highlights?: Record<string, string[]>;
  }[];
  facets?: Facets;
  /** Give it back as `after` for the next page. */
  next?: readonly unknown[];
}

const wiring = once(openWiring);

/** Query → ranked hits, read back from the table. */
export const handler = lambda<unknown, SearchAnswer>({
  function: 'search',
  run: async (event, { config, region, logger, deadline }) => {
    const { table, ...request } = readSearch(event, config.search.tables);
    const ports = wiring(config, region).portsOf(table, realPatience(deadline.remainingMs));
    const found = await searchItems(ports, targetOf(table), request);
    say(logger, searchSentence({ ...found, shown: found.hits.length }));
    const hits = found.hits.map((hit) => ({ ...hit, item: plainItem(hit.item) }));
    const { total, ghosts, facets, next } = found;
    return { total, ghosts, hits, ...(facets && { facets }), ...(next && { next }) };
  },
});
