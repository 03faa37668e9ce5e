import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { difference, sumOf } from './contribution.ts';
import { pack, type RowChange } from './pack.ts';
import { row, tombstoneOf } from './sample.ts';
import { totalsOf } from './totals.ts';

const MARCH_1 = Date.UTC(2026, 2, 1);

test('a new object adds itself to its customer, to everything, and to its day', () => {
  const counted = row({ countedByDay: true, dateMs: MARCH_1, sizeBytes: 5 });
  const totals = { n: 1n, b: 5n, f: 3n, n_STANDARD: 1n, b_STANDARD: 5n };
  expect(difference(undefined, counted)).toEqual([
    { customer: 'acme', month: undefined, adds: totals },
    { customer: undefined, month: undefined, adds: totals },
    { customer: 'acme', month: '2026-03', adds: { d01n: 1n, d01b: 5n } },
  ]);
});

test('an empty object counts as an object; a tombstone and nothing count alike', () => {
  expect(difference(undefined, row({ sizeBytes: 0 }))[0]?.adds).toEqual({ n: 1n, f: 3n, n_STANDARD: 1n });
  expect(difference(undefined, tombstoneOf(row()))).toEqual([]);
  expect(difference(tombstoneOf(row()), undefined)).toEqual([]);
});

test('the same bytes written again move no counter', () => {
  expect(difference(row(), row({ revision: 8, sequencer: '11' }))).toEqual([]);
});

test('a change of class moves classes and leaves the total alone', () => {
  expect(difference(row(), row({ storageClass: 'GLACIER' }))[0]?.adds).toEqual({
    n_STANDARD: -1n,
    b_STANDARD: -5n,
    n_GLACIER: 1n,
    b_GLACIER: 5n,
  });
});

test('bytes move between customers in one step', () => {
  const moved = difference(row({ customer: 'acme' }), row({ customer: 'globex' }));
  expect(moved.map(({ customer, adds }) => [customer, adds.b])).toEqual([
    ['acme', -5n],
    ['globex', 5n],
  ]);
});

test('a row that was not counted by day leaves none, whatever the switch says now', () => {
  const months = difference(row(), row({ countedByDay: true, dateMs: MARCH_1 })).filter(({ month }) => month);
  expect(months).toEqual([{ customer: 'acme', month: '2026-03', adds: { d01n: 1n, d01b: 5n } }]);
  expect(difference(row(), tombstoneOf(row())).filter(({ month }) => month)).toEqual([]);
});

test('totals are the sum of the shards, one of which may be negative', () => {
  expect(
    totalsOf([
      { n: -1n, b: -5n, n_STANDARD: -1n, b_STANDARD: -5n },
      { n: 2n, b: 10n, n_STANDARD: 2n, b_STANDARD: 10n },
    ]),
  ).toEqual({
    objects: 1n,
    bytes: 5n,
    fingerprint: 0n,
    noncurrent: { objects: 0n, bytes: 0n, deleteMarkers: 0n, fingerprint: 0n },
    byClass: [{ storageClass: 'STANDARD', objects: 1n, bytes: 5n }],
  });
});

const alone = (one: RowChange) => ({ changes: [one] });
const change = fc.record({
  customer: fc.constantFrom(...Array.from({ length: 60 }, (_, index) => `c${index}`)),
  day: fc.integer({ min: 0, max: 400 }),
  countedByDay: fc.boolean(),
});

test('a version counts as not current, and its object takes it off again: together they are the current bytes', () => {
  const version = row({ slot: 'v1', versionId: 'v1', sizeBytes: 5 });
  const current = row({ versionId: 'v1', apart: true, sizeBytes: 5 });
  expect(difference(undefined, version)[0]?.adds).toEqual({ nn: 1n, nb: 5n, fn: 3n });
  const both = sumOf([...difference(undefined, version), ...difference(undefined, current)]);
  expect(both[0]?.adds).toEqual({ n: 1n, b: 5n, f: 3n, n_STANDARD: 1n, b_STANDARD: 5n });
  const marker = row({ slot: 'm', versionId: 'm', isMarker: true, sizeBytes: 0 });
  expect(difference(undefined, marker)[0]?.adds).toEqual({ dm: 1n, fn: 3n });
});

test('packing: every change once, no transaction above its rows or 100 items, and nothing lost from the counters', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), fc.integer({ min: 1, max: 98 }), (wanted, maxRows) => {
      const changes = wanted.map(({ customer, day, countedByDay }, index) => ({
        before: undefined,
        after: row({ key: `k${index}`, customer, dateMs: MARCH_1 + day * 86_400_000, countedByDay }),
      }));
      const packs = pack(changes.map(alone), maxRows);
      for (const { steps: rows, counters } of packs) {
        expect(rows.length).toBeLessThanOrEqual(maxRows);
        expect(rows.length + counters.length).toBeLessThanOrEqual(100);
      }
      expect(packs.flatMap((one) => one.steps.map(({ changes: [only] }) => only?.after.key)).sort()).toEqual(
        changes.map(({ after }) => after.key).sort(),
      );
      const sum = (list: Parameters<typeof sumOf>[0]) =>
        new Set(sumOf(list).map((one) => JSON.stringify(one, (_, v) => (typeof v === 'bigint' ? `${v}` : v))));
      const whole = sumOf(changes.flatMap(({ before, after }) => difference(before, after)));
      expect(sumOf(packs.flatMap(({ counters }) => counters)).length).toBe(whole.length);
      expect(sum(packs.flatMap(({ counters }) => counters)).size).toBe(sum(whole).size);
    }),
    { numRuns: 60 },
  );
});

test('a customer an object: the counter rows fill a transaction before its rows do', () => {
  const changes = Array.from({ length: 98 }, (_, index) =>
    alone({ before: undefined, after: row({ key: `k${index}`, customer: `c${index}`, countedByDay: true }) }),
  );
  const sizes = pack(changes, 98).map(({ steps, counters }) => steps.length + counters.length);
  // Three items for each, its row and its two counters, and one counter of all.
  expect(sizes).toEqual([100, 100, 97]);
});

test('one customer, 1,000 objects: 21 transactions of two counter rows, 2.09 write units an object before the indexes', () => {
  const packs = pack(
    Array.from({ length: 1000 }, (_, index) => alone({ before: undefined, after: row({ key: `k${index}` }) })),
    48,
  );
  expect(packs.length).toBe(21);
  const items = packs.reduce((sum, { steps, counters }) => sum + steps.length + counters.length, 0);
  expect((2 * items) / 1000).toBeLessThan(2.1);
});
