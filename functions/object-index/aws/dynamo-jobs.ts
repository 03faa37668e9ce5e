import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { jobPartition, PARTS, partOf, partSort, STATE } from '../core/keys.ts';
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
    const place = { pk: jobPartition(kind, id), x: Math.ceil(nowMs() / 1000) + KEPT_SECONDS };
    const slices = slicesOf(JSON.stringify(found));
    try {
      await client.send(
        new TransactWriteItemsCommand({
          TransactItems: slices.map((slice, index) => ({
            Put: {
              TableName: tableName,
              Item: toItem({ ...place, sk: partSort(part, index), slice }),
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          })),
        }),
      );
      return found;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const [kept] = wholeOf(await slicesUnder(client, tableName, place.pk, partSort(part)));
      if (kept === undefined) throw error;
      return kept as typeof found;
    }
  },

  readParts: async (kind, id) => wholeOf(await slicesUnder(client, tableName, jobPartition(kind, id), PARTS)),
});

/** Letters of JSON to an item: at most 4 bytes each, and an item ends at 400 KB (docs: ServiceQuotas). */
const SLICE_LETTERS = 90_000;

const slicesOf = (text: string): string[] =>
  Array.from({ length: Math.ceil(text.length / SLICE_LETTERS) }, (_, index) =>
    JSON.stringify(text.slice(index * SLICE_LETTERS, (index + 1) * SLICE_LETTERS)),
  );

const slicesUnder = async (client: DynamoDBClient, tableName: string, pk: string, sk: string) => {
  const items: PlainItem[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: toItem({ ':pk': pk, ':sk': sk }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []).map(fromItem));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
};

/** Slices, in order, as what they are slices of. */
const wholeOf = (items: readonly PlainItem[]): unknown[] =>
  [...Map.groupBy(items, ({ sk }) => partOf(String(sk))).values()].map((slices) =>
    JSON.parse(slices.map(({ slice }) => JSON.parse(String(slice)) as string).join('')),
  );
