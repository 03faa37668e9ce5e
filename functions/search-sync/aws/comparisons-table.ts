import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { comparisonText, readComparison } from '../core/comparison.ts';
import type { Comparisons } from '../run/upkeep-ports.ts';

/** The port on DynamoDB, in the table of the backfills' cursors: an item for each index that was ever compared. */
export const dynamoDbComparisons = (client: DynamoDBClient, TableName: string): Comparisons => {
  // No index has a name with a hash sign in it.
  const keyOf = (index: string) => ({ filled: { S: `${index}#compared` }, part: { N: '0' } });
  return {
    read: async (index) => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(index), ConsistentRead: true }));
      return Item?.state?.S === undefined ? undefined : readComparison(Item.state.S);
    },
    save: async (comparison) => {
      const revision = comparison.revision + 1;
      try {
        await client.send(
          new PutItemCommand({
            TableName,
            Item: {
              ...keyOf(comparison.index),
              revision: { N: String(revision) },
              state: { S: comparisonText({ ...comparison, revision }) },
            },
            ConditionExpression: 'attribute_not_exists(filled) OR revision = :read',
            ExpressionAttributeValues: { ':read': { N: String(comparison.revision) } },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
};
