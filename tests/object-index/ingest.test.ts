import { describe, expect, test } from '@jest/globals';
import { inMemoryTable } from '../../functions/object-index/aws/in-memory-table.ts';
import { addressText } from '../../functions/object-index/core/fact.ts';
import type { Truth } from '../../functions/object-index/core/row.ts';
import { totalsOf } from '../../functions/object-index/core/totals.ts';
import { type IngestDeps, ingest, ingestBatch } from '../../functions/object-index/run/ingest.ts';
import { openLanes } from '../../functions/object-index/run/lanes.ts';
import type { CommitResult, DeadLetter, IndexTable } from '../../functions/object-index/run/ports.ts';
import { assertI1 } from './ledger.ts';
import { batchOf, notification } from './s3-model.ts';
import { randomFrom, rules, sha256 } from './world.ts';

const NOON = Date.UTC(2026, 2, 1, 12);
const forever = { remainingMs: () => 60_000 };
const seq = (order: number) => `0055AED6DCD902${order.toString(16).padStart(2, '0').toUpperCase()}E5`;

const put = (id: string, key: string, order: number, size = 10, more: Record<string, unknown> = {}) => ({
  id,
  body: notification({
    eventName: 'ObjectCreated:Put',
    key,
    eventTimeMs: NOON + order * 10_000,
    size,
    eTag: `e${order}`,
    sequencer: seq(order),
    ...more,
  }),
});
const remove = (id: string, key: string, order: number) => ({
  id,
  body: notification({
    eventName: 'ObjectRemoved:Delete',
    key,
    eventTimeMs: NOON + order * 10_000,
    sequencer: seq(order),
  }),
});

const world = (more: { table?: Partial<IndexTable>; look?: () => Promise<Truth>; nowMs?: number } = {}) => {
  const table = inMemoryTable();
  const calls = { commits: 0, looks: 0, pauses: 0 };
  const random = randomFrom(1);
  const over = { ...table, ...more.table };
  const deps: IngestDeps = {
    table: {
      readRows: over.readRows,
      commit: (transaction) => {
        calls.commits += 1;
        return over.commit(transaction);
      },
    },
    objects: {
      look: async () => {
        calls.looks += 1;
        if (more.look === undefined) throw new Error('nobody should ask');
        return await more.look();
      },
    },
    rules: rules(false),
    digest: sha256,
    lanes: openLanes(2, 16, random),
    random,
    now: () => more.nowMs ?? NOON + 3_600_000,
    pause: async () => {
      calls.pauses += 1;
    },
  };
  const take = (...messages: { id: string; body: string }[]) => ingest(batchOf(messages), deps, forever);
  const total = async (customer?: string) => {
    assertI1(table.items());
    const { objects, bytes } = totalsOf(await table.readTotals(customer));
    return `${objects} objects, ${bytes} bytes`;
  };
  return { table, deps, calls, take, total };
};

