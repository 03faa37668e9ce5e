import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { memoryDeadLetters, memoryTable } from '../../functions/search-sync/aws/memory.ts';
import { memoryIndex } from '../../functions/search-sync/aws/memory-index.ts';
import { sha256 } from '../../functions/search-sync/aws/wiring.ts';
import { readStored } from '../../functions/search-sync/core/document.ts';
import type { BulkAnswer } from '../../functions/search-sync/core/outcome.ts';
import { syncSentence } from '../../functions/search-sync/core/sentences.ts';
import { indexLogs } from '../../functions/search-sync/run/logs.ts';
import type { SearchIndex } from '../../functions/search-sync/run/ports.ts';
import { repair } from '../../functions/search-sync/run/repair.ts';
import { syncBatch } from '../../functions/search-sync/run/sync.ts';

const KEYS = { partition: 'id' };
const target = { table: 'documents', index: 'documents', keys: KEYS, stream: 'label' };

const open = (over: { bulk?: (inner: SearchIndex) => SearchIndex['bulk'] } = {}) => {
  let nowMs = 1_790_000_000_000;
  const memory = memoryIndex({
    nowMs: () => nowMs,
    gcDeletesMs: 600_000,
    aliases: ['documents'],
    refuses: (source) => (source.includes('"POISON"') ? 'failed to parse' : undefined),
  });
  const index: SearchIndex = { ...memory, bulk: over.bulk?.(memory) ?? memory.bulk };
  const table = memoryTable(KEYS);
  const deadLetters = memoryDeadLetters();
  const sleep = async (ms: number) => {
    nowMs += ms;
  };
  const patience = { nowMs: () => nowMs, sleep, chance: () => 1, remainingMs: () => 1_790_000_030_000 - nowMs };
  const documents = () => memory.documents('documents');
  return { ports: { index, table, deadLetters, hash: sha256, patience }, table, deadLetters, documents };
};

const put = (n: number, text = `text ${n}`, view = 'NEW_IMAGE') => ({
  eventName: 'INSERT',
  dynamodb: {
    Keys: { id: { S: `k${n}` } },
    NewImage: { id: { S: `k${n}` }, text: { S: text } },
    SequenceNumber: `20500000000000000${100_000 + n}`,
    ApproximateCreationDateTime: 1_790_000_000,
    StreamViewType: view,
  },
});
const sequenceOf = (record: ReturnType<typeof put>) => record.dynamodb.SequenceNumber;
const many = (count: number, text?: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => put(n, text?.(n)));
const refused = (status: number, type: string): BulkAnswer => ({ kind: 'refused', status, type, reason: 'no' });

