import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { toItem } from '../../../shared/aws/attribute-value.ts';
import { formatInstant, HOUR_MS } from '../core/calendar.ts';
import type { Left, Remaining } from '../core/remaining.ts';
import type { RemainingWork } from '../run/ports.ts';

// Items `remaining#SLOT#PART`. The work is one text, read and written whole, each database a line of it: 4,000 take some 200 KB,
// and an item holds 400 (docs: ServiceQuotas, item size). The table forgets it with `expiresAt`.
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
              work: toText(remaining),
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
          ConditionExpression: 'attribute_exists(id) AND attribute_not_exists(isOver) AND leaseUntilMs <= :now',
          ExpressionAttributeValues: { ':until': { N: String(leaseUntilMs) }, ':now': { N: String(nowMs) } },
        }),
      ),
    );
    const { Item } = await db.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    if (Item === undefined || Item.isOver !== undefined) return 'over';
    return leased ? fromText(Item.work?.S ?? '') : 'busy';
  },
  done: async (slotMs, part) => {
    await holds(
      db.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf(slotMs, part),
          UpdateExpression: 'SET isOver = :yes',
          ConditionExpression: 'attribute_exists(id)',
          ExpressionAttributeValues: { ':yes': { BOOL: true } },
        }),
      ),
    );
  },
});

const toText = ({ left, ...rest }: Remaining): string =>
  [JSON.stringify(rest), ...left.map((one) => [one.kind, one.because, one.resourceId].join(' '))].join('\n');

const fromText = (text: string): Remaining => {
  const [rest, ...lines] = text.split('\n');
  const left = lines.map((line) => {
    const [kind, because, resourceId] = line.split(' ');
    return { kind, because, resourceId } as Left;
  });
  return { ...JSON.parse(rest ?? ''), left };
};

const holds = async (writing: Promise<unknown>): Promise<boolean> => {
  try {
    await writing;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
