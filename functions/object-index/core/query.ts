import type { Digest } from './digest.ts';
import { ATTRIBUTE_SLOTS, attributePartition, customerPartition, datePartition, sizePartition } from './keys.ts';
import { dayMs, formatDay, formatInstant, parseInstant, startOfDay } from './time.ts';

/** A list of objects that someone asks for. Dates are last-modified, UTC: `from` is in, `to` is out. */
export type ObjectsQuery = {
  order: 'newest' | 'oldest';
  limit: number;
  fromMs: number | undefined;
  toMs: number | undefined;
} & (
  | { query: 'by-customer'; customer: string; attribute: AttributeValue | undefined }
  | { query: 'by-date'; fromMs: number }
  | { query: 'by-attribute'; attribute: AttributeValue; customer: string | undefined }
  /** Newest stands for largest, oldest for smallest. */
  | { query: 'largest'; customer: string | undefined }
);

export interface AttributeValue {
  name: string;
  value: string;
}

export type IndexName = 'by-customer' | 'by-date' | 'by-size' | `by-attribute-${number}`;

/** One partition of an index to read, in order of date. */
export interface StreamPlan {
  index: IndexName;
  partition: string;
}

/** Streams of one `group` are merged; groups follow one another (days, in the order asked for). */
export interface QueryPlan {
  groups: Iterable<StreamPlan[]>;
  /** Sort keys strictly between these, either side open when undefined. */
  above: string | undefined;
  below: string | undefined;
  /** What the index does not answer by itself. */
  filter: { customer?: string; attribute?: AttributeValue };
}

/** Everything wrong with a query, at once. */
export class QueryError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'QueryError';
    this.problems = problems;
  }
}

/** What each query may be asked with: a misspelt field would answer another question. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  total: ['customer', 'by', 'from', 'to'],
  closing: ['customer', 'day', 'from', 'to'],
  'by-customer': ['customer', 'attribute', 'value', 'from', 'to', 'order', 'limit', 'cursor'],
  'by-date': ['from', 'to', 'order', 'limit', 'cursor'],
  'by-attribute': ['attribute', 'value', 'customer', 'from', 'to', 'order', 'limit', 'cursor'],
  largest: ['customer', 'from', 'to', 'order', 'limit', 'cursor'],
};

/** Throws QueryError where a query holds fields that it does not know. */
export const refuseUnknownFields = (input: Readonly<Record<string, unknown>>): void => {
  const known = FIELDS[String(input.query)];
  const unknown = Object.keys(input).filter((name) => name !== 'query' && !known?.includes(name));
  if (known === undefined || unknown.length === 0) return;
  throw new QueryError(unknown.map((name) => `${name} is no field of ${input.query}: expected ${known.join(', ')}`));
};

/** The cursor of a query, if it has one. Throws QueryError when it is no text. */
export const cursorOf = ({ cursor }: Readonly<Record<string, unknown>>): string | undefined => {
  if (cursor === undefined || cursor === null || typeof cursor === 'string') return cursor ?? undefined;
  throw new QueryError([`cursor is ${JSON.stringify(cursor)}: expected the text that the page before ended with`]);
};

const ORDERS: Readonly<Record<'date' | 'size', Readonly<Record<string, 'newest' | 'oldest'>>>> = {
  date: { '': 'newest', newest: 'newest', oldest: 'oldest' },
  size: { '': 'newest', largest: 'newest', smallest: 'oldest' },
};

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;
/** A day is a partition: a range of more of them is a question for one customer or attribute. */
export const MAX_DAYS = 3660;