describe('a batch', () => {
  test('that is taken whole is acknowledged whole', async () => {
    const { ports, documents } = open();
    const report = await syncBatch(ports, target, many(50));
    expect(report).toMatchObject({ records: 50, keys: 50, written: 50, undone: 0, checkpoint: undefined });
    expect(documents().size).toBe(50);
    expect(syncSentence(report)).toBe('documents → documents: 50 records of 50 keys: 50 written');
  });

  test('delivered twice changes nothing', async () => {
    const { ports, documents } = open();
    await syncBatch(ports, target, many(5));
    const once = [...documents()];
    expect(await syncBatch(ports, target, many(5))).toMatchObject({ written: 5, repaired: 0, checkpoint: undefined });
    expect([...documents()]).toEqual(once);
  });

  test('sends again only what was throttled', async () => {
    const sizes: number[] = [];
    const { ports } = open({
      bulk: (inner) => async (operations) => {
        sizes.push(operations.length);
        if (sizes.length > 1) return inner.bulk(operations);
        await inner.bulk(operations.slice(3));
        return {
          kind: 'items',
          items: operations.map((_, i) =>
            i < 3 ? { status: 429, error: { type: 'rejected_execution_exception', reason: 'full' } } : { status: 201 },
          ),
        };
      },
    });
    expect(await syncBatch(ports, target, many(10))).toMatchObject({ written: 10, checkpoint: undefined });
    expect(sizes).toEqual([10, 3]);
  });

  test.each([
    ['auth', refused(403, 'security_exception')],
    ['write block', refused(403, 'cluster_block_exception')],
    ['missing index', refused(404, 'index_not_found_exception')],
    ['an answer of another length', { kind: 'items', items: [{ status: 201 }] } as BulkAnswer],
  ])('stops loudly on %s: nothing is acknowledged, nothing is a dead letter', async (_, answer) => {
    let calls = 0;
    const { ports, deadLetters } = open({
      bulk: () => async () => {
        calls++;
        return answer;
      },
    });
    const batch = many(10);
    const report = await syncBatch(ports, target, batch);
    expect(report).toMatchObject({ undone: 10, checkpoint: sequenceOf(batch[0] as never) });
    expect(syncSentence(report)).toContain('STOPPED, nothing is lost');
    expect(deadLetters.letters.size).toBe(0);
    expect(calls).toBe(1);
  });

  test('that fails for a while is given back in time, from its first failure on', async () => {
    const { ports } = open({
      bulk: (inner) => async (operations) => {
        const answer = await inner.bulk(operations.filter(({ id }) => id !== 'Sk4'));
        if (answer.kind !== 'items') return answer;
        const items = [...answer.items];
        const at = operations.findIndex(({ id }) => id === 'Sk4');
        if (at >= 0) items.splice(at, 0, { status: 503, error: { type: 'unavailable_shards_exception', reason: 'r' } });
        return { kind: 'items', items };
      },
    });
    const batch = many(10);
    const report = await syncBatch(ports, target, batch);
    expect(report).toMatchObject({
      written: 9,
      undone: 1,
      checkpoint: sequenceOf(batch[4] as never),
      incident: undefined,
    });
    expect(ports.patience.remainingMs()).toBeGreaterThanOrEqual(8_000);
  });

  test('with one poisonous document: a stub takes its place, a dead letter keeps it, the rest goes on', async () => {
    const { ports, documents, deadLetters } = open();
    await syncBatch(ports, target, [put(3)]);
    const poison = { ...put(3, 'POISON'), eventName: 'MODIFY' };
    poison.dynamodb.SequenceNumber = '20500000000000000200000';
    const report = await syncBatch(ports, target, [put(1), poison, put(5)]);
    expect(report).toMatchObject({ written: 2, stubbed: 1, undone: 0, checkpoint: undefined });
    expect(readStored(documents().get('Sk3') ?? '')?.state).toBe('stub');
    expect([...deadLetters.letters.values()]).toEqual([
      expect.objectContaining({ reason: expect.stringContaining('failed to parse'), record: poison }),
    ]);
    // A better state of the item replaces the stub.
    const better = put(3, 'good again');
    better.dynamodb.SequenceNumber = '20500000000000000200001';
    await syncBatch(ports, target, [better]);
    expect(readStored(documents().get('Sk3') ?? '')?.state).toBe('ok');
  });

  test('that is poisonous beyond its budget is an incident, not a heap of dead letters', async () => {
    const { ports, deadLetters } = open();
    const report = await syncBatch(
      ports,
      target,
      many(40, (n) => (n >= 10 ? 'POISON' : 'good')),
    );
    expect(report).toMatchObject({ written: 10, stubbed: 0, undone: 30, checkpoint: sequenceOf(put(10)) });
    expect(report.incident).toContain('30 documents of one batch were refused');
    expect(deadLetters.letters.size).toBe(0);
  });

  test('whose dead letter can not be put is not acknowledged past it', async () => {
    const { ports } = open();
    const deadLetters = { put: async () => Promise.reject(new Error('AccessDenied')) };
    const batch = [put(1), put(2, 'POISON'), put(3)];
    const report = await syncBatch({ ...ports, deadLetters }, target, batch);
    expect(report).toMatchObject({ stubbed: 0, checkpoint: sequenceOf(put(2)) });
    expect(report.incident).toContain('AccessDenied');
  });

  test('with records that can not be read: dead letters with the reason, and the rest goes on', async () => {
    const { ports, deadLetters, documents } = open();
    const numberless = { eventName: 'INSERT', dynamodb: { Keys: {} } };
    const keyless = { eventName: 'REMOVE', dynamodb: { SequenceNumber: '7', ApproximateCreationDateTime: 1 } };
    const report = await syncBatch(ports, target, [numberless, put(1), keyless]);
    expect(report).toMatchObject({ malformed: 2, written: 1, checkpoint: undefined });
    expect([...deadLetters.letters.values()].map(({ reason }) => reason)).toEqual([
      'it has no sequence number of 1 to 40 digits',
      'the key attribute id is missing',
    ]);
    expect(documents().size).toBe(1);
  });

  test('of old images only is refused, with what to change', async () => {
    const { ports, documents } = open();
    const report = await syncBatch(ports, target, [put(1, 'x', 'OLD_IMAGE')]);
    expect(report.incident).toContain('set it to NEW_IMAGE');
    expect([report.checkpoint, documents().size]).toEqual([sequenceOf(put(1)), 0]);
  });

  test('of keys only is read from the table', async () => {
    const { ports, table, documents } = open();
    const record = put(1, 'unused', 'KEYS_ONLY');
    const { NewImage: _, ...dynamodb } = record.dynamodb;
    table.set({ id: { S: 'k1' } }, { id: { S: 'k1' }, text: { S: 'from the table' } });
    expect(await syncBatch(ports, target, [{ ...record, dynamodb }])).toMatchObject({
      repaired: 1,
      checkpoint: undefined,
    });
    expect(documents().get('Sk1')).toContain('"text":"from the table"');
  });
});

