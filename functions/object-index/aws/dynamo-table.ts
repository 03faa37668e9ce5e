import {
  BatchGetItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { fromItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { addressText } from '../core/fact.ts';
import { placeOf } from '../core/keys.ts';
import type { ObjectRow } from '../core/row.ts';
import type { CommitResult, IndexTable } from '../run/ports.ts';
import { inParallel } from '../run/work.ts';
import { sha256 } from './digest.ts';
import { rowOf } from './item.ts';
import { outcomeOf } from './outcome.ts';
import { writesOf } from './transaction.ts';

/** BatchGetItem takes 100 keys (docs: API_BatchGetItem), and may leave some unread. */
const KEYS_PER_READ = 100;
const READ_ATTEMPTS = 8;

/** The index's table on DynamoDB, for who writes. */
export const dynamoTable = (client: DynamoDBClient, tableName: string): IndexTable => ({
  readRows: async (addresses, consistency) => {
    const rows = new Map<string, ObjectRow>();
    const keys = addresses.map((address) => toItem(placeOf(address, sha256)));
    const pages = Array.from({ length: Math.ceil(keys.length / KEYS_PER_READ) }, (_, page) =>
      keys.slice(page * KEYS_PER_READ, (page + 1) * KEYS_PER_READ),
    );
    await inParallel(pages, 4, async (page) => {
      let asked: Record<string, KeysAndAttributes> = {
        [tableName]: { Keys: page, ConsistentRead: consistency === 'strong' },
      };
      for (let attempt = 0; (asked[tableName]?.Keys?.length ?? 0) > 0; attempt += 1) {
        if (attempt === READ_ATTEMPTS) throw new Error(`${tableName} left keys unread ${READ_ATTEMPTS} times`);
        if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 25 * 2 ** attempt));
        const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems: asked }));
        for (const item of Responses?.[tableName] ?? []) {
          const row = rowOf(fromItem(item));
          rows.set(addressText(row), row);
        }
        asked = UnprocessedKeys ?? {};
      }
    });
    return rows;
  },

  commit: async (transaction): Promise<CommitResult> => {
    try {
      await client.send(
        new TransactWriteItemsCommand({
          TransactItems: writesOf(transaction, tableName),
          // Tokens are the account's, not the table's: two stages may well write the same.
          ClientRequestToken: sha256(`${tableName} ${transaction.token}`).slice(0, 36),
        }),
      );
      return { kind: 'committed' };
    } catch (error) {
      return outcomeOf(error, transaction.changes.length);
    }
  },
});
