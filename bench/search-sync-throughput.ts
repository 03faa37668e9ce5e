import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbTable } from '../functions/search-sync/aws/dynamodb-table.ts';
import { ensureIndex } from '../functions/search-sync/aws/ensure-index.ts';
import { openSearchGenerations } from '../functions/search-sync/aws/generations.ts';
import { memoryDeadLetters, memoryTable } from '../functions/search-sync/aws/memory.ts';
import { openSearchHttp } from '../functions/search-sync/aws/opensearch-http.ts';
import { openSearchIndex } from '../functions/search-sync/aws/opensearch-index.ts';
import { realPatience, sha256 } from '../functions/search-sync/aws/wiring.ts';
import { readRecord } from '../functions/search-sync/core/change.ts';
import { chunked, operationLines } from '../functions/search-sync/core/operation.ts';
import { buildWrites } from '../functions/search-sync/run/build.ts';
import { inFlight } from '../functions/search-sync/run/in-flight.ts';
import { searchItems } from '../functions/search-sync/run/search.ts';
import { sendSettings } from '../functions/search-sync/run/send.ts';
import { syncGenerations } from '../functions/search-sync/run/sync-generations.ts';
import { startDynamoDb } from '../local/engines/dynamodb.ts';
import { startOpenSearch } from '../local/engines/opensearch.ts';
import { openRun } from '../local/engines/run.ts';
import { keepApart, keepTogether } from './cores.ts';
import { inTurn, type Measure, spread } from './measure.ts';
import { recordsOf } from './search-sync-items.ts';
import { usualUnmarshall } from './search-sync-usual.ts';

const KEYS = { partition: 'id' };
const NAME = 'documents';
const BATCH = 8_000;
const SAMPLE = 400;
/** The engine's own speed swings by a third from one batch to the next. */
const REPEATS = 25;
const SETTLE_MS = 200;
const RAW_RATIO = 0.85;
const SAMPLE_RATIO = 5;
const SEARCHES = 200;
const HITS = 50;
const credentials = { accessKeyId: '111122223333', secretAccessKey: 'local' };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Documents a second on a real OpenSearch, and searches whose hits are read back; one engine, one process tree, in turn. */
export const throughput = async (progress: (line: string) => void): Promise<Measure[]> => {
  const run = await openRun({ owner: 'bench-search-sync' });
  try {
    const search = await startOpenSearch(run, { heapMb: 1_024 });
    const apart = await keepApart(search.process.pid);
    const http = openSearchHttp({
      node: search.endpoint,
      region: 'eu-west-1',
      service: 'es',
      credentials: async () => credentials,
      requestTimeoutMs: 60_000,
    });
    for (const alias of ['ours', 'raw', 'sample']) await ensureIndex(http, alias, NAME);
    const index = openSearchIndex(http, Date.now);
    const ports = {
      index,
      generations: openSearchGenerations(http),
      table: memoryTable(KEYS),
      deadLetters: memoryDeadLetters(),
      hash: sha256,
      patience: realPatience(() => 60_000),
    };
    const target = (alias: string) => ({ table: NAME, index: alias, keys: KEYS, stream: 'label' });
    /** Neither begins with what the one before left: garbage here, segments and refreshes there. */
    const settle = async () => {
      collect();
      await http.ask('POST', '/_refresh');
      await sleep(SETTLE_MS);
    };
    const perSecond = (count: number, startedMs: number) => (count / (performance.now() - startedMs)) * 1_000;
    let turn = 0;

    const parsing: number[] = [];
    const ours = async () => {
      const event = JSON.stringify({ Records: recordsOf(BATCH, BATCH * turn) });
      await settle();
      const arrived = performance.now();
      // Lambda's runtime does this, for every handler.
      const { Records } = JSON.parse(event) as { Records: unknown[] };
      const started = performance.now();
      parsing.push(started - arrived);
      const report = await syncGenerations(ports, target('ours'), Records);
      const rate = perSecond(BATCH, started);
      if (report.written !== BATCH || report.undone > 0)
        throw new Error(`not all were written: ${JSON.stringify(report)}`);
      return rate;
    };
    const raw = async () => {
      const changes = recordsOf(BATCH, BATCH * turn).flatMap((record, at) => {
        const read = readRecord(record, at, KEYS, sha256);
        return read.kind === 'change' ? [read.change] : [];
      });
      const { writes } = buildWrites(changes, { ...target('raw'), index: 'raw-v1.write' }, sha256);
      const bodies = [
        ...chunked(writes, { maxBytes: sendSettings.maxBytes, maxOperations: sendSettings.maxOperations }),
      ].map((chunk) => chunk.map(({ operation }) => operationLines(operation)).join(''));
      const started = performance.now();
      const answers = await inFlight(bodies, sendSettings.requestsInFlight, (lines) =>
        http.ask('POST', '/_bulk', { lines }),
      );
      const rate = perSecond(BATCH, started);
      if (answers.some(({ text }) => !text.includes('"errors":false'))) throw new Error('a raw request failed');
      turn++;
      return rate;
    };
    const cores = apart ? 'a core of its own' : 'no core of its own, so that our own work slows it down';
    progress(`OpenSearch ${search.version}, with ${cores}: ${BATCH} documents a batch, ours and raw in turn`);
    const bulk = await inTurn(ours, raw, { warmUps: 6, repeats: REPEATS });
    const parsedMs = spread(parsing.slice(-REPEATS)).median;

    const unmarshall = await usualUnmarshall();
    const sample = async () => {
      const records = recordsOf(SAMPLE, BATCH * turn++) as {
        dynamodb: { NewImage: object; Keys: { id: { S: string } } };
      }[];
      const started = performance.now();
      for (const { dynamodb } of records) {
        const id = encodeURIComponent(dynamodb.Keys.id.S);
        const body = JSON.stringify(unmarshall(dynamodb.NewImage));
        const { status } = await http.ask('PUT', `/sample/_doc/${id}`, { body });
        if (status >= 300) throw new Error(`the sample failed with ${status}`);
      }
      return perSecond(SAMPLE, started);
    };
    progress('ours and one request for each record in turn');
    const usual = await inTurn(
      () => {
        turn += 1;
        return ours();
      },
      sample,
      { warmUps: 1, repeats: 3 },
    );
    const rawRatio = bulk.ratio.median;
    const withParsing = BATCH / (BATCH / bulk.a.median + parsedMs / 1_000);
    const usualRatio = usual.a.median / usual.b.median;
    return [
      {
        name: 'sync, against raw _bulk with bodies built before',
        value: bulk.a.median,
        unit: 'documents/s',
        baseline: bulk.b.median,
        ratio: rawRatio,
        goal: `≥ ${RAW_RATIO} ×`,
        met: rawRatio >= RAW_RATIO,
      },
      {
        name: "the same with the event's JSON.parse, which Lambda's runtime does",
        value: withParsing,
        unit: 'documents/s',
        baseline: bulk.b.median,
        ratio: (rawRatio * withParsing) / bulk.a.median,
        met: true,
      },
      {
        name: 'sync, against one request for each record',
        value: usual.a.median,
        unit: 'documents/s',
        baseline: usual.b.median,
        ratio: usualRatio,
        goal: `≥ ${SAMPLE_RATIO} ×`,
        met: usualRatio >= SAMPLE_RATIO,
      },
      ...(await hydration(run, http, ports, progress)),
    ];
  } finally {
    await keepTogether();
    await run.stop();
  }
};