describe('a repair', () => {
  const keys = { id: { S: 'k1' } };
  const item = { ...keys, text: { S: 'truth' } };

  test('brings back a document that was changed or deleted by hand', async () => {
    const { ports, table, documents } = open();
    table.set(keys, item);
    expect(await repair(ports, target, keys)).toEqual({ kind: 'agreed' });
    const right = documents().get('Sk1');
    const byHand = {
      index: 'documents',
      viaAlias: true,
      id: 'Sk1',
      condition: { kind: 'at-least' as const, version: 2n ** 62n },
    };
    await ports.index.bulk([{ ...byHand, write: { kind: 'index', document: '{"text":"by hand"}' } }]);
    await repair(ports, target, keys);
    expect(documents().get('Sk1')).toBe(right);
    await ports.index.bulk([
      { ...byHand, condition: { kind: 'at-least', version: 2n ** 62n + 9n }, write: { kind: 'delete' } },
    ]);
    await repair(ports, target, keys);
    expect(documents().get('Sk1')).toBe(right);
  });

  test('reads the table last: what the stream writes between its two reads is never taken back', async () => {
    const { ports, table, documents } = open();
    table.set(keys, { ...keys, text: { S: 'older' } });
    let between = async () => {
      between = async () => {};
      table.set(keys, { ...keys, text: { S: 'newer' } });
      await syncBatch(ports, target, [put(1, 'newer')]);
    };
    const thenBetween = <T>(read: T) => between().then(() => read);
    const written: (string | undefined)[] = [];
    const watched = {
      ...ports,
      table: { ...ports.table, item: async (key: typeof keys) => thenBetween(await table.item(key)) },
      index: {
        ...ports.index,
        reads: async (name: string, ids: string[]) => thenBetween(await ports.index.reads(name, ids)),
        bulk: async (operations: Parameters<SearchIndex['bulk']>[0]) => {
          const answer = await ports.index.bulk(operations);
          written.push(documents().get('Sk1'));
          return answer;
        },
      },
    };
    expect(await repair(watched, target, keys)).toEqual({ kind: 'agreed' });
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((document) => !document?.includes('"newer"'))).toEqual([]);
  });

  test('removes a ghost', async () => {
    const { ports, table, documents } = open();
    table.set(keys, item);
    await repair(ports, target, keys);
    table.set(keys, undefined);
    expect(await repair(ports, target, keys)).toEqual({ kind: 'agreed' });
    expect(documents().size).toBe(0);
  });

  test('writes nothing when index and table agree', async () => {
    let writes = 0;
    const { ports, table } = open({
      bulk: (inner) => async (operations) => {
        writes++;
        return inner.bulk(operations);
      },
    });
    table.set(keys, item);
    await repair(ports, target, keys);
    await repair(ports, target, keys);
    expect(writes).toBe(1);
  });

  test('gives up with the reason when nothing answers', async () => {
    const { ports, table } = open({ bulk: () => async () => ({ kind: 'none', reason: 'timed out' }) });
    table.set(keys, item);
    expect(await repair(ports, target, keys)).toEqual({
      kind: 'gave-up',
      reason: expect.stringContaining('timed out'),
    });
  });
});

