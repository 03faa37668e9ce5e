import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { dynamoRecords } from '../../functions/failover/aws/record-store.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { describeWithEngines } from '../engine.ts';
import { recordStoreContract } from './record-store.contract.ts';
import { memoryRecords } from './simulation/memory-records.ts';

const REGION = 'eu-central-1';
const TABLE = 'mainstay-local-failover';

describe('the record store in memory', () => {
  recordStoreContract(() => memoryRecords());
});

await describeWithEngines(['dynamodb'], 'the record store in DynamoDB', () => {
  let run: Run;
  beforeAll(async () => {
    run = await openRun({ owner: 'failover-records' });
    const { endpoint } = await startDynamoDb(run);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    const client = new DynamoDBClient({ region: REGION });
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
    client.destroy();
  }, 120_000);
  afterAll(() => run?.stop(), 20_000);

  recordStoreContract(() => dynamoRecords(TABLE, REGION));
});
