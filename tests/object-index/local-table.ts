import { CreateTableCommand, DynamoDBClient, paginateScan, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { dynamoReader } from '../../functions/object-index/aws/dynamo-reader.ts';
import { dynamoTable } from '../../functions/object-index/aws/dynamo-table.ts';
import type { IndexReader } from '../../functions/object-index/run/ports.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { startMinistack } from '../../local/engines/ministack.ts';
import { openRun } from '../../local/engines/run.ts';
import { fromItem } from '../../shared/aws/attribute-value.ts';
import { templateTable } from './template-table.ts';
import type { PlayTable } from './world.ts';

export interface LocalTables {
  client: DynamoDBClient;
  endpoint: string;
  /** A new, empty table of resources/object-index.yml. */
  open(name?: string): Promise<PlayTable & IndexReader>;
  stop(): Promise<void>;
}

/** One of the two engines that speak DynamoDB, with as many index tables as are asked for. */
export const startLocalTables = async (engine: 'dynamodb' | 'ministack' = 'dynamodb'): Promise<LocalTables> => {
  const run = await openRun({ owner: 'object-index-tests' });
  try {
    const { endpoint } = await (engine === 'dynamodb' ? startDynamoDb(run) : startMinistack(run));
    const client = new DynamoDBClient({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
      maxAttempts: 2,
    });
    let count = 0;
    return {
      client,
      endpoint,
      open: async (asked) => {
        count += 1;
        const name = asked ?? `object-index-${count}`;
        await client.send(new CreateTableCommand(templateTable(name)));
        await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.1, maxDelay: 1 }, { TableName: name });
        const items = async () => {
          const all = [];
          for await (const page of paginateScan({ client }, { TableName: name, ConsistentRead: true })) {
            all.push(...(page.Items ?? []).map(fromItem));
          }
          return all;
        };
        return { ...dynamoTable(client, name), ...dynamoReader(client, name), items };
      },
      stop: async () => {
        client.destroy();
        await run.stop();
      },
    };
  } catch (error) {
    await run.stop();
    throw error;
  }
};
