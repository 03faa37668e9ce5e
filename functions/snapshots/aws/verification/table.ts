import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../../shared/aws/attribute-value.ts';
import { type Book, emptyBook, type Verification } from '../../core/verification/verification.ts';
import type { Verifications } from '../../run/verification/ports.ts';

// The book is one item of the state table: what is open is bounded by `atOnce`, so it stays small, a tick reads one item
// instead of scanning, and opening, moving and closing are each one conditional write. What is over goes to an item of its own.
const BOOK = 'verifications';
const keyOf = (name: string): string => `verification#${name}`;
/** How long one that is over is known by name: the sweeper asks for it when it finds something with its tag. */
const KEPT_SECONDS = 180 * 24 * 3600;

/** Verifications on the state table. Reads are strongly consistent. */
export const tableVerifications = (db: DynamoDBClient, TableName: string): Verifications => {
  const get = async (id: string): Promise<PlainItem | undefined> => {
    const { Item } = await db.send(new GetItemCommand({ TableName, Key: toItem({ id }), ConsistentRead: true }));
    return Item && fromItem(Item);
  };
  return {
    load: async () => {
      const item = await get(BOOK);
      return item === undefined ? emptyBook() : (without(item) as unknown as Book);
    },
    save: async (book, expectedRevision) => {
      try {
        await db.send(
          new PutItemCommand({
            TableName,
            Item: toItem({ id: BOOK, ...(book as unknown as PlainItem) }),
            ...(expectedRevision === 0
              ? { ConditionExpression: 'attribute_not_exists(id)' }
              : {
                  ConditionExpression: '#revision = :expected',
                  ExpressionAttributeNames: { '#revision': 'revision' },
                  ExpressionAttributeValues: { ':expected': { N: String(expectedRevision) } },
                }),
          }),
        );
        return 'saved';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        throw error;
      }
    },
    archive: async (record) => {
      const expiresAt = Math.floor((record.endedMs ?? record.startedMs) / 1000) + KEPT_SECONDS;
      await db.send(
        new PutItemCommand({
          TableName,
          Item: toItem({ id: keyOf(record.name), expiresAt, ...(record as unknown as PlainItem) }),
        }),
      );
    },
    archived: async (name) => {
      const item = await get(keyOf(name));
      return item && (without(item) as unknown as Verification);
    },
  };
};

const without = ({ id: _id, expiresAt: _expiresAt, ...rest }: PlainItem): PlainItem => rest;
