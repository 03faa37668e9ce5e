import type { Resident } from './estate.ts';
import { COPY_MIN_KEEP, copyPolicy } from './functions.ts';
import type { Known, Ledger } from './ledger.ts';
import { HOUR_MS } from './scenario.ts';
import type { Records } from './world.ts';

// What is read off the books.

export type Spread = { p50: number; p99: number; worst: number };

/** A database as the copies see it: the same, under the copies' policy. */
export const asCopied = (known: Known): Known => ({
  ...{ resourceId: known.resourceId, policy: copyPolicy, minKeep: COPY_MIN_KEEP },
  get selected() {
    return known.selected;
  },
  get garbled() {
    return known.garbled;
  },
  get exists() {
    return known.exists;
  },
});

/** Whether an hour lies in something that lasts. */
export const isWithin = (hour: number, { fromHour, hours }: { fromHour: number; hours: number }) =>
  hour >= fromHour && hour < fromHour + hours;

/** Whether something was done to a database since that hour. */
export const isUnsettled = ({ disturbedUntilHour }: Resident, sinceHour: number) => disturbedUntilHour > sinceHour;

/** Hours as people read them. */
export const spreadOf = (values: number[]): Spread => {
  const sorted = values.sort((a, b) => a - b);
  const at = (part: number) => Number((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1));
  return { p50: at(0.5), p99: at(0.99), worst: at(1) };
};

/** How many manual snapshots of instances the account counts. */
export const usedManual = async (records: Records): Promise<number> => {
  const text = await records.direct('DescribeAccountAttributes');
  return Number(/<AccountQuotaName>ManualSnapshots<\/AccountQuotaName><Used>(\d+)</.exec(text)?.[1]);
};

/** The book and RDS must say the same at the end, or the judge has judged something else. */
export const compare = async (records: Records, region: 'primary' | 'recovery', ledger: Ledger): Promise<void> => {
  const there = new Set((await records.names(region)).filter((name) => !ledger.foreign.has(name)));
  const inBook = new Set(ledger.names());
  const differ = [...there.symmetricDifference(inBook)];
  if (differ.length > 0)
    ledger.violations.push(`the book of ${region} and RDS differ: ${differ.slice(0, 5).join(', ')}`);
};

/** Who should have gone for hours: a wing that never deletes is no safe one. */
export const overdueIn = async (ledger: Ledger, nowMs: number): Promise<number> => {
  let overdue = 0;
  for (const [resourceId, known] of ledger.databases) {
    if (known.exists && known.selected && !known.garbled)
      overdue += await ledger.overdue(resourceId, nowMs - 3 * HOUR_MS);
  }
  return overdue;
};
