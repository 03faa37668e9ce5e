import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inMemoryClosings } from '../../functions/object-index/aws/in-memory-jobs.ts';
import { inMemoryTable } from '../../functions/object-index/aws/in-memory-table.ts';
import { formatInstant } from '../../functions/object-index/core/time.ts';
import { ingest } from '../../functions/object-index/run/ingest.ts';
import { openLanes } from '../../functions/object-index/run/lanes.ts';
import { answer, listObjects, readAllTotals } from '../../functions/object-index/run/query-objects.ts';
import { readable } from '../../functions/object-index/run/readable.ts';
import { batchOf, notification } from './s3-model.ts';
import { rules, sha256 } from './world.ts';

const START = Date.UTC(2026, 2, 1);
const HOUR = 3_600_000;

interface Stored {
  key: string;
  dateMs: number;
  sizeBytes?: number;
}

const indexed = async (stored: readonly Stored[]) => {
  const table = inMemoryTable();
  const deps = { rules: rules(), digest: sha256, now: () => START + 200 * 24 * HOUR };
  const random = () => 0.3;
  const messages = stored.map(({ key, dateMs, sizeBytes }, index) => ({
    id: `m${index}`,
    body: notification({
      eventName: 'ObjectCreated:Put',
      key,
      eventTimeMs: dateMs,
      size: sizeBytes ?? index,
      eTag: 'e',
      sequencer: '01',
    }),
  }));
  const objects = { look: () => Promise.reject(new Error('nobody should ask')) };
  await ingest(
    batchOf(messages),
    { ...deps, table, objects, lanes: openLanes(1, 16, random), random, pause: async () => {}, now: () => START },
    { remainingMs: () => 60_000 },
  );
  return { ...deps, reader: table, closings: inMemoryClosings() };
};

const allPages = async (
  deps: Awaited<ReturnType<typeof indexed>>,
  query: Record<string, unknown>,
): Promise<string[]> => {
  const keys: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await listObjects({ ...query, ...(cursor === undefined ? {} : { cursor }) }, deps);
    expect(page.objects.length).toBeLessThanOrEqual(Number(query.limit ?? 100));
    keys.push(...page.objects.map(({ key }) => key));
    cursor = page.cursor;
    if (cursor === undefined) return keys;
  }
  throw new Error('the pages do not end');
};

const stored = fc.uniqueArray(
  fc.record({
    key: fc
      .tuple(fc.constantFrom('acme', 'globex'), fc.integer({ min: 0, max: 999 }), fc.constantFrom('md', 'txt'))
      .map(([customer, name, end]) => `${customer}/${name}.${end}`),
    dateMs: fc.integer({ min: 0, max: 6 * 24 }).map((hours) => START + hours * HOUR),
  }),
  { selector: ({ key }) => key, maxLength: 60 },
);
const asked = fc.record({
  limit: fc.integer({ min: 1, max: 20 }),
  order: fc.constantFrom('newest', 'oldest'),
  from: fc.integer({ min: 0, max: 3 * 24 }).map((hours) => START + hours * HOUR),
  to: fc.integer({ min: 3 * 24 + 1, max: 7 * 24 }).map((hours) => START + hours * HOUR),
});

describe('pages of any size, in either direction, together are what a scan and a sort would give', () => {
  const check = (query: Record<string, unknown>, matches: (one: Stored) => boolean) =>
    fc.assert(
      fc.asyncProperty(stored, asked, async (objects, { limit, order, from, to }) => {
        const range = { from: formatInstant(from), to: formatInstant(to) };
        const keys = await allPages(await indexed(objects), { ...query, limit, order, ...range });
        const sign = order === 'newest' ? -1 : 1;
        const tie = ({ key }: Stored) => sha256(`estate/${key}`).slice(0, 16);
        const expected = objects
          .filter((one) => matches(one) && one.dateMs >= from && one.dateMs < to)
          .sort((a, b) => sign * (a.dateMs - b.dateMs || (tie(a) < tie(b) ? -1 : 1)))
          .map(({ key }) => key);
        expect(keys).toEqual(expected);
      }),
      { numRuns: 60 },
    );

  test('by customer', () => check({ query: 'by-customer', customer: 'acme' }, ({ key }) => key.startsWith('acme/')));
  test('by customer and attribute', () =>
    check({ query: 'by-customer', customer: 'acme', attribute: 'extension', value: 'md' }, ({ key }) =>
      /^acme\/.*\.md$/.test(key),
    ));
  test('by date', () => check({ query: 'by-date' }, () => true));
  test('by attribute', () =>
    check({ query: 'by-attribute', attribute: 'extension', value: 'md' }, ({ key }) => key.endsWith('.md')));
  test('by attribute and customer', () =>
    check({ query: 'by-attribute', attribute: 'extension', value: 'txt', customer: 'globex' }, ({ key }) =>
      /^globex\/.*\.txt$/.test(key),
    ));
});

