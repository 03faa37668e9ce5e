/** Thrown for a request that can't be searched for, with every problem at once: the caller's fault. */
export class SearchRequestError extends Error {
  constructor(problems: readonly string[]) {
    super(`this search can't be made: ${problems.join('; ')}`);
    this.name = 'SearchRequestError';
  }
}

export interface ReadSearch<T> {
  table: T;
  query: string;
  size: number;
  after?: readonly unknown[];
}

const MOST_HITS = 100;
const LONGEST_QUERY = 2_000;

/** Reads `{ query, index?, size?, after? }`. The index may be left out when only one is configured. */
export const readSearch = <T extends { index: string }>(event: unknown, tables: readonly T[]): ReadSearch<T> => {
  const {
    query,
    index,
    size = 10,
    after,
  } = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>;
  const problems: string[] = [];
  if (typeof query !== 'string' || query.trim() === '') problems.push('query: expected a text to search for');
  else if (query.length > LONGEST_QUERY) problems.push(`query: expected at most ${LONGEST_QUERY} characters`);
  if (!Number.isInteger(size) || Number(size) < 1 || Number(size) > MOST_HITS) {
    problems.push(`size: expected a whole number from 1 to ${MOST_HITS}, got ${String(size)}`);
  }
  if (after !== undefined && !Array.isArray(after)) problems.push('after: expected the next of the page before');
  const table = index === undefined && tables.length === 1 ? tables[0] : tables.find((one) => one.index === index);
  if (table === undefined) {
    problems.push(`index: expected one of ${tables.map((one) => one.index).join(', ')}, got ${String(index)}`);
  }
  if (problems.length > 0 || table === undefined) throw new SearchRequestError(problems);
  return { table, query: query as string, size: size as number, ...(Array.isArray(after) && { after }) };
};
