import { type BucketSums, type DriftReport, emptyReport } from './drift.ts';

/**
 * How far a comparison of a table with one of its indexes has come, kept between invocations. `sums`: the table is read and
 * added up; `keys`: it is read again, and the keys of buckets that differ are looked at; `documents`: the same from the side
 * of the index.
 */
export interface Comparison {
  /** The alias by which the index is written to. */
  index: string;
  phase: 'sums' | 'keys' | 'documents' | 'done';
  /** Where the phase goes on; undefined at its beginning. */
  after: string | undefined;
  sums: BucketSums;
  /** Those that differ. */
  buckets: number[];
  report: DriftReport;
  /** Rises with each change: two that work on it do not overwrite each other. */
  revision: number;
  startedMs: number;
  /** When it was changed last, epoch milliseconds. */
  atMs: number;
}

/** A comparison that nobody has begun, in the place of one that had this revision. */
export const freshComparison = (table: string, index: string, revision: number, nowMs: number): Comparison => ({
  index,
  phase: 'sums',
  after: undefined,
  sums: new Map(),
  buckets: [],
  report: emptyReport(table, index),
  revision,
  startedMs: nowMs,
  atMs: nowMs,
});

/** Nothing moves for so long while a message is under way: it lies in the dead letters of its queue. */
const GIVEN_UP_MS = 6 * 3_600_000;

/** True when it goes on by its messages, so that another must not begin. */
export const isUnderWay = (comparison: Comparison | undefined, nowMs: number): boolean =>
  comparison !== undefined && comparison.phase !== 'done' && nowMs - comparison.atMs < GIVEN_UP_MS;

/** As text of at most some 100 KB, for an item holds 400: sums as `bucket,count,h1,h2` in base 36. */
export const comparisonText = ({ sums, ...rest }: Comparison): string =>
  JSON.stringify({
    ...rest,
    sums: [...sums]
      .map(([bucket, { count, h1, h2 }]) => [bucket, count, h1, h2].map((one) => one.toString(36)).join(','))
      .join(';'),
  });

/** The inverse of `comparisonText`. */
export const readComparison = (text: string): Comparison => {
  const { sums, ...rest } = JSON.parse(text) as Omit<Comparison, 'sums'> & { sums: string };
  const entries =
    sums === '' ? [] : sums.split(';').map((one) => one.split(',').map((part) => Number.parseInt(part, 36)));
  return {
    ...rest,
    after: rest.after,
    sums: new Map(entries.map(([bucket = 0, count = 0, h1 = 0, h2 = 0]) => [bucket, { count, h1, h2 }])),
  };
};