/** Reads a query as it arrives (an event, or a command's options). Throws QueryError with every problem. */
export const readQuery = (input: Readonly<Record<string, unknown>>, nowMs: number): ObjectsQuery => {
  const problems: string[] = [];
  const textOf = (name: string): string | undefined => {
    const value = input[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    problems.push(`${name} is ${JSON.stringify(value)}: expected text`);
    return undefined;
  };
  const instantOf = (name: string): number | undefined => {
    const value = textOf(name);
    const ms = value === undefined ? undefined : parseInstant(value);
    if (value !== undefined && ms === undefined) {
      problems.push(
        `${name} is ${JSON.stringify(value)}: expected a UTC date such as 2026-03-01 or 2026-03-01T12:00:00Z`,
      );
    }
    return ms;
  };
  const required = (name: string): string => {
    if (input[name] === undefined || input[name] === null) problems.push(`${name} is missing`);
    return textOf(name) ?? '';
  };
  const limit = input.limit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) {
    problems.push(`limit is ${JSON.stringify(limit)}: expected 1 to ${MAX_LIMIT}`);
  }
  const order = ORDERS[input.query === 'largest' ? 'size' : 'date'][String(input.order ?? '')];
  if (order === undefined) {
    const known = input.query === 'largest' ? 'largest or smallest' : 'newest or oldest';
    problems.push(`order is ${JSON.stringify(input.order)}: expected ${known}`);
  }
  const fromMs = instantOf('from');
  const toMs = instantOf('to');
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) problems.push('from is not before to');
  const common = { order: order ?? ('newest' as const), limit: Number(limit), fromMs, toMs };
  const attribute = (): AttributeValue => ({ name: required('attribute'), value: required('value') });
  let query: ObjectsQuery | undefined;
  switch (input.query) {
    case 'by-customer':
      query = {
        ...common,
        query: 'by-customer',
        customer: required('customer'),
        attribute: input.attribute === undefined && input.value === undefined ? undefined : attribute(),
      };
      break;
    case 'by-date':
      if (input.from === undefined) problems.push('from is missing: a query by date needs a first day');
      if (fromMs !== undefined && (toMs ?? nowMs) - fromMs > MAX_DAYS * dayMs) {
        problems.push(`from … to spans more than ${MAX_DAYS} days`);
      }
      query = { ...common, query: 'by-date', fromMs: fromMs ?? nowMs };
      break;
    case 'by-attribute':
      query = { ...common, query: 'by-attribute', attribute: attribute(), customer: textOf('customer') };
      break;
    case 'largest':
      if (input.from !== undefined || input.to !== undefined) problems.push('from and to: largest knows no dates');
      query = { ...common, query: 'largest', customer: textOf('customer') };
      break;
    default:
      problems.push(
        `query is ${JSON.stringify(input.query)}: expected total, closing, by-customer, by-date, by-attribute or largest`,
      );
  }
  if (problems.length > 0 || query === undefined) throw new QueryError(problems);
  return query;
};

/** Which partitions answer a query. `after` is where the page before ended. */
export const planQuery = (
  query: ObjectsQuery,
  layout: { dateShards: number },
  digest: Digest,
  after: string | undefined,
  nowMs: number,
): QueryPlan => {
  const shards = Array.from({ length: layout.dateShards }, (_, shard) => shard);
  const newest = query.order === 'newest';
  const bounds = {
    // `<instant>` sorts before `<instant>#<tie>`: as a lower bound it lets that millisecond in, as an upper one it keeps it out.
    above:
      newest || after === undefined ? (query.fromMs === undefined ? undefined : formatInstant(query.fromMs)) : after,
    below: newest && after !== undefined ? after : query.toMs === undefined ? undefined : formatInstant(query.toMs),
  };
  switch (query.query) {
    case 'by-customer': {
      const { customer, attribute } = query;
      const streams = shards.map(
        (shard): StreamPlan => ({ index: 'by-customer', partition: customerPartition(customer, shard) }),
      );
      return { ...bounds, groups: [streams], filter: attribute === undefined ? {} : { attribute } };
    }
    case 'by-attribute': {
      const { attribute, customer } = query;
      // Which slot holds an attribute is the config's business at the time of writing: a reader looks into all.
      const streams = slots.flatMap((slot) =>
        shards.map(
          (shard): StreamPlan => ({
            index: `by-attribute-${slot}`,
            partition: attributePartition(attribute.name, attribute.value, shard, digest),
          }),
        ),
      );
      return { ...bounds, groups: [streams], filter: customer === undefined ? {} : { customer } };
    }
    case 'largest': {
      const streams = shards.map((shard): StreamPlan => ({ index: 'by-size', partition: sizePartition(shard) }));
      const { customer } = query;
      return { ...bounds, groups: [streams], filter: customer === undefined ? {} : { customer } };
    }
    case 'by-date':
      return { ...bounds, groups: days(query, shards, after, nowMs), filter: {} };
  }
};

const slots = Array.from({ length: ATTRIBUTE_SLOTS }, (_, index) => index + 1);

function* days(
  query: Extract<ObjectsQuery, { query: 'by-date' }>,
  shards: readonly number[],
  after: string | undefined,
  nowMs: number,
): Generator<StreamPlan[]> {
  const reached = after === undefined ? undefined : parseInstant(after.split('#')[0] ?? '');
  const newest = query.order === 'newest';
  // An open end is tomorrow, for S3's clock may be ahead of ours.
  const end = (query.toMs ?? nowMs + dayMs) - 1;
  const first = startOfDay(newest ? query.fromMs : (reached ?? query.fromMs));
  const last = startOfDay(newest ? (reached ?? end) : end);
  for (let index = 0; index <= (last - first) / dayMs; index += 1) {
    const day = formatDay(newest ? last - index * dayMs : first + index * dayMs);
    yield shards.map((shard) => ({ index: 'by-date', partition: datePartition(day, shard) }));
  }
}