describe('one object', () => {
  test('two actions on one key in one batch are one step of its row, in any order (HDDS-5119)', async () => {
    const messages = [put('1', 'acme/a', 1), remove('2', 'acme/a', 2), put('3', 'acme/a', 3, 30)];
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const { take, total, calls } = world();
      await take(...order.map((index) => messages[index] as { id: string; body: string }));
      expect([await total('acme'), calls.commits]).toEqual(['1 objects, 30 bytes', 1]);
    }
  });

  test('nothing of one batch is left in the next: a warm environment starts clean (HDDS-12325)', async () => {
    const { take, total } = world();
    await take(put('1', 'acme/a', 1));
    expect(await take(put('2', 'acme/b', 1))).toMatchObject({ objects: 1, set: 1 });
    expect(await total()).toBe('2 objects, 20 bytes');
  });

  test('its removal arrives first: the tombstone holds the older PUT off', async () => {
    const { take, total } = world();
    await take(remove('1', 'acme/a', 2));
    expect(await take(put('2', 'acme/a', 1))).toMatchObject({ dropped: 1, transactions: 0 });
    expect(await total()).toBe('0 objects, 0 bytes');
  });

  test('a removal that is delivered twice takes its bytes away once (VoC #364), and no total is held at zero', async () => {
    const { take, total, table } = world();
    await take(put('1', 'acme/a', 1), put('2', 'acme/b', 1));
    await take(remove('3', 'acme/a', 2));
    await take(remove('3', 'acme/a', 2));
    expect(await total('acme')).toBe('1 objects, 10 bytes');
    const shards = (await table.readTotals('acme')).map(({ n }) => n ?? 0n);
    expect(shards.reduce((sum, n) => sum + n, 0n)).toBe(1n);
  });

  test('removed but never stored: a tombstone, and counters that stay (Ceph #29062)', async () => {
    const { take, total } = world();
    await take(remove('1', 'acme/ghost', 1), remove('2', 'acme/ghost', 2));
    expect(await total()).toBe('0 objects, 0 bytes');
  });

  test('re-created over a tombstone that TTL has not deleted yet, it does not expire with it', async () => {
    const { take, total, table } = world();
    await take(remove('1', 'acme/a', 1));
    await take(put('2', 'acme/a', 2));
    table.expire(Number.MAX_SAFE_INTEGER);
    expect(await total('acme')).toBe('1 objects, 10 bytes');
  });

  test('re-created after TTL deleted its tombstone, it has a revision that none of its rows ever had', async () => {
    const first = world({ nowMs: NOON });
    await first.take(put('1', 'acme/a', 1));
    const before = (await first.table.readRow({ bucket: 'estate', key: 'acme/a' }))?.revision ?? 0;
    const later = world({ nowMs: NOON + 40 * 86_400_000, look: async () => ({ kind: 'absent', atMs: NOON }) });
    await later.take({ id: '2', body: put('2', 'acme/a', 2, 10, { eventTimeMs: NOON + 40 * 86_400_000 }).body });
    expect((await later.table.readRow({ bucket: 'estate', key: 'acme/a' }))?.revision).toBeGreaterThan(before + 1000);
  });

  test('whose key matches no customer goes to "unknown"', async () => {
    const { take, total } = world();
    await take(put('1', 'loose.txt', 1));
    expect(await total('unknown')).toBe('1 objects, 10 bytes');
  });
});

