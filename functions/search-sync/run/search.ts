import type { Item } from '../core/attribute-value.ts';
import { inFlight } from './in-flight.ts';
import type { Generations } from './ports.ts';
import { type RepairPorts, repair, type SyncTarget } from './repair.ts';

export interface SearchRequest {
  query: string;
  size: number;
  after?: readonly unknown[] | undefined;
}

export interface SearchResult {
  query: string;
  total: number;
  /** Ranked as OpenSearch ranked them; the items are the table's own. */
  hits: { rank: number; id: string; score: number; item: Item }[];
  /** Hits whose item is gone: dropped here, repaired in the index. */
  ghosts: number;
  /** Where the next page begins; undefined on the last one. */
  next: readonly unknown[] | undefined;
}

/** Searches the index and reads the hits back from the table: what a caller gets is the truth, in the order of relevance. */
export const searchItems = async (
  ports: RepairPorts & { generations: Generations },
  target: SyncTarget,
  { query, size, after }: SearchRequest,
): Promise<SearchResult> => {
  const found = await ports.index.search(target.index, { query, size, after });
  const items = await ports.table.items(found.hits.map(({ keys }) => keys));
  const ranked = found.hits.map((hit, at) => ({ hit, item: items[at] }));
  const ghosts = ranked.filter(({ item }) => item === undefined).map(({ hit }) => hit);
  if (ghosts.length > 0) await removeGhosts(ports, target, ghosts);
  return {
    query,
    total: found.total,
    hits: ranked.flatMap(({ hit, item }, at) =>
      item === undefined ? [] : [{ rank: at + 1, id: hit.id, score: hit.score, item }],
    ),
    ghosts: ghosts.length,
    next: found.hits.length < size ? undefined : found.hits.at(-1)?.cursor,
  };
};

/** The next search does not meet them again. A repair that gives up is no reason to fail the search. */
const removeGhosts = async (
  ports: RepairPorts & { generations: Generations },
  target: SyncTarget,
  ghosts: readonly { keys: Item }[],
): Promise<void> => {
  const written = await ports.generations.of(target.index).catch(() => undefined);
  for (const index of [written?.serving, written?.shadow]) {
    if (index !== undefined) await inFlight(ghosts, 8, ({ keys }) => repair(ports, { ...target, index }, keys));
  }
};
