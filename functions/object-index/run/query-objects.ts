import { readCursor, writeCursor } from '../core/cursor.ts';
import type { Digest } from '../core/digest.ts';
import { type ObjectsQuery, planQuery, QueryError, readQuery, type StreamPlan } from '../core/query.ts';
import type { IndexRules } from '../core/rules.ts';
import { dayMs, formatInstant, parseInstant } from '../core/time.ts';
import { type Totals, totalsOf } from '../core/totals.ts';
import { mergePlan } from './merge.ts';
import type { IndexReader, ListedObject } from './ports.ts';
import { inParallel } from './work.ts';

export interface QueryDeps {
  reader: IndexReader;
  rules: Pick<IndexRules, 'dateShards'>;
  digest: Digest;
  now: () => number;
}

export interface ObjectsPage {
  objects: ListedObject[];
  /** For the next page of the same query; absent on the last. */
  cursor?: string;
}

/** Reads of index partitions that one page may cost. */
const MAX_READS = 200;

/** Objects by customer, date or attribute, a page at a time. Throws QueryError on a wrong query or a foreign cursor. */
export const listObjects = async (input: Readonly<Record<string, unknown>>, deps: QueryDeps): Promise<ObjectsPage> => {
  const nowMs = deps.now();
  const query = readQuery(input, nowMs);
  const after = typeof input.cursor === 'string' ? readCursor(query, input.cursor, deps.digest) : undefined;
  const plan = planQuery(query, deps.rules, deps.digest, after, nowMs);
  const page = { order: query.order, limit: query.limit, maxReads: MAX_READS };
  const { objects, position } = await mergePlan(deps.reader, plan, page, (group) => boundaryAfter(query, group));
  return position === undefined ? { objects } : { objects, cursor: writeCursor(query, position, deps.digest) };
};

/** Totals of one customer, or over all when none is named: strongly consistent, exact to the byte. */
export const readTotals = async (
  customer: string | undefined,
  { reader }: Pick<QueryDeps, 'reader'>,
): Promise<Totals> => totalsOf(await reader.readTotals(customer));

export interface CustomerTotals extends Totals {
  customer: string;
}

/** Totals of every customer that holds something, by name. One read of the table per customer. */
export const readAllTotals = async ({ reader }: Pick<QueryDeps, 'reader'>): Promise<CustomerTotals[]> => {
  const customers: string[] = [];
  for (let page = await reader.readCustomers(undefined, 1000); page.length > 0; ) {
    customers.push(...page);
    page = await reader.readCustomers(customers.at(-1), 1000);
  }
  const totals: CustomerTotals[] = [];
  await inParallel(customers, 16, async (customer) => {
    totals.push({ customer, ...totalsOf(await reader.readTotals(customer)) });
  });
  return totals
    .filter(({ objects, bytes }) => objects !== 0n || bytes !== 0n)
    .sort((a, b) => (a.customer < b.customer ? -1 : 1));
};

/** What the query function answers: `{query: 'total', customer?}` or a list. Throws QueryError. */
export const answer = async (
  input: Readonly<Record<string, unknown>>,
  deps: QueryDeps,
): Promise<Totals | ObjectsPage> => {
  if (input.query !== 'total') return await listObjects(input, deps);
  const { customer } = input;
  if (customer !== undefined && (typeof customer !== 'string' || customer === '')) {
    throw new QueryError([`customer is ${JSON.stringify(customer)}: expected text`]);
  }
  return await readTotals(customer, deps);
};

// Between two days: everything of this group has been listed, nothing of the next.
const boundaryAfter = (query: ObjectsQuery, [stream]: StreamPlan[]): string | undefined => {
  if (query.query !== 'by-date' || stream === undefined) return undefined;
  const day = parseInstant(stream.partition.slice(2, 12)) ?? 0;
  return formatInstant(query.order === 'newest' ? day : day + dayMs);
};
