import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe } from '@jest/globals';
import { tableVerifications } from '../../functions/snapshots/aws/verification/table.ts';
import { memoryVerifications } from '../../functions/snapshots/run/verification/in-memory.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { describeWithEngines } from '../engine.ts';
import { verificationsContract } from './verification-contract.ts';

const TABLE = 'mainstay-local-snapshots';

describe('verifications in memory', () => {
  verificationsContract(() => memoryVerifications());
});

await describeWithEngines(['dynamodb'], 'verifications in DynamoDB', () => {
  let run: Run;
  let db: DynamoDBClient;
  beforeAll(async () => {
    run = await openRun({ owner: 'verification-table' });
    const { endpoint } = await startDynamoDb(run);
    const credentials = { accessKeyId: '111122223333', secretAccessKey: 'local' };
    db = new DynamoDBClient({ region: 'eu-west-1', endpoint, credentials });
  }, 120_000);
  beforeEach(async () => {
    await db.send(new DeleteTableCommand({ TableName: TABLE })).catch(() => {});
    await db.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
  });
  afterAll(async () => {
    db?.destroy();
    await run?.stop();
  }, 20_000);

  verificationsContract(() => tableVerifications(db, TABLE));
});