test('a range of empty days ends, a bounded number of reads at a time', async () => {
  const deps = await indexed([{ key: 'acme/old.md', dateMs: START }]);
  let reads = 0;
  const reader = {
    ...deps.reader,
    readIndex: (read: Parameters<typeof deps.reader.readIndex>[0]) => {
      reads += 1;
      return deps.reader.readIndex(read);
    },
  };
  const query = { query: 'by-date', from: '2026-02-01', to: '2026-09-01' };
  const first = await listObjects(query, { ...deps, reader });
  expect(first).toMatchObject({ objects: [] });
  expect(reads).toBeLessThanOrEqual(204);
  expect(await allPages(deps, query)).toEqual(['acme/old.md']);
});

describe('a cursor', () => {
  const objects = Array.from({ length: 5 }, (_, index) => ({ key: `acme/${index}.md`, dateMs: START + index }));
  const query = { query: 'by-customer', customer: 'acme', limit: 2 };

  test('goes on with another page size, but opens no other query', async () => {
    const deps = await indexed(objects);
    const { cursor } = await listObjects(query, deps);
    const next = await listObjects({ ...query, limit: 3, cursor }, deps);
    expect(next.objects.map(({ key }) => key)).toEqual(['acme/2.md', 'acme/1.md', 'acme/0.md']);
    for (const other of [
      { customer: 'globex' },
      { order: 'oldest' },
      { from: '2026-03-01' },
      { query: 'by-attribute', attribute: 'extension', value: 'md' },
    ]) {
      await expect(listObjects({ ...query, ...other, cursor }, deps)).rejects.toThrow(
        'this cursor belongs to another query',
      );
    }
  });

  test('that was altered or made up is refused in words', async () => {
    const deps = await indexed(objects);
    const { cursor = '' } = await listObjects(query, deps);
    const forged = `${btoa('2026-03-01T00:00:00.000Z#0000000000000000')}${cursor.slice(cursor.indexOf('.'))}`;
    await expect(listObjects({ ...query, cursor: forged }, deps)).rejects.toThrow(
      'this cursor belongs to another query, or was altered',
    );
    for (const nonsense of ['x', 'a.b', `${btoa('hello')}.0123456789abcdef`, '%.0123456789abcdef']) {
      await expect(listObjects({ ...query, cursor: nonsense }, deps)).rejects.toThrow('is not one of ours');
    }
  });
});

describe('the largest objects', () => {
  const sizes = [1_500_000, 40, 1_048_576, 9_000_000, 1_048_575];
  const objects = sizes.map((sizeBytes, index) => ({
    key: `${index % 2 ? 'globex' : 'acme'}/${index}.bin`,
    dateMs: START + index,
    sizeBytes,
  }));

  test('come by size, a page at a time, in either direction, of everyone or of one customer', async () => {
    const deps = await indexed(objects);
    expect(await allPages(deps, { query: 'largest', limit: 1 })).toEqual(['globex/3.bin', 'acme/0.bin', 'acme/2.bin']);
    expect(await allPages(deps, { query: 'largest', order: 'smallest', limit: 2 })).toEqual([
      ...['acme/2.bin', 'acme/0.bin', 'globex/3.bin'],
    ]);
    expect(await allPages(deps, { query: 'largest', customer: 'acme' })).toEqual(['acme/0.bin', 'acme/2.bin']);
  });

  test('know no dates, and their cursor opens nothing else', async () => {
    const deps = await indexed(objects);
    await expect(listObjects({ query: 'largest', from: '2026-03-01' }, deps)).rejects.toThrow('largest knows no dates');
    const { cursor } = await listObjects({ query: 'largest', limit: 1 }, deps);
    await expect(listObjects({ query: 'largest', customer: 'acme', cursor }, deps)).rejects.toThrow('another query');
  });
});

test('totals by day and month of last modification are the sum of what was modified then', async () => {
  const deps = await indexed([
    { key: 'acme/0.md', dateMs: START },
    { key: 'acme/1.md', dateMs: START + 1 },
    { key: 'globex/2.md', dateMs: START + 24 * HOUR },
    { key: 'acme/3.md', dateMs: START + 40 * 24 * HOUR },
  ]);
  const range = { from: '2026-03-01', to: '2026-05-01' };
  expect(await answer({ query: 'total', by: 'day', customer: 'acme', ...range }, deps)).toEqual([
    { period: '2026-03-01', objects: 2n, bytes: 1n },
    { period: '2026-04-10', objects: 1n, bytes: 3n },
  ]);
  expect(await answer({ query: 'total', by: 'month', ...range }, deps)).toEqual([
    { period: '2026-03', objects: 3n, bytes: 3n },
    { period: '2026-04', objects: 1n, bytes: 3n },
  ]);
  expect(await answer({ query: 'total', by: 'day', from: '2026-03-02', to: '2026-03-03' }, deps)).toEqual([
    { period: '2026-03-02', objects: 1n, bytes: 2n },
  ]);
  await expect(answer({ query: 'total', by: 'day', from: 'x', customer: 7 }, deps)).rejects.toThrow(
    'customer is 7: expected text; from is "x": expected a UTC date',
  );
  const off = { ...deps, rules: { ...deps.rules, countByDay: false } };
  await expect(answer({ query: 'total', by: 'day' }, off)).rejects.toThrow('objectIndex.statistics.days');
  await expect(answer({ query: 'total', by: 'week' }, deps)).rejects.toThrow('by is "week"');
});

