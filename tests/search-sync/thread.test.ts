import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dynamoDbScan } from '../../functions/search-sync/aws/dynamodb-scan.ts';
import { dynamoDbTable } from '../../functions/search-sync/aws/dynamodb-table.ts';
import { beginShadow, dropIndex, ensureIndex, leftovers } from '../../functions/search-sync/aws/ensure-index.ts';
import { openSearchGenerations, swapGenerations, writeAlias } from '../../functions/search-sync/aws/generations.ts';
import { memoryDeadLetters, memoryTable } from '../../functions/search-sync/aws/memory.ts';
import { memoryFills } from '../../functions/search-sync/aws/memory-upkeep.ts';
import { openSearchCensus } from '../../functions/search-sync/aws/opensearch-census.ts';
import { type OpenSearchHttp, openSearchHttp } from '../../functions/search-sync/aws/opensearch-http.ts';
import { openSearchIndex } from '../../functions/search-sync/aws/opensearch-index.ts';
import { realPatience, sha256 } from '../../functions/search-sync/aws/wiring.ts';
import type { Item } from '../../functions/search-sync/core/attribute-value.ts';
import { contentOf, readStored } from '../../functions/search-sync/core/document.ts';
import { documentId, keyText } from '../../functions/search-sync/core/document-id.ts';
import { fillProgress, freshFill } from '../../functions/search-sync/core/fill.ts';
import { driftSentence, syncSentence } from '../../functions/search-sync/core/sentences.ts';
import { fillPart } from '../../functions/search-sync/run/backfill.ts';
import { cutOver } from '../../functions/search-sync/run/cutover.ts';
import { checkDrift } from '../../functions/search-sync/run/drift.ts';
import type { Table, Written } from '../../functions/search-sync/run/ports.ts';
import { searchItems } from '../../functions/search-sync/run/search.ts';
import { syncGenerations } from '../../functions/search-sync/run/sync-generations.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { startOpenSearch } from '../../local/engines/opensearch.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { describeWithEngines } from '../engine.ts';

const KEYS = { partition: 'pk', sort: 'sk' } as const;
const NAME = 'documents';
const credentials = { accessKeyId: '111122223333', secretAccessKey: 'local' };

