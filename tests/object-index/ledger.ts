import { countersOf, rowOf } from '../../functions/object-index/aws/item.ts';
import { difference, sumOf } from '../../functions/object-index/core/contribution.ts';
import type { PlainItem } from '../../shared/aws/attribute-value.ts';

const flat = (sums: { owner: string; adds: Readonly<Record<string, bigint>> }[]): Record<string, bigint> => {
  const out: Record<string, bigint> = {};
  for (const { owner, adds } of sums) {
    for (const [name, value] of Object.entries(adds)) out[`${owner} ${name}`] = (out[`${owner} ${name}`] ?? 0n) + value;
  }
  return Object.fromEntries(
    Object.entries(out)
      .filter(([, value]) => value !== 0n)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

/** Sums over counter shards, by owner and attribute; zeros left out. */
export const counted = (items: readonly PlainItem[]): Record<string, bigint> =>
  flat(
    items
      .filter(({ pk, sk }) => /^t(#|$)/.test(String(pk)) && /^[sm]#/.test(String(sk)))
      .map((item) => ({
        owner: String(item.pk) + (String(item.sk).startsWith('m#') ? ` ${String(item.sk).slice(2, 9)}` : ''),
        adds: countersOf(item),
      })),
  );

/** What the rows say the counters must be. */
export const owed = (items: readonly PlainItem[]): Record<string, bigint> =>
  flat(
    sumOf(
      items.filter(({ pk }) => String(pk).startsWith('o#')).flatMap((item) => difference(undefined, rowOf(item))),
    ).map(({ customer, month, adds }) => ({
      owner: (customer === undefined ? 't' : `t#${customer}`) + (month === undefined ? '' : ` ${month}`),
      adds,
    })),
  );

/** I1, or an error that names what differs. */
export const assertI1 = (items: readonly PlainItem[]): void => {
  const [is, must] = [counted(items), owed(items)];
  const names = new Set([...Object.keys(is), ...Object.keys(must)]);
  const wrong = [...names].filter((name) => is[name] !== must[name]);
  if (wrong.length > 0) {
    throw new Error(
      `I1 broken: ${wrong.map((name) => `${name} is ${is[name] ?? 0n}, rows say ${must[name] ?? 0n}`).join('; ')}`,
    );
  }
};
