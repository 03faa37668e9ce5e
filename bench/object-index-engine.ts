import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../functions/object-index/aws/digest.ts';
import { dynamoReader } from '../functions/object-index/aws/dynamo-reader.ts';
import { dynamoTable } from '../functions/object-index/aws/dynamo-table.ts';
import { parseInvocation } from '../functions/object-index/core/event.ts';
import { compileRules } from '../functions/object-index/core/rules.ts';
import { type IngestDeps, ingest } from '../functions/object-index/run/ingest.ts';
import { openLanes } from '../functions/object-index/run/lanes.ts';
import { startDynamoDb } from '../local/engines/dynamodb.ts';
import { startMinistack } from '../local/engines/ministack.ts';
import { openRun } from '../local/engines/run.ts';
import { openFaults } from '../local/gateway/faults.ts';
import { openGateway } from '../local/gateway/gateway.ts';
import { readConfigFile } from '../shared/config/file.ts';
import { batchOf, notification } from '../tests/object-index/s3-model.ts';
import { templateTable } from '../tests/object-index/template-table.ts';
import { keepApart, keepTogether } from './cores.ts';
import { meter } from './object-index-meter.ts';
import { usualHandler } from './object-index-usual.ts';

export const BATCH = 1_000;
export const GATEWAY_DELAY_MS = 5;
const START = Date.UTC(2026, 2, 1);

export interface Message {
  id: string;
  body: string;
}

/** New objects of these customers, as the queue hands them over. */
export const newObjects = (customers: readonly string[], prefix = ''): Message[] =>
  customers.map((customer, index) => ({
    id: `m${index}`,
    body: notification({
      eventName: 'ObjectCreated:Put',
      bucket: 'estate-objects',
      key: `${customer}/${prefix}${index}.bin`,
      eventTimeMs: START + index * 1000,
      size: 1000 + (index % 5000),
      eTag: `e${index}`,
      sequencer: (0x0055aed6dcd90281n + BigInt(index)).toString(16),
    }),
  }));

/** DynamoDB Local, bare and behind the gateway that adds to every call, and ministack; both handlers on tables of their own. */
export const openEngine = async () => {
  const run = await openRun({ owner: 'object-index-bench' });
  const { port, process: engine } = await startDynamoDb(run);
  const apart = await keepApart(engine.pid);
  const faults = openFaults();
  faults.add({ kind: 'latency', service: 'dynamodb', latencyMs: GATEWAY_DELAY_MS });
  const gateway = await openGateway({
    port: 0,
    faults,
    route: () => ({ upstream: { host: '127.0.0.1', port } }),
    control: async () => ({ status: 404, body: '' }),
  });
  const rules = compileRules((await readConfigFile('local')).objectIndex);
  let count = 0;
  const clients: DynamoDBClient[] = [];

  let ministack: ReturnType<typeof startMinistack> | undefined;
  const endpoints = {
    bare: async () => `http://127.0.0.1:${port}`,
    gateway: async () => gateway.endpoint,
    ministack: async () => {
      ministack ??= startMinistack(run);
      return (await ministack).endpoint;
    },
  };

  const open = async (where: keyof typeof endpoints) => {
    count += 1;
    const tableName = `bench-${count}`;
    const endpoint = await endpoints[where]();
    const client = new DynamoDBClient({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
    });
    clients.push(client);
    await client.send(new CreateTableCommand(templateTable(tableName)));
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.1, maxDelay: 1 }, { TableName: tableName });
    const metered = meter(client);
    const deps: IngestDeps = {
      table: dynamoTable(client, tableName),
      objects: { look: () => Promise.reject(new Error('no event of this bench needs a look')) },
      rules,
      digest: sha256,
      lanes: openLanes(2, rules.totalsShards, Math.random),
      random: Math.random,
      now: () => START + 86_400_000,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    };
    return {
      client,
      tableName,
      metered,
      reader: dynamoReader(client, tableName),
      /** Through the function's own path, in batches; throws when anything was left. */
      ours: async (messages: readonly Message[]) => {
        for (let from = 0; from < messages.length; from += BATCH) {
          const event = batchOf(messages.slice(from, from + BATCH));
          const { failedMessageIds, sentence } = await ingest(event, deps, { remainingMs: () => 60_000 });
          if (failedMessageIds.length > 0) throw new Error(sentence);
        }
      },
      usual: (messages: readonly Message[]) =>
        usualHandler(
          parseInvocation(batchOf(messages)).flatMap(({ facts }) => facts),
          { client, tableName, rules, digest: sha256 },
        ),
    };
  };
  return {
    rules,
    open,
    /** With a core of its own, as a table is another machine. */
    apart,
    stop: async () => {
      await keepTogether();
      for (const client of clients) client.destroy();
      await gateway.stop();
      await run.stop();
    },
  };
};

export type Engine = Awaited<ReturnType<typeof openEngine>>;
