import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { toItem } from '../../../shared/aws/attribute-value.ts';
import { formatInstant, HOUR_MS } from '../core/calendar.ts';
import type { Remaining } from '../core/remaining.ts';
import type { RemainingWork } from '../run/ports.ts';

// Items `remaining#SLOT#PART`. The work is one JSON text: it is read and written whole, and 5,000 databases take some
// 500 KB as a DynamoDB map, but 350 KB so (docs: ServiceQuotas — an item holds 400 KB). The table forgets it with `expiresAt`.
const KEPT_MS = 6 * HOUR_MS;
const keyOf = (slotMs: number, part: number) => ({ id: { S: `remaining#${formatInstant(slotMs)}#${part}` } });

/** What is left of a slot, on the state table. Every write is conditional, every read consistent. */
export const tableRemaining = (db: DynamoDBClient, TableName: string): RemainingWork => ({
  put: (remaining) =>
    holds(
      db.send(
        new PutItemCommand({
          TableName,
          Item: {
            ...keyOf(remaining.slotMs, remaining.part),
            ...toItem({
              work: JSON.stringify(remaining),
              leaseUntilMs: 0,
              expiresAt: Math.ceil((remaining.slotMs + KEPT_MS) / 1000),
            }),
          },
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      ),
    ),
  take: async (slotMs, part, nowMs, leaseUntilMs) => {
    const Key = keyOf(slotMs, part);
    const leased = await holds(
      db.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET leaseUntilMs = :until',
          ConditionExpression: 'attribute_exists(id) AND attribute_not_exists(over) AND leaseUntilMs <= :now',
          ExpressionAttributeValues: { ':until': { N: String(leaseUntilMs) }, ':now': { N: String(nowMs) } },
        }),
      ),
    );
    const { Item } = await db.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    if (Item === undefined || Item.over !== undefined) return 'over';
    return leased ? (JSON.parse(Item.work?.S ?? '') as Remaining) : 'busy';
  },
  done: async (slotMs, part) => {
    await holds(
      db.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf(slotMs, part),
          UpdateExpression: 'SET over = :yes',
          ConditionExpression: 'attribute_exists(id)',
          ExpressionAttributeValues: { ':yes': { BOOL: true } },
        }),
      ),
    );
  },
});

const holds = async (writing: Promise<unknown>): Promise<boolean> => {
  try {
    await writing;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
