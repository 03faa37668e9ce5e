import type { Item } from './attribute-value.ts';
import { type KeySchema, keyNames } from './document-id.ts';

/** Thrown for a request that can't be searched for, with every problem at once: the caller's fault. */
export class SearchRequestError extends Error {
  constructor(problems: readonly string[]) {
    super(`this search can't be made: ${problems.join('; ')}`);
    this.name = 'SearchRequestError';
  }
}

/** An exact value, or a range of numbers; the ends are part of it. */
export type Wanted = string | number | boolean | { from?: number; to?: number };

export interface ReadSearch<T> {
  table: T;
  /** Words, or a query with field names. One of `query`, `similar` and `where` is there. */
  query?: string;
  /** The key of the item that others are to be like. */
  similar?: Item;
  /** What attributes must be, all of them. */
  where?: Record<string, Wanted>;
  /** Attributes whose values are counted over all hits. */
  facets?: string[];
  /** The places that matched, as snippets. */
  highlight?: boolean;
  size: number;
  after?: readonly unknown[];
}

const MOST_HITS = 100;
const LONGEST_QUERY = 2_000;
const MOST_FACETS = 5;
const MOST_CONDITIONS = 20;
const KNOWN = new Set(['query', 'similar', 'where', 'facets', 'highlight', 'index', 'size', 'after']);

/**
 * Reads `{ query?, similar?, where?, facets?, highlight?, index?, size?, after? }`. The index may be left out when only one
 * is configured. A key is plain values: text, a number, or `{ "B": base64 }`; a number too long for a float is `{ "N": digits }`.
 */
export const readSearch = <T extends { index: string; keys: KeySchema }>(
  event: unknown,
  tables: readonly T[],
): ReadSearch<T> => {
  const body = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>;
  const { query, similar, where, facets, highlight, index, size = 10, after } = body;
  const problems = Object.keys(body)
    .filter((name) => !KNOWN.has(name))
    .map((name) => `${name}: not known; known are ${[...KNOWN].join(', ')}`);
  if (query === undefined && similar === undefined && where === undefined) {
    problems.push('query: expected a text to search for, or similar, or where');
  }
  if (query !== undefined && (typeof query !== 'string' || query.trim() === '')) {
    problems.push('query: expected a text to search for');
  } else if (typeof query === 'string' && query.length > LONGEST_QUERY) {
    problems.push(`query: expected at most ${LONGEST_QUERY} characters, got ${query.length}`);
  }
  if (query !== undefined && similar !== undefined) problems.push('similar: expected no query beside it');
  if (!Number.isInteger(size) || Number(size) < 1 || Number(size) > MOST_HITS) {
    problems.push(`size: expected a whole number from 1 to ${MOST_HITS}, got ${String(size)}`);
  }
  if (after !== undefined && (!Array.isArray(after) || after.length !== 2)) {
    problems.push('after: expected the next of the page before');
  }
  if (highlight !== undefined && typeof highlight !== 'boolean') problems.push('highlight: expected true or false');
  if (facets !== undefined && !isFacets(facets)) {
    problems.push(`facets: expected 1 to ${MOST_FACETS} names of attributes`);
  }
  if (where !== undefined) problems.push(...whereProblems(where));
  const table = index === undefined && tables.length === 1 ? tables[0] : tables.find((one) => one.index === index);
  if (table === undefined) {
    problems.push(`index: expected one of ${tables.map((one) => one.index).join(', ')}, got ${String(index)}`);
  }
  const key = similar === undefined || table === undefined ? undefined : keyOf(similar, table.keys);
  if (typeof key === 'string') problems.push(key);
  if (problems.length > 0 || table === undefined || typeof key === 'string') throw new SearchRequestError(problems);
  return {
    table,
    size: size as number,
    ...(typeof query === 'string' && { query }),
    ...(key !== undefined && { similar: key }),
    ...(where !== undefined && { where: where as Record<string, Wanted> }),
    ...(isFacets(facets) && { facets }),
    ...(highlight === true && { highlight }),
    ...(Array.isArray(after) && { after }),
  };
};

const isFacets = (facets: unknown): facets is string[] =>
  Array.isArray(facets) &&
  facets.length > 0 &&
  facets.length <= MOST_FACETS &&
  facets.every((one) => typeof one === 'string' && one !== '' && !/[*,?]/.test(one));

const whereProblems = (where: unknown): string[] => {
  if (typeof where !== 'object' || where === null || Array.isArray(where))
    return ['where: expected { attribute: value }'];
  const conditions = Object.entries(where);
  if (conditions.length > MOST_CONDITIONS) return [`where: expected at most ${MOST_CONDITIONS} attributes`];
  return conditions
    .filter(([, wanted]) => !isWanted(wanted))
    .map(([name]) => `where.${name}: expected a text, a number, true, false, or { from?, to? } of numbers`);
};

const isWanted = (wanted: unknown): wanted is Wanted => {
  if (['string', 'boolean'].includes(typeof wanted) || Number.isFinite(wanted)) return true;
  if (typeof wanted !== 'object' || wanted === null) return false;
  const ends = Object.entries(wanted);
  return ends.length > 0 && ends.every(([end, value]) => (end === 'from' || end === 'to') && Number.isFinite(value));
};

/** A key of plain values with its types, or what is wrong with it. */
const keyOf = (similar: unknown, schema: KeySchema): Item | string => {
  const names = keyNames(schema);
  const expected = `similar: expected the key of an item: ${names.join(' and ')}`;
  if (typeof similar !== 'object' || similar === null) return expected;
  const key: Record<string, Item[string]> = {};
  for (const [name, value] of Object.entries(similar)) {
    if (!names.includes(name)) return expected;
    if (typeof value === 'string') key[name] = { S: value };
    else if (typeof value === 'number') key[name] = { N: String(value) };
    else if (typeof value?.S === 'string' || typeof value?.N === 'string' || typeof value?.B === 'string')
      key[name] = value;
    else return expected;
  }
  return names.every((name) => key[name] !== undefined) ? key : expected;
};
