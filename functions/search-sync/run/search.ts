import type { Item } from '../core/attribute-value.ts';
import { documentId, keyText } from '../core/document-id.ts';
import { likeText } from '../core/like-text.ts';
import { type ReadSearch, SearchRequestError } from '../core/search-request.ts';
import { inFlight } from './in-flight.ts';
import type { Facets, Generations } from './ports.ts';
import { type RepairPorts, repair, type SyncTarget } from './repair.ts';

export type SearchRequest = Omit<ReadSearch<unknown>, 'table'>;

export interface SearchResult {
  /** What was asked, in words. */
  query: string;
  total: number;
  /** Ranked as OpenSearch ranked them; the items are the table's own. */
  hits: { rank: number; id: string; score: number; item: Item; highlights?: Record<string, string[]> }[];
  facets?: Facets;
  /** Hits whose item is gone: dropped here, repaired in the index. */
  ghosts: number;
  /** Where the next page begins; undefined on the last one. */
  next: readonly unknown[] | undefined;
}

export interface SearchPorts extends RepairPorts {
  generations: Generations;
}

/** Searches the index and reads the hits back from the table: what a caller gets is the truth, in the order of relevance. */
export const searchItems = async (
  ports: SearchPorts,
  target: SyncTarget,
  request: SearchRequest,
): Promise<SearchResult> => {
  const { similar, ...asked } = request;
  const like = similar && (await likeOf(ports, target, similar));
  const found = await ports.index.search(target.index, { ...asked, like });
  const items = await ports.table.items(found.hits.map(({ keys }) => keys));
  const ranked = found.hits.map((hit, at) => ({ hit, item: items[at] }));
  const ghosts = ranked.filter(({ item }) => item === undefined).map(({ hit }) => hit);
  if (ghosts.length > 0) await removeGhosts(ports, target, ghosts);
  return {
    query: inWords(request, target),
    total: found.total,
    hits: ranked.flatMap(({ hit: { id, score, highlights }, item }, at) =>
      item === undefined ? [] : [{ rank: at + 1, id, score, item, ...(highlights && { highlights }) }],
    ),
    ...(found.facets && { facets: found.facets }),
    ghosts: ghosts.length,
    next: found.hits.length < request.size ? undefined : found.hits.at(-1)?.cursor,
  };
};

const inWords = ({ query, similar, where }: SearchRequest, { keys }: SyncTarget): string =>
  query ?? (similar === undefined ? JSON.stringify(where) : `similar to ${keyText(similar, keys)}`);

/** The texts of the item as the table has it now. */
const likeOf = async (ports: SearchPorts, target: SyncTarget, keys: Item) => {
  const item = await ports.table.item(keys);
  if (item === undefined) {
    throw new SearchRequestError([`similar: no item of ${target.table} has the key ${keyText(keys, target.keys)}`]);
  }
  const text = likeText(item, target.project);
  if (text.trim() === '') throw new SearchRequestError(['similar: the item has no text to be like']);
  return { text, id: documentId(keys, target.keys, ports.hash) };
};

/** The next search does not meet them again. A repair that gives up is no reason to fail the search. */
const removeGhosts = async (
  ports: SearchPorts,
  target: SyncTarget,
  ghosts: readonly { keys: Item }[],
): Promise<void> => {
  const written = await ports.generations.of(target.index).catch(() => undefined);
  for (const index of [written?.serving, written?.shadow]) {
    if (index !== undefined) await inFlight(ghosts, 8, ({ keys }) => repair(ports, { ...target, index }, keys));
  }
};
