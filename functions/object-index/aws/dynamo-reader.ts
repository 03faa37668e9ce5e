import { type AttributeValue, type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { CURRENT, CUSTOMERS_PARTITION, monthOf, objectPartition, totalsPartition } from '../core/keys.ts';
import type { MonthCounters } from '../core/statistics.ts';
import type { IndexRead, IndexReader } from '../run/ports.ts';
import { countersOf, INDEX_SORT, indexPartitionName, indexSortName, listedOf, rowOf } from './item.ts';

/** Items looked at per read where a filter lets only some through; without one, as many as are wanted. */
const FILTERED_PAGE = 300;

/** The index's table on DynamoDB, for who asks. */
export const dynamoReader = (client: DynamoDBClient, tableName: string): IndexReader => ({
  readTotals: async (customer) => {
    const shards: Record<string, bigint>[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: toItem({ ':pk': totalsPartition(customer), ':sk': 's#' }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      shards.push(...(page.Items ?? []).map((item) => countersOf(fromItem(item))));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return shards;
  },

  readMonths: async (customer, from, to) => {
    const months: MonthCounters[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          // Behind every shard of the last month.
          ExpressionAttributeValues: toItem({
            ':pk': totalsPartition(customer),
            ':from': `m#${from}`,
            ':to': `m#${to}~`,
          }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      for (const item of (page.Items ?? []).map(fromItem)) {
        months.push({ month: monthOf(String(item.sk)), counters: countersOf(item) });
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return months;
  },

  readCustomers: async (after, limit) => {
    const names: string[] = [];
    let last = after;
    // A customer is listed once per shard of its totals.
    while (names.length < limit) {
      const { Items: items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: 'by-date',
          KeyConditionExpression: last === undefined ? 'gd = :gd' : 'gd = :gd AND gs > :after',
          ExpressionAttributeValues: toItem({
            ':gd': CUSTOMERS_PARTITION,
            ...(last === undefined ? {} : { ':after': last }),
          }),
        }),
      );
      const found = new Set(items.map((item) => String(fromItem(item)[INDEX_SORT])));
      names.push(...found);
      last = names.at(-1);
      if (LastEvaluatedKey === undefined || found.size === 0) break;
    }
    return names.slice(0, limit);
  },

  readIndex: async (read) => {
    const { Items: items = [], LastEvaluatedKey } = await client.send(new QueryCommand(queryOf(read, tableName)));
    const objects = items.map((item) => listedOf(fromItem(item), read.index));
    return {
      // BETWEEN takes its ends in, and a page begins after the last object of the one before.
      objects: objects.filter(({ sort }) => sort !== read.above && sort !== read.below),
      readUpTo:
        LastEvaluatedKey === undefined ? undefined : String(fromItem(LastEvaluatedKey)[indexSortName(read.index)]),
    };
  },

  readRow: async (object) => {
    const { Item: item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: toItem({ pk: objectPartition(object), sk: CURRENT }),
        ConsistentRead: true,
      }),
    );
    return item === undefined ? undefined : rowOf(fromItem(item));
  },

  readVersions: async (object) => {
    const items: Record<string, AttributeValue>[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: toItem({ ':pk': objectPartition(object), ':sk': 'v#' }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return items.map((item) => rowOf(fromItem(item)));
  },
});

const queryOf = ({ index, partition, above, below, order, filter, limit }: IndexRead, tableName: string) => {
  const filtered = filter.customer !== undefined || filter.attribute !== undefined;
  const conditions = [
    ...(filter.customer === undefined ? [] : ['c = :c']),
    ...(filter.attribute === undefined ? [] : ['a.#attribute = :value']),
  ];
  const range =
    above === undefined
      ? below === undefined
        ? []
        : ['#gs < :below']
      : [below === undefined ? '#gs > :above' : '#gs BETWEEN :above AND :below'];
  return {
    TableName: tableName,
    IndexName: index,
    ScanIndexForward: order === 'oldest',
    Limit: filtered ? Math.max(limit, FILTERED_PAGE) : limit,
    KeyConditionExpression: ['#partition = :partition', ...range].join(' AND '),
    ...(filtered ? { FilterExpression: conditions.join(' AND ') } : {}),
    ExpressionAttributeNames: {
      '#partition': indexPartitionName(index),
      ...(range.length > 0 ? { '#gs': indexSortName(index) } : {}),
      ...(filter.attribute === undefined ? {} : { '#attribute': filter.attribute.name }),
    },
    ExpressionAttributeValues: toItem(values({ partition, above, below, filter })),
  };
};

const values = ({
  partition,
  above,
  below,
  filter,
}: Pick<IndexRead, 'partition' | 'above' | 'below' | 'filter'>): PlainItem => ({
  ':partition': partition,
  ':above': above,
  ':below': below,
  ':c': filter.customer,
  ':value': filter.attribute?.value,
});
