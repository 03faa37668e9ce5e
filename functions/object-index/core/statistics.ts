import { QueryError } from './query.ts';
import { formatDay, formatInstant, parseInstant } from './time.ts';

/** A month row's sums: `d01n` objects and `d01b` bytes last modified on its first day. */
export interface MonthCounters {
  month: string;
  counters: Readonly<Record<string, bigint>>;
}

/** What is there now and was last modified in a day or month. */
export interface Period {
  period: string;
  objects: bigint;
  bytes: bigint;
}

export type StatisticsQuery = { by: 'day' | 'month'; customer: string | undefined; fromDay: string; toDay: string };

/** The range of a query for totals by day or month: days, `from` in it, `to` not; the last 31 days or 12 months when open. Throws QueryError. */
export const readStatisticsQuery = (input: Readonly<Record<string, unknown>>, nowMs: number): StatisticsQuery => {
  const problems: string[] = [];
  const instantOf = (name: string): number | undefined => {
    const value = input[name];
    if (value === undefined) return undefined;
    const ms = typeof value === 'string' ? parseInstant(value) : undefined;
    if (ms === undefined) problems.push(`${name} is ${JSON.stringify(value)}: expected a UTC date such as 2026-03-01`);
    return ms;
  };
  const { by, customer } = input;
  if (by !== 'day' && by !== 'month') problems.push(`by is ${JSON.stringify(by)}: expected day or month`);
  if (customer !== undefined && (typeof customer !== 'string' || customer === '')) {
    problems.push(`customer is ${JSON.stringify(customer)}: expected text`);
  }
  const toMs = instantOf('to') ?? nowMs + DAY_MS;
  const fromMs = instantOf('from') ?? toMs - (by === 'month' ? 365 : 31) * DAY_MS;
  if (problems.length === 0 && fromMs >= toMs) problems.push('from is not before to');
  if (toMs - fromMs > MAX_YEARS * 366 * DAY_MS) problems.push(`from … to spans more than ${MAX_YEARS} years`);
  if (problems.length > 0) throw new QueryError(problems);
  return {
    by: by === 'month' ? 'month' : 'day',
    customer: typeof customer === 'string' ? customer : undefined,
    fromDay: formatDay(fromMs),
    // `to` is out: the last day is that of the millisecond before it.
    toDay: formatDay(toMs - 1),
  };
};

const DAY_MS = 86_400_000;
const MAX_YEARS = 10;

/** Days, or whole months of days, that hold something; in order. */
export const periodsOf = (months: readonly MonthCounters[], { by, fromDay, toDay }: StatisticsQuery): Period[] => {
  const sums = new Map<string, { objects: bigint; bytes: bigint }>();
  for (const { month, counters } of months) {
    for (const [name, value] of Object.entries(counters)) {
      const [, number, what] = /^d(\d\d)([nb])$/.exec(name) ?? [];
      const day = `${month}-${number}`;
      if (number === undefined || day < fromDay || day > toDay) continue;
      const period = by === 'day' ? day : month;
      const sum = sums.get(period) ?? { objects: 0n, bytes: 0n };
      sums.set(period, what === 'n' ? { ...sum, objects: sum.objects + value } : { ...sum, bytes: sum.bytes + value });
    }
  }
  return [...sums]
    .filter(([, { objects, bytes }]) => objects !== 0n || bytes !== 0n)
    .map(([period, sum]) => ({ period, ...sum }))
    .sort((a, b) => (a.period < b.period ? -1 : 1));
};

/** A day as it is asked for: `2026-03-01`. Throws QueryError. */
export const readDay = (value: unknown, what: string): string => {
  const ms = typeof value === 'string' && value.length === 10 ? parseInstant(value) : undefined;
  if (ms === undefined)
    throw new QueryError([`${what} is ${JSON.stringify(value)}: expected a day such as 2026-03-01`]);
  return formatInstant(ms).slice(0, 10);
};
