import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { Fill } from '../core/fill.ts';
import type { Fills } from '../run/upkeep-ports.ts';

/** The table of the backfills' cursors (resources/search-sync.yml). */
export const fillsTableName = ({ stage }: Pick<Config, 'stage'>): string => `mainstay-${stage}-search`;

/** The port on DynamoDB: an item for each part, moved only by whoever read its newest revision. */
export const dynamoDbFills = (client: DynamoDBClient, TableName: string): Fills => ({
  parts: async (index) => {
    const answer = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'filled = :index',
        ExpressionAttributeValues: { ':index': { S: index } },
      }),
    );
    return (answer.Items ?? []).map((item) => fillOf(fromItem(item)));
  },
  part: async (index, segment) => {
    const Key = { filled: { S: index }, part: { N: String(segment) } };
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item && fillOf(fromItem(Item));
  },
  begin: async (parts) => {
    for (const part of parts) await client.send(new PutItemCommand({ TableName, Item: toItem(itemOf(part)) }));
  },
  save: async (fill) => {
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: toItem(itemOf({ ...fill, revision: fill.revision + 1 })),
          ConditionExpression: 'revision = :read',
          ExpressionAttributeValues: { ':read': { N: String(fill.revision) } },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  },
});

const itemOf = ({ index, segment, after, ...fill }: Fill): PlainItem => ({
  filled: index,
  part: segment,
  ...fill,
  ...(after === undefined ? {} : { after }),
});

const fillOf = ({ filled, part, after, ...item }: PlainItem): Fill =>
  ({ index: filled, segment: part, after, ...item }) as unknown as Fill;
