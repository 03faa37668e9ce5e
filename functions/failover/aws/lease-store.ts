import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Lease } from '../core/lease.ts';
import type { LeaseStore } from '../run/ports.ts';

const keyOf = (pair: string): PlainItem => ({ pk: `PAIR#${pair}`, sk: 'LEASE' });

/** The leases beside the records, in this region's replica of a table that is strongly consistent over three regions. */
export const dynamoLeases = (table: string, region: string): LeaseStore => {
  // A renewal that takes longer than a third of the shortest ttl is worth nothing.
  const client = new DynamoDBClient(
    clientConfig(region, { requestTimeoutMs: 1_500, connectionTimeoutMs: 1_000, maxAttempts: 2 }),
  );
  return {
    unfit: async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
      // docs: API_TableDescription, MultiRegionConsistency; absent for a table of one region.
      if (Table?.MultiRegionConsistency === 'STRONG') return undefined;
      const what = Table?.MultiRegionConsistency ?? 'of this region alone';
      return `the table ${table} is ${what}: a lease needs a global table with MultiRegionConsistency STRONG`;
    },
    load: async (pair) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(keyOf(pair)), ConsistentRead: true }),
      );
      if (Item === undefined) return undefined;
      const { pk: _pk, sk: _sk, ...lease } = fromItem(Item);
      return lease as unknown as Lease;
    },
    save: async (lease, expectedSeq) => {
      const condition =
        expectedSeq === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'seq = :expected',
              ExpressionAttributeValues: { ':expected': { N: String(expectedSeq) } },
            };
      const item = toItem({ ...keyOf(lease.pair), ...(lease as unknown as PlainItem) });
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: item, ...condition }));
        return 'saved';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        throw error;
      }
    },
  };
};
