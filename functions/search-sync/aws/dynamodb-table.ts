import {
  type AttributeValue as Attribute,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { AttributeValue, Item } from '../core/attribute-value.ts';
import { type KeySchema, keyNames, keyText } from '../core/document-id.ts';
import type { Table } from '../run/ports.ts';

/** The most keys that one BatchGetItem takes (docs: API_BatchGetItem). */
const KEYS_AT_ONCE = 100;
const MAX_ROUNDS = 8;

/** Thrown when DynamoDB left keys unprocessed in every round: unknown is not absent. */
export class UnprocessedKeysError extends Error {
  constructor(table: string, count: number) {
    super(`${table}: ${count} keys stayed unprocessed after ${MAX_ROUNDS} rounds of BatchGetItem`);
    this.name = 'UnprocessedKeysError';
  }
}

/** The port on one DynamoDB table. All reads are strongly consistent: an older state could be taken for the truth. */
export const dynamoDbTable = (
  client: DynamoDBClient,
  table: string,
  schema: KeySchema,
  sleep: (ms: number) => Promise<void>,
): Table => {
  const round = async (keys: readonly Item[]): Promise<{ items: Item[]; left: Item[] }> => {
    const answer = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys.map(sdkKey), ConsistentRead: true } } }),
    );
    return {
      items: (answer.Responses?.[table] ?? []) as Item[],
      left: (answer.UnprocessedKeys?.[table]?.Keys ?? []) as Item[],
    };
  };

  const batch = async (keys: readonly Item[]): Promise<Item[]> => {
    const items: Item[] = [];
    let left = keys;
    for (let turn = 0; left.length > 0; turn++) {
      if (turn === MAX_ROUNDS) throw new UnprocessedKeysError(table, left.length);
      // 16 MB or the table's capacity ended the round before: what is left is asked for again (docs: API_BatchGetItem).
      if (turn > 0) await sleep(20 * 2 ** turn);
      const answer = await round(left);
      items.push(...answer.items);
      left = answer.left;
    }
    return items;
  };

  return {
    item: async (keys) => {
      const answer = await client.send(
        new GetItemCommand({ TableName: table, Key: sdkKey(onlyKeys(keys, schema)), ConsistentRead: true }),
      );
      return answer.Item as Item | undefined;
    },
    items: async (keys) => {
      const texts = keys.map((key) => keyText(key, schema));
      // BatchGetItem refuses the same key twice.
      const unique = new Map(texts.map((text, i) => [text, onlyKeys(keys[i] as Item, schema)]));
      const found = new Map<string, Item>();
      const wanted = [...unique.values()];
      for (let from = 0; from < wanted.length; from += KEYS_AT_ONCE) {
        for (const item of await batch(wanted.slice(from, from + KEYS_AT_ONCE))) found.set(keyText(item, schema), item);
      }
      return texts.map((text) => found.get(text));
    },
  };
};

const onlyKeys = (item: Item, schema: KeySchema): Item =>
  Object.fromEntries(keyNames(schema).map((name) => [name, item[name] as AttributeValue]));

/** In events and in documents binaries are base64 text; the SDK takes bytes. */
export const sdkKey = (keys: Item): Record<string, Attribute> =>
  Object.fromEntries(
    Object.entries(keys).map(([name, value]) => [
      name,
      (typeof value.B === 'string' ? { B: Buffer.from(value.B, 'base64') } : value) as Attribute,
    ]),
  );
