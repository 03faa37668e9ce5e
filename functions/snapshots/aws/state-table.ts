import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { fromItem, toAttribute, toItem } from '../../../shared/aws/attribute-value.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { BREAKERS, type Breaker, type Confirmation, PARTS, type Part, type Pause } from '../core/inventory.ts';
import type { Control } from '../run/ports.ts';

/** The wing's table, in the primary region (resources/snapshots-state.yml). */
export const stateTableName = ({ stage }: Pick<Config, 'stage'>): string => `mainstay-${stage}-snapshots`;

// One item, so that one consistent read tells all. Each pause is an attribute of its own: two people who pause two parts
// at once don't undo each other.
const ID = 'control';
const attributeOf = (part: Part): string => `pause:${part}`;
// The name says of which breaker, and the value does not: the first one is older than the second breaker.
const CONFIRMATIONS: Record<Breaker, string> = { snapshots: 'confirmation', copies: 'confirmation:copies' };

/** What people order, as the item `control` of the state table. A change whose condition fails is `false`; anything else throws. */
export const tableControl = (db: DynamoDBClient, TableName: string): Control => {
  const change = async (update: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<boolean> => {
    try {
      await db.send(new UpdateItemCommand({ TableName, Key: toItem({ id: ID }), ...update }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  const set = (attribute: string, value: Pause | Omit<Confirmation, 'of'>) =>
    change({
      UpdateExpression: 'SET #attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': toAttribute({ ...value }) },
    });
  const remove = (attribute: string, condition: string, value?: Omit<Confirmation, 'of'>) =>
    change({
      UpdateExpression: 'REMOVE #attribute',
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#attribute': attribute },
      ...(value && { ExpressionAttributeValues: { ':value': toAttribute({ ...value }) } }),
    });
  return {
    orders: async () => {
      const { Item } = await db.send(new GetItemCommand({ TableName, Key: toItem({ id: ID }), ConsistentRead: true }));
      const item = Item === undefined ? {} : fromItem(Item);
      return {
        pauses: PARTS.flatMap((part) => (item[attributeOf(part)] as unknown as Pause | undefined) ?? []),
        confirmations: BREAKERS.flatMap((of): Confirmation[] => {
          const value = item[CONFIRMATIONS[of]] as unknown as Omit<Confirmation, 'of'> | undefined;
          return value === undefined ? [] : [{ ...value, of }];
        }),
      };
    },
    pause: async (pause) => {
      await set(attributeOf(pause.part), pause);
    },
    resume: (part) => remove(attributeOf(part), 'attribute_exists(#attribute)'),
    confirm: async ({ of, ...confirmation }) => {
      await set(CONFIRMATIONS[of], confirmation);
    },
    // Equal as a whole: one that somebody replaced meanwhile is another, and is not used up in its place.
    useConfirmation: ({ of, ...confirmation }) => remove(CONFIRMATIONS[of], '#attribute = :value', confirmation),
  };
};
