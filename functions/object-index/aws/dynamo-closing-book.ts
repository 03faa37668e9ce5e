import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { closingSort, totalsPartition } from '../core/keys.ts';
import type { Closing, ClosingBook } from '../run/ports.ts';

/** Closings in the index's table, beside the customer's totals: one item a day, written once. */
export const dynamoClosingBook = (client: DynamoDBClient, tableName: string): ClosingBook => ({
  close: async (closing) => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: toItem(itemOf(closing)),
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  },
});

const itemOf = ({ customer, day, atMs, counters }: Closing): PlainItem => ({
  pk: totalsPartition(customer),
  sk: closingSort(day),
  ...counters,
  closedAt: String(atMs),
});
