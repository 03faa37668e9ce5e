import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { FailoverRecord } from '../core/record.ts';
import type { HistoryEntry, RecordStore } from '../run/ports.ts';

const keyOf = (pair: string, sort: string): PlainItem => ({ pk: `PAIR#${pair}`, sk: sort });
const historyKey = ({ epoch, version }: HistoryEntry): string =>
  `HISTORY#${String(epoch).padStart(8, '0')}#${String(version).padStart(10, '0')}`;

/** The record table in the recovery region: one item per pair, single-item compare-and-swap, strongly consistent reads. */
export const dynamoRecords = (table: string, region: string): RecordStore => {
  const client = new DynamoDBClient(
    clientConfig(region, { requestTimeoutMs: 3_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );
  return {
    load: async (pair) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(keyOf(pair, 'RECORD')), ConsistentRead: true }),
      );
      return Item && (without(fromItem(Item)) as unknown as FailoverRecord);
    },
    save: async (record, expectedVersion) => {
      const item = { ...keyOf(record.pair, 'RECORD'), ...(record as unknown as PlainItem) };
      const condition =
        expectedVersion === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#version = :expected',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
            };
      return (await put(item, condition)) ? 'saved' : 'conflict';
    },
    append: async (pair, entry) => {
      const item = { ...keyOf(pair, historyKey(entry)), ...(entry as unknown as PlainItem) };
      await put(item, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
    history: async (pair, limit) => {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :history)',
          ExpressionAttributeValues: toItem({ ':pk': `PAIR#${pair}`, ':history': 'HISTORY#' }),
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      return (Items ?? []).map((item) => without(fromItem(item)) as unknown as HistoryEntry);
    },
  };

  async function put(item: PlainItem, condition: object): Promise<boolean> {
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: toItem(item), ...condition }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
};

const without = ({ pk: _pk, sk: _sk, ...rest }: PlainItem): PlainItem => rest;
