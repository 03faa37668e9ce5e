import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { jobPartition, partSort, STATE } from '../core/keys.ts';
import type { Jobs } from '../run/ports.ts';
import { itemOfJob, jobOfItem, KEPT_SECONDS } from './job-item.ts';

/** Jobs in the index's table: one item says where each is, one per part what it found. */
export const dynamoJobs = (client: DynamoDBClient, tableName: string, nowMs: () => number): Jobs => ({
  read: async (kind, id) => {
    const { Item: item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: toItem({ pk: jobPartition(kind, id), sk: STATE }),
        ConsistentRead: true,
      }),
    );
    return item === undefined ? undefined : jobOfItem(fromItem(item));
  },

  store: async (job, step) => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem(itemOfJob(job)),
          ...(step === undefined
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : { ConditionExpression: 'step = :step', ExpressionAttributeValues: toItem({ ':step': step }) }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  },

  keepPart: async (kind, id, part, found) => {
    const item = {
      pk: jobPartition(kind, id),
      sk: partSort(part),
      found: JSON.stringify(found),
      x: Math.ceil(nowMs() / 1000) + KEPT_SECONDS,
    };
    await client.send(new PutItemCommand({ TableName: tableName, Item: toItem(item) }));
  },

  readParts: async (kind, id) => {
    const parts: unknown[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: toItem({ ':pk': jobPartition(kind, id), ':sk': 'part#' }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      parts.push(...(page.Items ?? []).map((item) => JSON.parse(String(fromItem(item).found))));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return parts;
  },
});
