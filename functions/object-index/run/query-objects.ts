import { readCursor, writeCursor } from '../core/cursor.ts';
import type { Digest } from '../core/digest.ts';
import {
  cursorOf,
  type ObjectsQuery,
  planQuery,
  QueryError,
  readQuery,
  refuseUnknownFields,
  type StreamPlan,
} from '../core/query.ts';
import type { IndexRules } from '../core/rules.ts';
import { type MonthCounters, type Period, periodsOf, readDay, readStatisticsQuery } from '../core/statistics.ts';
import { dayMs, formatDay, formatInstant, parseInstant } from '../core/time.ts';
import { type Totals, totalsOf } from '../core/totals.ts';
import { mergePlan } from './merge.ts';
import type { Closing, Closings, IndexReader, ListedObject } from './ports.ts';
import { inParallel } from './work.ts';

export interface QueryDeps {
  reader: IndexReader;
  closings: Closings;
  rules: Pick<IndexRules, 'dateShards' | 'countByDay'>;
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
  const cursor = cursorOf(input);
  const after = cursor === undefined ? undefined : readCursor(query, cursor, deps.digest);
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

const allCustomers = async (reader: IndexReader): Promise<string[]> => {
  const customers: string[] = [];
  for (let page = await reader.readCustomers(undefined, 1000); page.length > 0; ) {
    customers.push(...page);
    page = await reader.readCustomers(customers.at(-1), 1000);
  }
  return customers;
};

/** Totals by day or month of last modification: of one customer, or of all together. Throws QueryError. */
export const readPeriods = async (
  input: Readonly<Record<string, unknown>>,
  { reader, rules, now }: Pick<QueryDeps, 'reader' | 'rules' | 'now'>,
): Promise<Period[]> => {
  const query = readStatisticsQuery(input, now());
  if (!rules.countByDay) {
    throw new QueryError(['totals by day are not kept: the config says objectIndex.statistics.days: false']);
  }
  const customers = query.customer === undefined ? await allCustomers(reader) : [query.customer];
  const months: MonthCounters[] = [];
  await inParallel(customers, 16, async (customer) => {
    months.push(...(await reader.readMonths(customer, query.fromDay.slice(0, 7), query.toDay.slice(0, 7))));
  });
  return periodsOf(months, query);
};

export interface ClosedTotals extends Totals {
  /** null: everything. */
  customer: string | null;
  day: string;
  closedAt: string;
}

/** Totals as they were closed: of one customer from a day to a day, or of everyone on one day (yesterday). Throws QueryError. */
export const readClosings = async (
  input: Readonly<Record<string, unknown>>,
  { reader, closings, now }: Pick<QueryDeps, 'reader' | 'closings' | 'now'>,
): Promise<ClosedTotals[]> => {
  const yesterday = formatDay(now() - dayMs);
  const { customer } = input;
  if (customer !== undefined) {
    if (typeof customer !== 'string' || customer === '') throw new QueryError(['customer is empty: expected text']);
    if (input.day !== undefined && (input.from !== undefined || input.to !== undefined)) {
      throw new QueryError(['day, or from and to: not both']);
    }
    const to = readDay(input.to ?? input.day ?? yesterday, 'to');
    const from = readDay(input.from ?? input.day ?? to, 'from');
    if (from > to) throw new QueryError(['from is after to']);
    return (await closings.ofCustomer(customer, from, to)).map(closedOf);
  }
  if (input.from !== undefined || input.to !== undefined) {
    throw new QueryError(['from and to need a customer: of everyone, one day is asked for']);
  }
  const day = readDay(input.day ?? yesterday, 'day');
  const all = await closings.ofDay([undefined, ...(await allCustomers(reader))], day);
  return all.map(closedOf).sort((a, b) => ((a.customer ?? '') < (b.customer ?? '') ? -1 : 1));
};

const closedOf = ({ customer, day, atMs, counters }: Closing): ClosedTotals => ({
  customer: customer ?? null,
  day,
  closedAt: formatInstant(atMs),
  ...totalsOf([counters]),
});

/** Totals of every customer that holds something, by name. One read of the table per customer. */
export const readAllTotals = async ({ reader }: Pick<QueryDeps, 'reader'>): Promise<CustomerTotals[]> => {
  const customers = await allCustomers(reader);
  const totals: CustomerTotals[] = [];
  await inParallel(customers, 16, async (customer) => {
    totals.push({ customer, ...totalsOf(await reader.readTotals(customer)) });
  });
  return totals
    .filter(({ objects, bytes }) => objects !== 0n || bytes !== 0n)
    .sort((a, b) => (a.customer < b.customer ? -1 : 1));
};

/** What the query function answers: totals, closings or a list. Throws QueryError. */
export const answer = async (
  input: Readonly<Record<string, unknown>>,
  deps: QueryDeps,
): Promise<Totals | ObjectsPage | Period[] | ClosedTotals[] | CustomerTotals[]> => {
  refuseUnknownFields(input);
  if (input.query === 'closing') return await readClosings(input, deps);
  if (input.query !== 'total') return await listObjects(input, deps);
  const { by, customer } = readTotalQuery(input);
  if (by === 'day' || by === 'month') return await readPeriods(input, deps);
  return by === 'customer' ? await readAllTotals(deps) : await readTotals(customer, deps);
};

/** What a query for totals asks. Throws QueryError with all that it would otherwise leave out of its answer. */
export const readTotalQuery = ({
  by = 'class',
  customer,
  from,
  to,
}: Readonly<Record<string, unknown>>): { by: 'class' | 'customer' | 'day' | 'month'; customer: string | undefined } => {
  const problems: string[] = [];
  const known = (['class', 'customer', 'day', 'month'] as const).find((one) => one === by);
  if (known === undefined) problems.push(`by is ${JSON.stringify(by)}: expected class, customer, day or month`);
  if (customer !== undefined && (typeof customer !== 'string' || customer === '')) {
    problems.push(`customer is ${JSON.stringify(customer)}: expected text`);
  }
  if (by === 'customer' && customer !== undefined) problems.push('customer: totals by customer are of each of them');
  const isPeriod = by === 'day' || by === 'month';
  if (!isPeriod && (from !== undefined || to !== undefined)) problems.push('from and to need by: day or month');
  // Of a period's query all problems come from one reader.
  if (problems.length > 0 && !isPeriod) throw new QueryError(problems);
  return { by: known ?? 'class', customer: typeof customer === 'string' ? customer : undefined };
};

// Between two days: everything of this group has been listed, nothing of the next.
const boundaryAfter = (query: ObjectsQuery, [stream]: StreamPlan[]): string | undefined => {
  if (query.query !== 'by-date' || stream === undefined) return undefined;
  const day = parseInstant(stream.partition.slice(2, 12)) ?? 0;
  return formatInstant(query.order === 'newest' ? day : day + dayMs);
};