describe('a batch', () => {
  const many = (count: number, customer: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => put(`m${index}`, `${customer(index)}/${index}`, 1));

  test('of 1,000 new objects of one customer is 21 transactions and no look at S3; again, it is none', async () => {
    const { take, total, calls } = world();
    const batch = many(1000, () => 'acme');
    expect(await take(...batch)).toMatchObject({ set: 1000, transactions: 21, failedMessageIds: [] });
    expect(await take(...batch)).toMatchObject({ dropped: 1000, transactions: 0 });
    expect([calls.commits, calls.looks, await total('acme')]).toEqual([21, 0, '1000 objects, 10000 bytes']);
  });

  test('of 500 customers with one object each packs several customers into a transaction', async () => {
    const { take, total } = world();
    const { transactions } = await take(...many(500, (index) => `c${index}`));
    expect(transactions).toBeLessThanOrEqual(11);
    expect(await total()).toBe('500 objects, 5000 bytes');
  });

  test('with a poison message loses only that one, and says why', async () => {
    const { take, total } = world();
    const result = await take(...many(20, () => 'acme'), { id: 'poison', body: '{"Records":[{}]}' });
    expect(result.failedMessageIds).toEqual(['poison']);
    expect(result.sentence).toBe(
      '21 messages about 20 objects: 20 set, in 1 transaction; 1 message will come back, the first because event version undefined is not 2.x.',
    );
    expect(await total()).toBe('20 objects, 200 bytes');
  });

  test('with a poison message keeps it with its reason, and only where that fails it comes back', async () => {
    const { deps, total } = world();
    const letters: DeadLetter[] = [];
    let isOpen = true;
    const deadLetters = {
      keep: async (letter: DeadLetter) => {
        if (!isOpen) throw new Error('AccessDenied');
        letters.push(letter);
      },
    };
    const poison = { id: 'poison', body: '{"Records":[{}]}' };
    const batch = batchOf([put('1', 'acme/1', 1), poison, put('2', 'acme/2', 1)]);
    const first = await ingestBatch(batch, { ...deps, deadLetters }, forever);
    expect(first.failedMessageIds).toEqual([]);
    const because = 'event version undefined is not 2.x';
    expect(letters).toEqual([{ messageId: 'poison', body: poison.body, because }]);
    expect(first.unreadable).toEqual([{ messageId: 'poison', because }]);
    expect(first.sentence).toBe(
      `3 messages about 2 objects: 2 set, in 1 transaction; 1 message can not be read and went to the dead letters, the first because ${because}.`,
    );
    isOpen = false;
    const second = await ingestBatch(batch, { ...deps, deadLetters }, forever);
    expect([second.failedMessageIds, second.unreadable]).toEqual([['poison'], []]);
    // Without a queue there is nothing to keep: the invocation fails as a whole.
    const direct = await ingestBatch({ Records: [{}] }, { ...deps, deadLetters }, forever);
    expect(direct.failedMessageIds).toEqual(['direct']);
    expect(await total()).toBe('2 objects, 20 bytes');
  });

  test('whose transaction nobody answered, three times, is read again: what was applied is not counted twice, what was not is', async () => {
    for (const applied of [true, false]) {
      const inner = inMemoryTable();
      let unanswered = 0;
      const commit = async (transaction: Parameters<IndexTable['commit']>[0]): Promise<CommitResult> => {
        unanswered += 1;
        if (unanswered > 3) return await inner.commit(transaction);
        if (applied && unanswered === 1) await inner.commit(transaction);
        return { kind: 'unknown', because: 'socket hang up' };
      };
      const { take, calls } = world({ table: { ...inner, commit } });
      const { failedMessageIds } = await take(put('1', 'acme/1', 1), put('2', 'acme/2', 1));
      expect(failedMessageIds).toEqual([]);
      expect(totalsOf(await inner.readTotals('acme'))).toMatchObject({ objects: 2n, bytes: 20n });
      expect(calls.commits).toBe(applied ? 3 : 4);
    }
  });

  test('that holds an object which the table refuses finds it by halves: the others are committed', async () => {
    const inner = inMemoryTable();
    const commit = async (transaction: Parameters<IndexTable['commit']>[0]): Promise<CommitResult> =>
      transaction.changes.some(({ after }) => after.key === 'acme/7')
        ? { kind: 'refused', because: 'Item size has exceeded the maximum' }
        : await inner.commit(transaction);
    const { take } = world({ table: { ...inner, commit } });
    const result = await take(...many(40, () => 'acme'));
    expect(result).toMatchObject({ set: 39, failedMessageIds: ['m7'] });
    expect(totalsOf(await inner.readTotals('acme')).objects).toBe(39n);
  });

  test('of which one row changed under it commits the other 47 again, without another read', async () => {
    const inner = inMemoryTable();
    let reads = 0;
    const readRows: IndexTable['readRows'] = async (objects, consistency) => {
      reads += 1;
      return await inner.readRows(objects, consistency);
    };
    const commit = async (transaction: Parameters<IndexTable['commit']>[0]) => {
      if (transaction.changes.length === 48) await world({ table: inner }).take(put('x', 'acme/3', 2, 99));
      return await inner.commit(transaction);
    };
    const { take } = world({ table: { ...inner, readRows, commit } });
    expect(await take(...many(48, () => 'acme'))).toMatchObject({ set: 47, dropped: 1, failedMessageIds: [] });
    expect(reads).toBe(1);
    expect(totalsOf(await inner.readTotals('acme'))).toMatchObject({ objects: 48n, bytes: 569n });
  });

  test('whose time runs out gives back what is not done, and nothing is half done', async () => {
    const { deps, total } = world();
    let remaining = 10_000;
    const slow = {
      ...deps,
      table: {
        ...deps.table,
        commit: async (transaction: Parameters<IndexTable['commit']>[0]) => {
          remaining -= 4_000;
          return await deps.table.commit(transaction);
        },
      },
    };
    const result = await ingest(batchOf(many(1000, () => 'acme')), slow, { remainingMs: () => remaining });
    expect(result.set).toBeGreaterThan(0);
    expect(result.failedMessageIds.length).toBe(1000 - result.set);
    expect(result.failures[0]?.because).toBe('time ran out (the batch is large)');
    expect(await total()).toBe(`${result.set} objects, ${result.set * 10} bytes`);
  });

  test('that meets only conflicts comes back whole in the end, after waiting between its attempts', async () => {
    const commit = async ({ changes, counters }: Parameters<IndexTable['commit']>[0]): Promise<CommitResult> => ({
      kind: 'cancelled',
      rows: changes.map(() => ({ kind: 'fine' })),
      counters: counters.map(() => ({ kind: 'conflict' })),
    });
    const { take, calls } = world({ table: { commit } });
    const { failedMessageIds, failures } = await take(...many(3, () => 'acme'));
    expect(failedMessageIds).toHaveLength(3);
    expect(failures[0]?.because).toBe('16 rounds did not do (other writers were in the way)');
    expect(calls.pauses).toBe(16);
  });
});