describe('log events', () => {
  const logs = (over?: Parameters<typeof open>[0]) => {
    const { ports, deadLetters } = open(over);
    const ensured: string[] = [];
    const days = { ensure: async (index: string) => void ensured.push(index), forget: () => {} };
    return { ports: { ...ports, days }, deadLetters, ensured };
  };
  const groups = [{ logGroup: '/aws/rds/x', indexPrefix: 'postgresql' }];
  const event = (id: string, timestamp: number, message = 'LOG: hello') => ({ id, timestamp, message });
  const packed = (logEvents: object[], logGroup = '/aws/rds/x') =>
    gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup, logStream: 's', logEvents })).toString('base64');

  test('go to the day of the event, and a second delivery finds them there', async () => {
    const { ports, ensured } = logs();
    const midnight = Date.UTC(2026, 10, 21);
    const data = packed([event('1', midnight - 1), event('2', midnight)]);
    expect(await indexLogs(ports, groups, data)).toMatchObject({ events: 2, written: 2, duplicates: 0 });
    expect(ensured).toEqual(['postgresql-2026.11.20', 'postgresql-2026.11.21']);
    expect(await indexLogs(ports, groups, data)).toMatchObject({ events: 2, written: 0, duplicates: 2 });
  });

  test('of PostgreSQL are put together, with numbers for durations and without secrets; delivered again they are there', async () => {
    const { ports } = logs();
    const head = '2026-11-21 10:00:00 UTC:10.0.0.1(5432):app@ledger:[42]:';
    const lines = [
      `${head}LOG:  duration: 812.5 ms  statement: alter role app`,
      "\tpassword 'hunter2'",
      `${head}ERROR:  no`,
      `${head}DETAIL:  why`,
    ];
    const data = packed(lines.map((line, i) => event(String(i), 0, line)));
    const postgresql = [{ logGroup: '/aws/rds/x', indexPrefix: 'postgresql', format: 'postgresql' as const }];
    expect(await indexLogs(ports, postgresql, data)).toMatchObject({ events: 4, written: 2 });
    expect(await indexLogs(ports, postgresql, data)).toMatchObject({ written: 0, duplicates: 2 });
    const [stored] = await ports.index.reads('postgresql-1970.01.01', ['0']);
    expect(JSON.parse(stored?.source ?? '')).toMatchObject({
      durationMs: 812.5,
      statement: "alter role app\npassword '***'",
    });
  });

  test('that are refused become dead letters; an envelope that can not be read too', async () => {
    const { ports, deadLetters } = logs();
    expect(await indexLogs(ports, groups, packed([event('1', 0, 'POISON'), event('2', 0)]))).toMatchObject({
      written: 1,
      refused: 1,
    });
    expect(await indexLogs(ports, groups, 'bm90IGd6aXA=')).toMatchObject({ refused: 1 });
    expect([...deadLetters.letters.keys()]).toEqual([
      'logs/postgresql/1',
      expect.stringMatching(/^logs\/[0-9a-f]{64}$/),
    ]);
  });

  test('that can not be indexed now fail the invocation, so that Lambda delivers again', async () => {
    const { ports } = logs({ bulk: () => async () => refused(403, 'cluster_block_exception') });
    await expect(indexLogs(ports, groups, packed([event('1', 0)]))).rejects.toThrow(
      '1 of 1 documents of 1 events are not indexed',
    );
    await expect(indexLogs(ports, groups, packed([event('1', 0)], 'other'))).rejects.toThrow(
      "other is not in the config's search.logs",
    );
  });
});
