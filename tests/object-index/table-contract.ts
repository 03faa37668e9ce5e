import { expect, test } from '@jest/globals';
import { difference, sumOf } from '../../functions/object-index/core/contribution.ts';
import { addressText, identityText } from '../../functions/object-index/core/fact.ts';
import { indexKeysOf } from '../../functions/object-index/core/keys.ts';
import type { LiveRow, ObjectRow, Tombstone } from '../../functions/object-index/core/row.ts';
import { totalsOf } from '../../functions/object-index/core/totals.ts';
import type { IndexReader, IndexTable, IndexTransaction } from '../../functions/object-index/run/ports.ts';
import { sha256 } from './world.ts';

const DATE = Date.UTC(2026, 2, 1);

/** A live row as `nextRow` would make it. */
export const live = (
  key: string,
  more: { revision?: number; sizeBytes?: number; dateMs?: number; customer?: string } = {},
): LiveRow => {
  const { revision = 1000, sizeBytes = 10, dateMs = DATE, customer = 'acme' } = more;
  const attributes = { extension: key.endsWith('.md') ? 'md' : 'txt' };
  const layout = { dateShards: 1, attributeNames: ['extension'], largestFromBytes: 1_000_000 };
  return {
    bucket: 'estate',
    key,
    state: 'live',
    revision,
    sequencer: '0055aed6dcd90281',
    eventTimeMs: dateMs,
    versionId: undefined,
    truthAtMs: undefined,
    slot: undefined,
    apart: false,
    object: {
      isMarker: false,
      sizeBytes,
      etag: 'e',
      dateMs,
      storageClass: 'STANDARD',
      contentType: undefined,
      customer,
      attributes,
      fingerprint: 2n ** 59n + BigInt(sizeBytes),
      countedByDay: true,
      indexKeys: indexKeysOf(
        { bucket: 'estate', key, slot: undefined, customer, dateMs, sizeBytes, attributes },
        layout,
        sha256,
      ),
    },
  };
};

const gone = ({ object: _, ...row }: LiveRow): Tombstone => ({
  ...row,
  state: 'tombstone',
  revision: row.revision + 1,
  expiresAtSeconds: 2_000_000_000,
});

