import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../../shared/aws/attribute-value.ts';
import { type Book, emptyBook, type Receipt } from '../../core/drills/drill.ts';
import type { DrillStore } from '../../run/drills/ports.ts';
import { recordClient, withoutKey } from '../record-read.ts';

const BOOK: PlainItem = { pk: 'DRILLS', sk: 'BOOK' };
const receiptKey = ({ pair, startedMs, name }: Receipt): PlainItem => ({
  pk: `DRILLS#${pair}`,
  sk: `${String(startedMs).padStart(15, '0')}#${name}`,
});

/** The book of drills and their receipts, in the record table, under keys of their own: a drill's role writes no other. */
export const dynamoDrills = (table: string, region: string): DrillStore => {
  const client = recordClient(region);
  return {
    load: async () => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(BOOK), ConsistentRead: true }),
      );
      return Item === undefined ? emptyBook() : (withoutKey(fromItem(Item)) as unknown as Book);
    },
    save: async (book, expectedVersion) => {
      const condition =
        expectedVersion === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#version = :expected',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
            };
      return (await put(client, table, { ...BOOK, ...(book as unknown as PlainItem) }, condition))
        ? 'saved'
        : 'conflict';
    },
    keep: async (receipt) => {
      const item = { ...receiptKey(receipt), ...(receipt as unknown as PlainItem) };
      await put(client, table, item, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
    receipts: async (pair, limit) => {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: toItem({ ':pk': `DRILLS#${pair}` }),
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      return (Items ?? []).map((item) => withoutKey(fromItem(item)) as unknown as Receipt);
    },
  };
};

const put = async (client: DynamoDBClient, table: string, item: PlainItem, condition: object): Promise<boolean> => {
  try {
    await client.send(new PutItemCommand({ TableName: table, Item: toItem(item), ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
