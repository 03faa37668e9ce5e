import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { closingSort, totalsPartition } from '../core/keys.ts';
import type { Closing, Closings } from '../run/ports.ts';
import { inParallel } from '../run/work.ts';
import { countersOf } from './item.ts';

const KEYS_PER_READ = 100;
const READ_ATTEMPTS = 8;

/** What was closed, from the index's table. */
export const dynamoClosings = (client: DynamoDBClient, tableName: string): Closings => ({
  ofDay: async (customers, day) => {
    const found: Closing[] = [];
    const keys = customers.map((customer) => toItem({ pk: totalsPartition(customer), sk: closingSort(day) }));
    const pages = Array.from({ length: Math.ceil(keys.length / KEYS_PER_READ) }, (_, page) =>
      keys.slice(page * KEYS_PER_READ, (page + 1) * KEYS_PER_READ),
    );
    await inParallel(pages, 4, async (page) => {
      let asked: Record<string, KeysAndAttributes> = { [tableName]: { Keys: page } };
      for (let attempt = 0; (asked[tableName]?.Keys?.length ?? 0) > 0; attempt += 1) {
        if (attempt === READ_ATTEMPTS) throw new Error(`${tableName} left keys unread ${READ_ATTEMPTS} times`);
        if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 25 * 2 ** attempt));
        const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems: asked }));
        found.push(...(Responses?.[tableName] ?? []).map((item) => closingOf(fromItem(item))));
        asked = UnprocessedKeys ?? {};
      }
    });
    return found;
  },

  ofCustomer: async (customer, from, to) => {
    const found: Closing[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: toItem({
            ':pk': totalsPartition(customer),
            ':from': closingSort(from),
            ':to': closingSort(to),
          }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      found.push(...(page.Items ?? []).map((item) => closingOf(fromItem(item))));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  },
});

const closingOf = (item: PlainItem): Closing => {
  const customer = String(item.pk).slice(2);
  return {
    customer: customer === '' ? undefined : customer,
    day: String(item.sk).slice('close#'.length),
    atMs: Number(item.closedAt),
    counters: countersOf(item),
  };
};