/** The transaction that takes rows from `before` to `after`, with the counters that belong to it. */
export const transaction = (changes: { before?: ObjectRow; after: ObjectRow }[], shard = 0): IndexTransaction => {
  const all = changes.map(({ before, after }) => ({ before, after }));
  const counters = sumOf(all.flatMap(({ before, after }) => difference(before, after))).map((one) => ({
    ...one,
    shard,
  }));
  const token = sha256(
    JSON.stringify([all, counters], (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
  return { changes: all, counters, token: token.slice(0, 36) };
};

/** What both tables must do. `open` gives an empty one. */
export const tableContract = (open: () => Promise<IndexTable & IndexReader>): void => {
  const read = async (table: IndexTable, key: string) =>
    (await table.readRows([{ bucket: 'estate', key, slot: undefined }], 'strong')).get(`estate/${key}`);

  test('a row reads back as it was written, whatever its key', async () => {
    const table = await open();
    const keys = ['plain.txt', 'a b+c%20#d', '🗝/ключ', 'é', 'e\u0301', '//..//', `${'ü'.repeat(511)}xy`, 'line\nbreak'];
    const rows = keys.map((key) => live(key));
    expect(await table.commit(transaction(rows.map((after) => ({ after }))))).toEqual({ kind: 'committed' });
    const found = await table.readRows(rows, 'strong');
    for (const row of rows) expect(found.get(identityText(row))).toEqual(row);
    const removed = gone(rows[0] as LiveRow);
    await table.commit(transaction([{ before: rows[0] as LiveRow, after: removed }]));
    expect(await table.readRow(removed)).toEqual(removed);
  });

  test('a row that changed since it was read cancels the whole transaction, and comes back with the refusal', async () => {
    const table = await open();
    const first = live('a');
    await table.commit(transaction([{ after: first }]));
    const second = live('a', { revision: 1001, sizeBytes: 20 });
    await table.commit(transaction([{ before: first, after: second }]));

    const late = await table.commit(
      transaction([{ after: live('b') }, { before: first, after: live('a', { revision: 1001, sizeBytes: 30 }) }]),
    );
    expect(late).toMatchObject({ kind: 'cancelled', rows: [{ kind: 'fine' }, { kind: 'changed', current: second }] });
    expect(await read(table, 'b')).toBeUndefined();
    expect(totalsOf(await table.readTotals('acme'))).toMatchObject({ objects: 1n, bytes: 20n });
  });

  test('a row that was thought absent, and is not, comes back with the refusal', async () => {
    const table = await open();
    await table.commit(transaction([{ after: live('a') }]));
    const again = await table.commit(transaction([{ after: live('a', { sizeBytes: 11 }) }]));
    expect(again).toMatchObject({ kind: 'cancelled', rows: [{ kind: 'changed', current: live('a') }] });
  });

  test('a row that was thought there, and is gone, is refused without one', async () => {
    const table = await open();
    const result = await table.commit(transaction([{ before: live('a'), after: live('a', { revision: 1001 }) }]));
    expect(result).toMatchObject({ kind: 'cancelled', rows: [{ kind: 'changed', current: undefined }] });
  });

  test('the same transaction again, its first answer lost, counts once', async () => {
    const table = await open();
    const once = transaction([{ after: live('a') }]);
    expect([await table.commit(once), await table.commit(once)]).toEqual([
      { kind: 'committed' },
      { kind: 'committed' },
    ]);
    expect(totalsOf(await table.readTotals(undefined))).toMatchObject({ objects: 1n, bytes: 10n });
  });

  test('an object re-created over its tombstone does not expire with it', async () => {
    const table = await open();
    const first = live('a');
    const removed = gone(first);
    const back = live('a', { revision: removed.revision + 1 });
    await table.commit(transaction([{ after: first }]));
    await table.commit(transaction([{ before: first, after: removed }]));
    expect(await read(table, 'a')).toHaveProperty('expiresAtSeconds');
    await table.commit(transaction([{ before: removed, after: back }]));
    expect(await read(table, 'a')).toEqual(back);
  });

  test('a shard may go below zero: stored in one, removed in another; the sum is exact, beyond 2^53 too', async () => {
    const table = await open();
    const [small, huge] = [live('a'), live('huge', { sizeBytes: Number.MAX_SAFE_INTEGER })];
    await table.commit(transaction([{ after: small }, { after: huge }], 3));
    await table.commit(transaction([{ before: small, after: gone(small) }], 7));
    const shards = await table.readTotals('acme');
    expect(shards.map(({ n }) => n).sort()).toEqual([-1n, 2n]);
    expect(totalsOf(shards)).toEqual({
      objects: 1n,
      bytes: BigInt(Number.MAX_SAFE_INTEGER),
      fingerprint: huge.object.fingerprint,
      noncurrent: { objects: 0n, bytes: 0n, deleteMarkers: 0n, fingerprint: 0n },
      byClass: [{ storageClass: 'STANDARD', objects: 1n, bytes: BigInt(Number.MAX_SAFE_INTEGER) }],
    });
  });

  test('an index lists in both directions, strictly between its bounds, a page at a time; a removed object is in none', async () => {
    const table = await open();
    const rows = Array.from({ length: 7 }, (_, day) =>
      live(`${day}.${day % 2 ? 'md' : 'txt'}`, { dateMs: DATE + day * 1000 }),
    );
    await table.commit(transaction(rows.map((after) => ({ after }))));
    const removed = rows[3] as LiveRow;
    await table.commit(transaction([{ before: removed, after: gone(removed) }]));
    const sort = (day: number) => rows[day]?.object.indexKeys.sort;
    const all = {
      index: 'by-customer',
      partition: 'c#acme#0',
      above: undefined,
      below: undefined,
      filter: {},
    } as const;
    const keys = async (more: object) => {
      const page = await table.readIndex({ ...all, order: 'oldest', limit: 10, ...more });
      return page.objects.map(({ key }) => key);
    };
    expect(await keys({})).toEqual(['0.txt', '1.md', '2.txt', '4.txt', '5.md', '6.txt']);
    expect(await keys({ order: 'newest', above: sort(0), below: sort(6) })).toEqual(['5.md', '4.txt', '2.txt', '1.md']);
    expect(await keys({ above: sort(4) })).toEqual(['5.md', '6.txt']);
    expect(await keys({ below: sort(2) })).toEqual(['0.txt', '1.md']);
    expect(await keys({ filter: { attribute: { name: 'extension', value: 'md' } } })).toEqual(['1.md', '5.md']);
    expect(await keys({ filter: { customer: 'globex' } })).toEqual([]);
    expect(await keys({ index: 'by-attribute-1', partition: 'a#extension=md#0' })).toEqual(['1.md', '5.md']);
    expect(await keys({ index: 'by-date', partition: 'd#2026-03-01#0' })).toHaveLength(6);
    const page = await table.readIndex({ ...all, order: 'oldest', limit: 2 });
    expect(page).toMatchObject({ objects: [{ key: '0.txt' }, { key: '1.md' }], readUpTo: sort(1) });
  });

  test("versions are rows of their own beside their object's, long ids too, and are read with it", async () => {
    const table = await open();
    const current: LiveRow = { ...live('a'), versionId: 'v2', apart: true };
    const versions = ['v1', 'v2', 'null', 'x'.repeat(1024)].map((slot): LiveRow => {
      const versionId = slot === 'null' ? undefined : slot;
      const { object, ...row } = live('a');
      const indexKeys = { sort: `s${slot.slice(0, 4)}`, byCustomer: 'v#acme#0', byDate: undefined, byAttribute: [] };
      return { ...row, slot, versionId, object: { ...object, isMarker: slot === 'v1', indexKeys } };
    });
    await table.commit(transaction([{ after: current }, ...versions.map((after) => ({ after }))]));
    const found = await table.readRows([current, ...versions], 'strong');
    for (const row of [current, ...versions]) expect(found.get(addressText(row))).toEqual(row);
    const read = await table.readVersions(current);
    expect(read.map(({ slot }) => slot).sort()).toEqual(versions.map(({ slot }) => slot).sort());
    expect(totalsOf(await table.readTotals('acme'))).toMatchObject({
      objects: 1n,
      noncurrent: { objects: 2n, deleteMarkers: 1n },
    });
    const listed = await table.readIndex({
      ...({ index: 'by-customer', partition: 'v#acme#0', above: undefined, below: undefined } as const),
      ...({ order: 'oldest', filter: {}, limit: 10 } as const),
    });
    expect(listed.objects.map(({ slot }) => slot)).toHaveLength(4);
  });

  test('large objects are listed by size, and months are read whole', async () => {
    const table = await open();
    const rows = [5_000_000, 70, 1_000_000].map((sizeBytes, at) => live(`${at}.bin`, { sizeBytes }));
    await table.commit(
      transaction(
        rows.map((after) => ({ after })),
        3,
      ),
    );
    const page = await table.readIndex({
      ...({ index: 'by-size', partition: 'l#0', above: undefined, below: undefined } as const),
      ...({ order: 'newest', filter: {}, limit: 10 } as const),
    });
    expect(page.objects.map(({ key, date }) => [key, date.slice(0, 10)])).toEqual([
      ['0.bin', '2026-03-01'],
      ['2.bin', '2026-03-01'],
    ]);
    expect(await table.readMonths('acme', '2026-03', '2026-03')).toEqual([
      { month: '2026-03', counters: { d01n: 3n, d01b: 6_000_070n } },
    ]);
    expect(await table.readMonths('acme', '2026-01', '2026-02')).toEqual([]);
  });

  test('customers are listed once each, however many shards they have', async () => {
    const table = await open();
    const customers = ['a', 'b', 'c#1', 'd'];
    for (const shard of [0, 1]) {
      await table.commit(
        transaction(
          customers.map((customer) => ({ after: live(`${customer}/${shard}`, { customer }) })),
          shard,
        ),
      );
    }
    expect(await table.readCustomers(undefined, 10)).toEqual(customers);
    expect(await table.readCustomers('b', 1)).toEqual(['c#1']);
    expect(await table.readCustomers('d', 10)).toEqual([]);
  });

  test('a transaction of a hundred items commits, and 250 rows are read in one go', async () => {
    const table = await open();
    const rows = Array.from({ length: 250 }, (_, index) => live(`many/${index}`));
    for (const from of [0, 97, 194]) {
      const part = rows.slice(from, from + 97).map((after) => ({ after }));
      expect(await table.commit(transaction(part))).toEqual({ kind: 'committed' });
    }
    expect((await table.readRows(rows, 'eventual')).size).toBe(250);
    expect(totalsOf(await table.readTotals('acme')).objects).toBe(250n);
  });
};
