import { type CounterChange, sumOf } from './contribution.ts';

/** Sums by customer, as a part of an audit stores them; under EVERYTHING the sum over all. Decimal text: they outgrow a number. */
export type Sums = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** No customer's name: an empty one is never taken from a key. */
export const EVERYTHING = '';

/** What one part of a list adds up to. */
export const sumsOf = (changes: readonly CounterChange[]): Sums =>
  Object.fromEntries(
    changes.map(({ customer, adds }) => [
      customer ?? EVERYTHING,
      Object.fromEntries(Object.entries(adds).map(([name, value]) => [name, String(value)])),
    ]),
  );

/** Several parts as one: customer → attribute → sum. */
export const addUp = (parts: readonly Sums[]): Map<string, Record<string, bigint>> => {
  const changes = parts.flatMap((part) =>
    Object.entries(part).map(([customer, adds]) => ({
      customer,
      month: undefined,
      adds: Object.fromEntries(Object.entries(adds).map(([name, value]) => [name, BigInt(value)])),
    })),
  );
  return new Map(sumOf(changes).map(({ customer, adds }) => [customer ?? EVERYTHING, { ...adds }]));
};

/** Where a customer's counters are not what S3's list adds up to. */
export interface Suspect {
  customer: string;
  /** How many more objects and versions the index counts than S3 lists. */
  surplus: number;
  /** Of these, how many rows the index lacked: what is still left over is in the index only. */
  missing: number;
}

/** A customer whose sums differ, or undefined: then nothing of it is looked at. Equal fingerprints are equal sets. */
export const suspectOf = (
  customer: string,
  listed: Readonly<Record<string, bigint>> | undefined,
  counted: Readonly<Record<string, bigint>>,
): Suspect | undefined => {
  const names = new Set([...Object.keys(listed ?? {}), ...Object.keys(counted)]);
  const of = (side: Readonly<Record<string, bigint>> | undefined, name: string) => side?.[name] ?? 0n;
  if ([...names].every((name) => of(listed, name) === of(counted, name))) return undefined;
  const things = (side: Readonly<Record<string, bigint>> | undefined) =>
    of(side, 'n') + of(side, 'nn') + of(side, 'dm');
  return { customer, surplus: Number(things(counted) - things(listed)), missing: 0 };
};