describe('S3 is asked', () => {
  const stale = { bucket: 'estate', key: 'acme/a' };

  test('about an event older than tombstones are kept; what is gone is not indexed', async () => {
    const { take, total, calls } = world({
      nowMs: NOON + 30 * 86_400_000,
      look: async () => ({ kind: 'absent', atMs: NOON + 30 * 86_400_000 }),
    });
    await take(put('1', 'acme/a', 1));
    // Once as it is now, once for a null version that a delete marker may hide.
    expect([await total(), calls.looks]).toEqual(['0 objects, 0 bytes', 2]);
  });

  test('and gives no clear answer: the message comes back, and no row says that the object is gone', async () => {
    const { take, table } = world({
      look: () => Promise.reject(Object.assign(new Error('Forbidden'), { name: '403' })),
    });
    await take(put('1', 'acme/a', 1));
    const unclear = notification({ eventName: 'ObjectRemoved:Delete', key: 'acme/a', eventTimeMs: NOON + 50_000 });
    const result = await take({ id: '2', body: unclear });
    expect(result.failedMessageIds).toEqual(['2']);
    expect((await table.readRow(stale))?.state).toBe('live');
  });

  test('after a change of class: classes move, the total stays', async () => {
    const truth: Truth = {
      kind: 'present',
      atMs: NOON + 60_000,
      sizeBytes: 10,
      etag: 'e1',
      versionId: undefined,
      lastModifiedMs: NOON,
      storageClass: 'GLACIER',
      contentType: 'text/plain',
    };
    const { take, table } = world({ look: async () => truth });
    await take(put('1', 'acme/a', 1));
    await take({
      id: '2',
      body: notification({ eventName: 'LifecycleTransition', key: 'acme/a', eventTimeMs: NOON + 60_000 }),
    });
    expect(totalsOf(await table.readTotals('acme')).byClass).toEqual([
      { storageClass: 'GLACIER', objects: 1n, bytes: 10n },
    ]);
    expect(await table.readRow(stale)).toMatchObject({ object: { dateMs: NOON + 10_000 } });
  });

  test('about a versioned object only when sequencers can not tell: what comes back after a deletion is found', async () => {
    const older: Truth = {
      kind: 'present',
      atMs: NOON + 60_000,
      sizeBytes: 10,
      etag: 'e1',
      versionId: 'v1',
      lastModifiedMs: NOON,
      storageClass: 'STANDARD',
      contentType: undefined,
    };
    const { take, total, calls } = world({ look: async () => older });
    await take(put('1', 'acme/a', 1, 10, { versionId: 'v1' }));
    expect(calls.looks).toBe(0);
    const deleted = notification({
      eventName: 'ObjectRemoved:Delete',
      key: 'acme/a',
      eventTimeMs: NOON + 60_000,
      sequencer: seq(3),
      versionId: 'v2',
    });
    await take({ id: '2', body: deleted });
    expect([await total(), calls.looks]).toEqual(['1 objects, 10 bytes', 1]);
  });

  test("about an overwritten version says its class on that version's own row too, without a second question", async () => {
    const shown: Truth = {
      kind: 'present',
      atMs: NOON + 60_000,
      sizeBytes: 20,
      etag: 'e2',
      versionId: 'v2',
      lastModifiedMs: NOON + 20_000,
      storageClass: 'STANDARD_IA',
      contentType: undefined,
    };
    const { take, table, calls } = world({ look: async () => shown });
    await take(put('1', 'acme/a', 1, 10, { versionId: 'v1' }));
    await take(put('2', 'acme/a', 2, 20, { versionId: 'v2' }));
    const slots = [undefined, 'v2', 'v1'];
    const rows = await table.readRows(
      slots.map((slot) => ({ ...stale, slot })),
      'strong',
    );
    const classes = slots
      .map((slot) => rows.get(addressText({ ...stale, slot })))
      .map((row) => row?.state === 'live' && row.object.storageClass);
    expect(classes).toEqual(['STANDARD_IA', 'STANDARD_IA', 'STANDARD']);
    expect(calls.looks).toBe(1);
    await take(put('3', 'acme/a', 2, 20, { versionId: 'v2' }));
    expect([calls.looks, calls.commits]).toEqual([1, 2]);
  });
});
