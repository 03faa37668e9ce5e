import { ConditionalCheckFailedException, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { fromItem, type PlainItem, toItem } from '../../../shared/aws/attribute-value.ts';
import type { HistoryEntry, RecordStore } from '../run/ports.ts';
import { keyOf, recordClient, recordReader, withoutKey } from './record-read.ts';

const historyKey = ({ epoch, version }: HistoryEntry): string =>
  `HISTORY#${String(epoch).padStart(8, '0')}#${String(version).padStart(10, '0')}`;

/** The record table in one region: one item per pair, single-item compare-and-swap (a table over three regions has no transactions), strongly consistent reads. */
export const dynamoRecords = (table: string, region: string): RecordStore => {
  const client = recordClient(region);
  return {
    ...recordReader(table, client),
    save: async (record, expectedVersion) => {
      const item = { ...keyOf(record.pair, 'RECORD'), ...(record as unknown as PlainItem) };
      const condition =
        expectedVersion === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#version = :expected',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
            };
      return (await put(item, condition)) ? 'saved' : 'conflict';
    },
    append: async (pair, entry) => {
      const item = { ...keyOf(pair, historyKey(entry)), ...(entry as unknown as PlainItem) };
      await put(item, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
    history: async (pair, limit) => {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :history)',
          ExpressionAttributeValues: toItem({ ':pk': `PAIR#${pair}`, ':history': 'HISTORY#' }),
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      return (Items ?? []).map((item) => withoutKey(fromItem(item)) as unknown as HistoryEntry);
    },
  };

  async function put(item: PlainItem, condition: object): Promise<boolean> {
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: toItem(item), ...condition }));
      return true;
    } catch (error) {
      // A write that met one of another region (docs: ReplicatedWriteConflictException) says nothing of what is stored: it is no answer.
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
};
