import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import type { ReadinessState } from '../core/readiness-names.ts';
import type { ReadinessStates } from '../run/readiness-watch.ts';
import { recordClient, withoutKey } from './record-read.ts';

const keyOf = (pair: string): PlainItem => ({ pk: `READINESS#${pair}`, sk: 'STATE' });

/** In the record table, under keys of its own. */
export const dynamoReadiness = (table: string, region: string): ReadinessStates => {
  const client = recordClient(region);
  return {
    load: async (pair) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(keyOf(pair)), ConsistentRead: true }),
      );
      return Item && (withoutKey(fromItem(Item)) as unknown as ReadinessState);
    },
    save: async (state, expectedVersion) => {
      const condition =
        expectedVersion === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#version = :expected',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
            };
      const Item = toItem({ ...keyOf(state.pair), ...(state as unknown as PlainItem) });
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
        return 'saved';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        throw error;
      }
    },
  };
};
