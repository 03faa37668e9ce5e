import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tableRemaining } from '../../functions/snapshots/aws/remaining-table.ts';
import { stateTableName, tableControl } from '../../functions/snapshots/aws/state-table.ts';
import { openInMemoryState } from '../../functions/snapshots/run/in-memory-state.ts';
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { toItem } from '../../shared/aws/attribute-value.ts';
import { describeWithEngines } from '../engine.ts';
import { type StateWorld, stateContract } from './state.contract.ts';

describe('the state in memory', () => {
  const state = openInMemoryState();
  stateContract(() => state);
});

await describeWithEngines(['dynamodb'], 'the state in DynamoDB', () => {
  const table = stateTableName({ stage: 'local' });
  let run: Run;
  let db: DynamoDBClient;
  let world: StateWorld;
  beforeAll(async () => {
    run = await openRun({ owner: 'snapshots-state' });
    const { endpoint } = await startDynamoDb(run);
    db = new DynamoDBClient({
      region: 'eu-west-1',
      endpoint,
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
    });
    await db.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    world = { control: tableControl(db, table), remaining: tableRemaining(db, table) };
  }, 120_000);
  afterAll(async () => {
    db?.destroy();
    await run?.stop();
  }, 20_000);

  stateContract(() => world);

  test('the table forgets the rest of a slot by itself, hours after it', async () => {
    const { Item } = await db.send(
      new GetItemCommand({ TableName: table, Key: { id: { S: 'remaining#2026-08-14T10:00:00Z#1' } } }),
    );
    expect(Number(Item?.expiresAt?.N)).toBe(Date.parse('2026-08-14T16:00:00Z') / 1000);
  });

  test('a confirmation that was written before copies had one reads as one of snapshots, and is used up', async () => {
    const { control } = world;
    const old = { deletions: 3, newestSlotMs: 1, by: 'ann', why: 'w', atMs: 1, untilMs: 2 };
    const Item = toItem({ id: 'control', confirmation: old });
    await db.send(new PutItemCommand({ TableName: table, Item }));
    expect((await control.orders()).confirmations).toEqual([{ of: 'snapshots', ...old }]);
    expect(await control.useConfirmation({ of: 'copies', ...old })).toBe(false);
    expect(await control.useConfirmation({ of: 'snapshots', ...old })).toBe(true);
    expect((await control.orders()).confirmations).toEqual([]);
  });

  test('a table that is not there throws: no answer is not "no orders"', async () => {
    const { control, remaining } = { control: tableControl(db, 'nobody'), remaining: tableRemaining(db, 'nobody') };
    await expect(control.orders()).rejects.toThrow();
    await expect(control.useConfirmation({ of: 'copies' } as never)).rejects.toThrow();
    await expect(remaining.take(0, 1, 0, 1)).rejects.toThrow();
  });
});
