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

// Items `remaining#SLOT#PART`. The work is one text, read and written whole, each database a line of it; an item
// holds 400 KB (docs: ServiceQuotas, item size), and run/hand-on.ts sees to it. The table forgets it with `expiresAt`.
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
    const before = await heldOrUndefined(
      db.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET leaseUntilMs = :until',
          ConditionExpression: 'attribute_exists(id) AND attribute_not_exists(isOver) AND leaseUntilMs <= :now',
          ExpressionAttributeValues: { ':until': { N: String(leaseUntilMs) }, ':now': { N: String(nowMs) } },
          ReturnValues: 'UPDATED_OLD',
        }),
      ),
    );
    const { Item } = await db.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    if (Item === undefined || Item.isOver !== undefined) return 'over';
    if (before === undefined) return 'busy';
    const { confirmed, ...rest } = fromText(Item.work?.S ?? '');
    const isFirst = before.Attributes?.leaseUntilMs?.N === '0';
    return isFirst && confirmed !== undefined ? { ...rest, confirmed } : rest;
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
  [
    JSON.stringify(rest),
    ...left.map(({ kind, because, resourceId, tried = [] }) => [kind, because, resourceId, ...tried].join(' ')),
  ].join('\n');

const fromText = (text: string): Remaining => {
  const [rest, ...lines] = text.split('\n');
  const left = lines.map((line) => {
    const [kind, because, resourceId, ...tried] = line.split(' ');
    return { kind, because, resourceId, ...(tried.length > 0 && { tried }) } as Left;
  });
  return { ...JSON.parse(rest ?? ''), left };
};

const holds = async (writing: Promise<object>): Promise<boolean> => (await heldOrUndefined(writing)) !== undefined;

/** The answer of a write; undefined when its condition did not hold. */
const heldOrUndefined = async <Answer extends object>(writing: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await writing;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};
