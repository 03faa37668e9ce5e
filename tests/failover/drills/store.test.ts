import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { dynamoDrills } from '../../../functions/failover/aws/drills/store.ts';
import { dynamoReadiness } from '../../../functions/failover/aws/readiness-states.ts';
import { startDynamoDb } from '../../../local/engines/dynamodb.ts';
import { openRun, type Run } from '../../../local/engines/run.ts';
import { describeWithEngines } from '../../engine.ts';
import { memoryDrills } from './memory-drills.ts';
import { drillStoreContract } from './store.contract.ts';

const REGION = 'eu-central-1';

describe('the book of drills in memory', () => {
  drillStoreContract(memoryDrills);
});

await describeWithEngines(['dynamodb'], 'the book of drills in DynamoDB', () => {
  let run: Run;
  let client: DynamoDBClient;
  let number = 0;
  const table = () => `drills-${number}`;
  beforeAll(async () => {
    run = await openRun({ owner: 'failover-drills' });
    const { endpoint } = await startDynamoDb(run);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    client = new DynamoDBClient({ region: REGION });
  }, 120_000);
  afterAll(async () => {
    client?.destroy();
    await run?.stop();
  }, 20_000);
  beforeEach(async () => {
    number += 1;
    await client.send(
      new CreateTableCommand({
        TableName: table(),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  });

  drillStoreContract(() => dynamoDrills(table(), REGION));

  test('what was told of readiness is kept, and of two that tell at once one wins', async () => {
    const store = dynamoReadiness(table(), REGION);
    const state = { pair: 'ledger', version: 1, atMs: 5, blocked: ['zone'] };
    expect(await store.load('ledger')).toBeUndefined();
    expect(await store.save(state, 0)).toBe('saved');
    expect(await store.save(state, 0)).toBe('conflict');
    expect(await store.load('ledger')).toEqual(state);
    expect(await store.save({ ...state, version: 2, blocked: [] }, 1)).toBe('saved');
  });
});
