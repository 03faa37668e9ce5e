import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { FailoverRecord } from '../core/record.ts';
import type { RecordStore } from '../run/ports.ts';

/** The record table's client: it answers soon, or not at all. */
export const recordClient = (region: string): DynamoDBClient =>
  new DynamoDBClient(clientConfig(region, { requestTimeoutMs: 3_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }));

/** An entry's key: a pair, and what of it. */
export const keyOf = (pair: string, sort: string): PlainItem => ({ pk: `PAIR#${pair}`, sk: sort });

/** An item as it was before it had a key. */
export const withoutKey = ({ pk: _pk, sk: _sk, ...rest }: PlainItem): PlainItem => rest;

/** Reading a record and nothing else: in a file of its own, so that the witness's bundle holds no call that its role lacks. */
export const recordReader = (table: string, client: DynamoDBClient): Pick<RecordStore, 'load'> => ({
  load: async (pair) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: toItem(keyOf(pair, 'RECORD')), ConsistentRead: true }),
    );
    return Item && (withoutKey(fromItem(Item)) as unknown as FailoverRecord);
  },
});