/** A search with 50 hits, read back from a real DynamoDB. */
const hydration = async (
  run: Awaited<ReturnType<typeof openRun>>,
  http: ReturnType<typeof openSearchHttp>,
  ports: Parameters<typeof searchItems>[0] & Parameters<typeof syncGenerations>[0],
  progress: (line: string) => void,
): Promise<Measure[]> => {
  const { endpoint } = await startDynamoDb(run);
  const dynamo = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  await dynamo.send(
    new CreateTableCommand({
      TableName: NAME,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const records = recordsOf(1_000) as { dynamodb: { NewImage: never } }[];
  for (let from = 0; from < records.length; from += 25) {
    const puts = records.slice(from, from + 25).map(({ dynamodb }) => ({ PutRequest: { Item: dynamodb.NewImage } }));
    await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [NAME]: puts } }));
  }
  await ensureIndex(http, NAME, NAME);
  const target = { table: NAME, index: NAME, keys: KEYS, stream: 'label' };
  await syncGenerations(ports, target, records);
  await http.ask('POST', `/${NAME}/_refresh`);
  const table = dynamoDbTable(dynamo, NAME, KEYS, (ms) => sleep(ms));
  const timed = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const request = { query: 'stream record', size: HITS };
  const [hydrated, ranked]: [number[], number[]] = [[], []];
  progress(`${SEARCHES} searches with ${HITS} hits read back`);
  for (let n = -20; n < SEARCHES; n++) {
    const whole = await timed(async () => {
      const { hits } = await searchItems({ ...ports, table }, target, request);
      if (hits.length !== HITS) throw new Error(`${hits.length} hits were read back`);
    });
    const alone = await timed(() => ports.index.search(NAME, request));
    if (n >= 0) {
      hydrated.push(whole);
      ranked.push(alone);
    }
  }
  dynamo.destroy();
  const at = (values: number[], share: number) =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
  return [0.5, 0.99].map((share) => ({
    name: `search with ${HITS} hits read back, p${share * 100}, against the search alone`,
    value: at(hydrated, share),
    unit: 'ms',
    baseline: at(ranked, share),
    ratio: at(hydrated, share) / at(ranked, share),
    met: true,
  }));
};