await describeWithEngines(['dynamodb', 'opensearch'], 'from a table to its index and back', () => {
  let run: Run;
  let dynamo: DynamoDBClient;
  let streams: DynamoDBStreamsClient;
  let http: OpenSearchHttp;
  let ports: Parameters<typeof syncGenerations>[0];
  let target: Parameters<typeof syncGenerations>[1];
  let streamArn: string;
  let refresh: () => Promise<unknown>;
  const deadLetters = memoryDeadLetters();

  beforeAll(async () => {
    run = await openRun({ owner: 'search-thread' });
    const [db, search] = await Promise.all([startDynamoDb(run), startOpenSearch(run)]);
    const client = { endpoint: db.endpoint, region: 'eu-west-1', credentials };
    dynamo = new DynamoDBClient(client);
    streams = new DynamoDBStreamsClient(client);
    await dynamo.send(
      new CreateTableCommand({
        TableName: NAME,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'B' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    streamArn = (await dynamo.send(new DescribeTableCommand({ TableName: NAME }))).Table?.LatestStreamArn ?? '';
    http = openSearchHttp({
      node: search.endpoint,
      region: 'eu-west-1',
      service: 'es',
      credentials: async () => credentials,
      requestTimeoutMs: 30_000,
    });
    await ensureIndex(http, NAME, NAME);
    refresh = () => http.ask('POST', `/${NAME}/_refresh`);
    target = { table: NAME, index: NAME, keys: KEYS, stream: streamArn.split('/stream/')[1] ?? '' };
    ports = {
      index: openSearchIndex(http, Date.now),
      generations: openSearchGenerations(http),
      table: dynamoDbTable(dynamo, NAME, KEYS, (ms) => sleep(ms)),
      deadLetters,
      hash: sha256,
      patience: realPatience(() => 60_000),
    };
  }, 180_000);
  afterAll(async () => {
    dynamo?.destroy();
    streams?.destroy();
    await run?.stop();
  }, 30_000);

  const key = (pk: string, sk: number) => ({ pk: { S: pk }, sk: { B: new Uint8Array([sk]) } });
  const put = (item: Record<string, AttributeValue>) =>
    dynamo.send(new PutItemCommand({ TableName: NAME, Item: item }));
  const remove = (pk: string, sk: number) => dynamo.send(new DeleteItemCommand({ TableName: NAME, Key: key(pk, sk) }));

  /** All records of the stream from its beginning, as Lambda hands them over. */
  const streamed = async (): Promise<unknown[]> => {
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
    const records: unknown[] = [];
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      const at = { StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
      let iterator = (await streams.send(new GetShardIteratorCommand(at))).ShardIterator;
      for (;;) {
        const { Records = [], NextShardIterator } = await streams.send(
          new GetRecordsCommand({ ShardIterator: iterator }),
        );
        records.push(...Records.map((record) => asEvent(record)));
        if (Records.length === 0 || NextShardIterator === undefined) break;
        iterator = NextShardIterator;
      }
    }
    return records;
  };

  test('puts, changes, removals and re-creations end as an equal index; a search gives the items of the table', async () => {
    for (let i = 0; i < 40; i++)
      await put({
        ...key('doc', i),
        title: { S: `needle number ${i}` },
        n: { N: '12345678901234567890123456789012345678' },
      });
    for (let i = 0; i < 10; i++)
      await put({ ...key('doc', i), title: { S: `changed ${i}` }, tags: { SS: ['b', 'a'] } });
    for (let i = 20; i < 30; i++) await remove('doc', i);
    await put({ ...key('doc', 25), title: { S: 'again a needle' } });
    const records = await streamed();
    expect(records.length).toBe(61);
    // In uneven batches, and the first half delivered twice.
    for (const batch of [records.slice(0, 7), records.slice(7, 45), records.slice(0, 45), records.slice(45)]) {
      const report = await syncGenerations(ports, target, batch);
      expect([report.checkpoint, report.incident, syncSentence(report)]).toEqual([
        undefined,
        undefined,
        expect.any(String),
      ]);
    }
    for (let i = 0; i < 40; i++) {
      const item = await ports.table.item(key('doc', i));
      const [stored] = await ports.index.reads(NAME, [documentId(key('doc', i), KEYS, sha256)]);
      expect(readStored(stored?.source ?? '')?.content).toBe(item && contentOf(item, { keys: KEYS }));
    }
    await refresh();
    const found = await searchItems(ports, target, { query: 'needle', size: 50 });
    expect(found).toMatchObject({ total: 21, ghosts: 0 });
    expect(found.hits.every(({ item }) => item.title?.S?.includes('needle'))).toBe(true);
  }, 60_000);

  test('a hit whose item is gone is dropped, and its index entry repaired', async () => {
    await remove('doc', 15);
    const found = await searchItems(ports, target, { query: '"needle number 15"', size: 10 });
    expect(found).toMatchObject({ total: 1, ghosts: 1, hits: [] });
    await refresh();
    expect(await searchItems(ports, target, { query: '"needle number 15"', size: 10 })).toMatchObject({
      total: 0,
      ghosts: 0,
    });
  });

  const upkeepOf = (segments: number) => {
    const fills = memoryFills();
    return {
      ...ports,
      scan: dynamoDbScan(dynamo, NAME, KEYS),
      census: openSearchCensus(http),
      fills,
      swap: (alias: string, written: Written) => swapGenerations(http, alias, written),
      fillWhole: async (index: string) => {
        const parts = Array.from({ length: segments }, (_, segment) => freshFill(index, segment, segments, 0));
        await fills.begin(parts);
        for (const { segment } of parts) await fillPart(upkeep, { ...target, index }, segment);
        return fillProgress(await fills.parts(index));
      },
    };
  };
  let upkeep: ReturnType<typeof upkeepOf>;
  const options = { repair: false, segments: 2, settleMs: 10 };

  test('a new index is filled beside the stream, cut over to, and back; each only when it equals the table', async () => {
    upkeep = upkeepOf(2);
    expect(await cutOver(upkeep, target, true, options)).toMatchObject({ kind: 'refused', reason: 'no-shadow' });
    const index = writeAlias(await beginShadow(http, NAME, NAME));
    await expect(beginShadow(http, NAME, NAME)).rejects.toThrow('is being built for documents already');
    const before = await cutOver(upkeep, target, true, options);
    expect(before).toMatchObject({ kind: 'refused', reason: 'drift', drift: { missing: 30 } });
    expect(await upkeep.fillWhole(index)).toMatchObject({ done: 2, items: 30, written: 30 });
    expect(await upkeep.fillWhole(index)).toMatchObject({ done: 2, items: 30, written: 0 });
    const done = await cutOver(upkeep, target, true, options);
    expect(done).toMatchObject({ kind: 'done', drift: { items: 30, documents: 30, buckets: 0 } });
    expect(await ports.generations.of(NAME)).toEqual({ serving: index, shadow: 'documents-v1.write' });
    // What knew the indexes as they were changes nothing: not a second swap, not letting go of what is searched now.
    expect(await upkeep.swap(NAME, { serving: 'documents-v1.write', shadow: index })).toBe(false);
    expect(await ports.generations.abandon(NAME, index)).toBe(false);
    expect(await ports.generations.of(NAME)).toEqual({ serving: index, shadow: 'documents-v1.write' });
    await refresh();
    expect(await searchItems(ports, target, { query: 'needle', size: 50 })).toMatchObject({ total: 20, ghosts: 0 });
    // Both take the writes from now on, so that the way back is open.
    await put({ ...key('doc', 1), title: { S: 'after the cut-over' } });
    await syncGenerations(ports, target, await streamed());
    expect(await cutOver(upkeep, target, true, options)).toMatchObject({ kind: 'done', drift: { buckets: 0 } });
    await expect(dropIndex(http, 'documents-v2', NAME, NAME)).rejects.toThrow('still stands behind documents.shadow');
    expect(await leftovers(http, NAME, NAME)).toEqual([]);
    expect(await ports.generations.abandon(NAME, index)).toBe(true);
    expect(await leftovers(http, NAME, NAME)).toEqual(['documents-v2']);
    expect(await leftovers(http, NAME, 'another table')).toEqual([]);
    await dropIndex(http, 'documents-v2', NAME, NAME);
    expect(await ports.generations.of(NAME)).toEqual({ serving: 'documents-v1.write' });
  }, 60_000);

  test('the drift check finds exactly what was changed by hand, and repairs it', async () => {
    const at = (n: number) => `/documents-v1/_doc/${encodeURIComponent(documentId(key('doc', n), KEYS, sha256))}`;
    await http.ask('DELETE', at(2));
    await http.ask('PUT', at(3), { body: '{"title":"by hand"}' });
    const [stored] = await ports.index.reads(NAME, [documentId(key('doc', 4), KEYS, sha256)]);
    const ghost = (stored?.source ?? '').replaceAll('"i":"Sdoc|B', '"i":"Sdoc|BghostB').replaceAll('BA==', 'Y2M=');
    await http.ask('PUT', `/documents-v1/_doc/${encodeURIComponent('Sdoc|BY2M=')}`, { body: ghost });
    const serving = { ...target, index: 'documents-v1.write' };
    const found = await checkDrift(upkeep, serving, options);
    expect(found).toMatchObject({ missing: 1, stale: 1, ghosts: 1, repaired: 0, failed: undefined });
    const healed = await checkDrift(upkeep, serving, { ...options, repair: true });
    expect(healed).toMatchObject({ missing: 1, stale: 1, ghosts: 1, repaired: 3, failed: undefined });
    expect(driftSentence(await checkDrift(upkeep, serving, options))).toMatch(/30 items, 30 documents: equal; .* \d/);
  }, 60_000);

  const contract = (open: () => { table: Table; write(items: Item[]): Promise<void> }) => async () => {
    const { table, write } = open();
    const items: Item[] = Array.from({ length: 120 }, (_, i) => ({
      ...key('many', i),
      body: { S: 'x'.repeat(200_000) },
    }));
    await write(items);
    const asked = [...items.slice(100), { ...key('many', 200) }, ...items.slice(0, 3), items[119] as Item];
    const found = await table.items(asked);
    const names = (list: readonly (Item | undefined)[]) =>
      list.map((item) => (item === undefined ? 'none' : keyText(item, KEYS)));
    expect(names(found)).toEqual(names(asked).with(20, 'none'));
    expect(names(await table.items(items))).toEqual(names(items));
    expect(await table.item(key('many', 201))).toBeUndefined();
    // A key as a document keeps it: base64 text.
    expect(await table.item({ pk: { S: 'many' }, sk: { B: 'Bw==' } })).toMatchObject(key('many', 7));
  };
  const memory = memoryTable(KEYS);
  test(
    'Table in memory: order kept, repeated and missing keys too',
    contract(() => ({
      table: memory,
      write: async (items) => {
        for (const item of items) memory.set(item, item);
      },
    })),
  );
  test(
    'Table on DynamoDB: order kept over 100 keys and 16 MB, repeated and missing keys too',
    contract(() => ({
      table: ports.table,
      write: async (items) => {
        for (let from = 0; from < items.length; from += 20) {
          const puts = items
            .slice(from, from + 20)
            .map((Item) => ({ PutRequest: { Item: Item as Record<string, AttributeValue> } }));
          await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [NAME]: puts } }));
        }
      },
    })),
    60_000,
  );
});

/** A record of the streams API as Lambda's event has it: seconds for dates, base64 for bytes. */
const asEvent = (record: object): unknown =>
  JSON.parse(
    JSON.stringify(record, function (name: string, value: unknown) {
      const own = (this as Record<string, unknown>)[name];
      if (own instanceof Date) return own.getTime() / 1_000;
      return own instanceof Uint8Array ? Buffer.from(own).toString('base64') : value;
    }),
  );
