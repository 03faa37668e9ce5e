import type { AttributeValue, Item } from '../functions/search-sync/core/attribute-value.ts';

// Items of five shapes, and stream records of them. Nothing random: each run measures the same.

const words =
  'index table stream record shard write search update delete version checkpoint repair backfill drift'.split(' ');
const text = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => words[(from * 7 + i * 3) % words.length]).join(' ');

const flat = (n: number): Item => ({
  id: { S: `item-${n}` },
  title: { S: text(n, 8) },
  body: { S: text(n + 1, 40) },
  price: { N: `${n}.25` },
  count: { N: String(n) },
  open: { BOOL: n % 2 === 0 },
});
const numbers = (n: number): Item => ({
  id: { S: `item-${n}` },
  ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`metric${i}`, { N: String(n * 31 + i * 17) }])),
});
const nested = (n: number): Item => {
  const leaf = (i: number): AttributeValue => ({ M: { name: { S: text(n + i, 3) }, size: { N: String(i) } } });
  return {
    id: { S: `item-${n}` },
    meta: { M: { a: { M: { b: { M: { c: leaf(1) } } } }, d: leaf(2) } },
    parts: { L: Array.from({ length: 12 }, (_, i) => leaf(i)) },
  };
};
const lists = (n: number): Item => ({
  id: { S: `item-${n}` },
  tags: { L: Array.from({ length: 60 }, (_, i) => ({ S: words[(n + i) % words.length] })) },
  points: { L: Array.from({ length: 60 }, (_, i) => ({ N: String(i * n) })) },
  flags: { L: Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? { NULL: true } : { BOOL: true })) },
});
const long = (n: number): Item => ({ id: { S: `item-${n}` }, body: { S: text(n, 1_500) } });

export const shapes: readonly (readonly [name: string, of: (n: number) => Item])[] = [
  ['flat', flat],
  ['numbers', numbers],
  ['nested maps', nested],
  ['lists', lists],
  ['long text', long],
];

/** Records of new items, as Lambda hands them over; `from` tells two runs' items apart. */
export const recordsOf = (count: number, from = 0): object[] =>
  Array.from({ length: count }, (_, i) => ({
    eventID: String(i),
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: {
      ApproximateCreationDateTime: 1_790_000_000,
      Keys: { id: { S: `item-${from + i}` } },
      NewImage: flat(from + i),
      SequenceNumber: `205000000000000${String(1_000_000_000 + from + i)}`,
      SizeBytes: 600,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  }));