test('closings: of everyone on a day, of one customer over days', async () => {
  const deps = await indexed([{ key: 'acme/0.md', dateMs: START }]);
  for (const day of ['2026-03-01', '2026-03-02']) {
    await deps.closings.close({ customer: 'acme', day, atMs: START, counters: { n: 1n, b: 7n, nn: 2n, nb: 9n } });
    await deps.closings.close({ customer: undefined, day, atMs: START, counters: { n: 1n, b: 7n } });
  }
  const all = await answer({ query: 'closing', day: '2026-03-01' }, deps);
  expect(all).toMatchObject([
    { customer: null, bytes: 7n },
    { customer: 'acme', bytes: 7n, noncurrent: { objects: 2n, bytes: 9n } },
  ]);
  const own = await answer({ query: 'closing', customer: 'acme', from: '2026-03-01', to: '2026-03-31' }, deps);
  expect(own).toMatchObject([{ day: '2026-03-01' }, { day: '2026-03-02' }]);
  await expect(answer({ query: 'closing', day: 'March' }, deps)).rejects.toThrow('day is "March"');
});

test('a query with several mistakes lists them all', async () => {
  const deps = await indexed([]);
  const wrong = { query: 'by-attribute', limit: 0, order: 'up', from: '2026-03-02', to: '2026-03-01', value: 7 };
  await expect(listObjects(wrong, deps)).rejects.toThrow(
    'limit is 0: expected 1 to 1000; order is "up": expected newest or oldest; from is not before to; attribute is missing; value is 7: expected text',
  );
  await expect(answer({ query: 'biggest' }, deps)).rejects.toThrow(
    'query is "biggest": expected total, closing, by-customer, by-date, by-attribute or largest',
  );
  await expect(listObjects({ query: 'by-date' }, deps)).rejects.toThrow('from is missing');
  await expect(answer({ query: 'total', customer: 7 }, deps)).rejects.toThrow('customer is 7');
});

test('what would be left out of an answer is refused: a misspelt field, a range that nothing asks for, a cursor that is no text', async () => {
  const deps = await indexed([{ key: 'acme/0.md', dateMs: START }]);
  for (const [asked, problem] of [
    [{ query: 'total', costumer: 'acme' }, 'costumer is no field of total: expected customer, by, from, to'],
    [{ query: 'by-customer', customer: 'acme', form: '2026-03-01' }, 'form is no field of by-customer'],
    [{ query: 'total', from: '2026-03-01' }, 'from and to need by: day or month'],
    [{ query: 'total', by: 'customer', customer: 'acme' }, 'totals by customer are of each of them'],
    [{ query: 'closing', from: '2026-03-01', to: '2026-03-31' }, 'from and to need a customer'],
    [{ query: 'closing', customer: 'acme', day: '2026-03-01', to: '2026-03-31' }, 'not both'],
    [{ query: 'closing', customer: 'acme', from: '2026-03-02', to: '2026-03-01' }, 'from is after to'],
    [{ query: 'by-customer', customer: 'acme', value: 'md' }, 'attribute is missing'],
    [{ query: 'by-customer', customer: 'acme', cursor: 7 }, 'cursor is 7: expected the text'],
  ] as const) {
    await expect(answer(asked, deps)).rejects.toThrow(problem);
  }
  expect(await answer({ query: 'by-customer', customer: 'acme', cursor: null }, deps)).toMatchObject({
    objects: [{ key: 'acme/0.md' }],
  });
});

test('totals: of one, of all, of each; a number that JSON can not carry becomes text', async () => {
  const deps = await indexed([
    { key: 'acme/0.md', dateMs: START },
    { key: 'globex/1.md', dateMs: START },
    { key: 'acme/2.md', dateMs: START },
  ]);
  expect(readable(await answer({ query: 'total', customer: 'acme' }, deps))).toMatchObject({ objects: 2, bytes: 2 });
  expect(readable(await answer({ query: 'total' }, deps))).toMatchObject({
    objects: 3,
    bytes: 3,
    fingerprint: expect.anything(),
  });
  expect((await readAllTotals(deps)).map(({ customer, objects, bytes }) => [customer, objects, bytes])).toEqual([
    ['acme', 2n, 2n],
    ['globex', 1n, 1n],
  ]);
  expect(readable({ sum: [2n ** 60n, 7n] })).toEqual({ sum: ['1152921504606846976', 7] });
});
