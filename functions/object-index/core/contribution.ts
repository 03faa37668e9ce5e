import type { LiveObject, ObjectRow } from './row.ts';
import { formatDay } from './time.ts';

/** What a counter row gains: objects, bytes, and how they are split. Negative where objects leave. */
export interface CounterChange {
  /** undefined: the sum over all customers. */
  customer: string | undefined;
  /** `2026-03` for a month row, undefined for the totals. */
  month: string | undefined;
  /** Attribute → what is added. Never zero. */
  adds: Readonly<Record<string, bigint>>;
}

/**
 * Totals attributes: `n` objects, `b` bytes, `f` fingerprint, `n_CLASS` and `b_CLASS`, all of what is current; `nn`, `nb` of
 * versions that are not, `dm` delete markers, `fn` the fingerprint of both; of a month: `d01n`, `d01b` … `d31n`, `d31b`.
 */
export const OBJECTS = 'n';
export const BYTES = 'b';
export const FINGERPRINT = 'f';
export const NONCURRENT = 'nn';
export const NONCURRENT_BYTES = 'nb';
export const MARKERS = 'dm';
export const NONCURRENT_FINGERPRINT = 'fn';
export const classObjects = (storageClass: string): string => `n_${storageClass}`;
export const classBytes = (storageClass: string): string => `b_${storageClass}`;

/** What replacing one row image by another adds to the counters. An absent row and a tombstone contribute nothing. */
export const difference = (before: ObjectRow | undefined, after: ObjectRow | undefined): CounterChange[] => {
  const sums = new Sums();
  addContribution(sums, before, -1n);
  addContribution(sums, after, 1n);
  return sums.changes();
};

/** The sum of several differences: one counter row is written once per transaction. */
export const sumOf = (changes: readonly CounterChange[]): CounterChange[] => {
  const sums = new Sums();
  for (const { customer, month, adds } of changes) {
    for (const [attribute, value] of Object.entries(adds)) sums.add(customer, month, attribute, value);
  }
  return sums.changes();
};

const addContribution = (sums: Sums, row: ObjectRow | undefined, sign: 1n | -1n): void => {
  if (row?.state !== 'live') return;
  const { customer, sizeBytes, storageClass, dateMs, fingerprint, countedByDay } = row.object;
  const bytes = sign * BigInt(sizeBytes);
  if (row.slot !== undefined) {
    addVersion(sums, row.object, sign);
    return;
  }
  // Its version has a row of its own, which counts as not current: here it is taken off again. So each row's part is its own.
  if (row.apart) addVersion(sums, row.object, sign === 1n ? -1n : 1n);
  for (const whose of [customer, undefined]) {
    sums.add(whose, undefined, OBJECTS, sign);
    sums.add(whose, undefined, BYTES, bytes);
    sums.add(whose, undefined, FINGERPRINT, sign * fingerprint);
    sums.add(whose, undefined, classObjects(storageClass), sign);
    sums.add(whose, undefined, classBytes(storageClass), bytes);
  }
  if (!countedByDay) return;
  const day = formatDay(dateMs);
  sums.add(customer, day.slice(0, 7), `d${day.slice(8)}n`, sign);
  sums.add(customer, day.slice(0, 7), `d${day.slice(8)}b`, bytes);
};

const addVersion = (sums: Sums, { customer, sizeBytes, fingerprint, isMarker }: LiveObject, sign: 1n | -1n): void => {
  for (const whose of [customer, undefined]) {
    sums.add(whose, undefined, isMarker ? MARKERS : NONCURRENT, sign);
    sums.add(whose, undefined, NONCURRENT_BYTES, sign * BigInt(sizeBytes));
    sums.add(whose, undefined, NONCURRENT_FINGERPRINT, sign * fingerprint);
  }
};

class Sums {
  readonly #byRow = new Map<
    string,
    { customer: string | undefined; month: string | undefined; adds: Map<string, bigint> }
  >();

  add(customer: string | undefined, month: string | undefined, attribute: string, value: bigint): void {
    const name = JSON.stringify([customer ?? null, month ?? null]);
    const row = this.#byRow.get(name) ?? { customer, month, adds: new Map<string, bigint>() };
    this.#byRow.set(name, row);
    row.adds.set(attribute, (row.adds.get(attribute) ?? 0n) + value);
  }

  changes(): CounterChange[] {
    return [...this.#byRow.values()].flatMap(({ customer, month, adds }) => {
      const moved = [...adds].filter(([, value]) => value !== 0n);
      return moved.length === 0 ? [] : [{ customer, month, adds: Object.fromEntries(moved) }];
    });
  }
}
