import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../core/attribute-value.ts';
import { type KeySchema, keyText } from '../core/document-id.ts';
import type { TableScan } from '../run/ports.ts';
import { sdkKey } from './dynamodb-table.ts';

/** A table read whole, in parts; a page is at most 1 MB (docs: API_Scan). The cursor is the last key, as JSON. */
export const dynamoDbScan = (client: DynamoDBClient, table: string, schema: KeySchema): TableScan => ({
  page: async ({ segment, segments, after, consistent }) => {
    const answer = await client.send(
      new ScanCommand({
        TableName: table,
        Segment: segment,
        TotalSegments: segments,
        ConsistentRead: consistent,
        ReturnConsumedCapacity: 'TOTAL',
        ExclusiveStartKey: after === undefined ? undefined : sdkKey(JSON.parse(after) as Item),
      }),
    );
    return {
      items: (answer.Items ?? []) as Item[],
      next: answer.LastEvaluatedKey && keyText(answer.LastEvaluatedKey as Item, schema),
      readUnits: answer.ConsumedCapacity?.CapacityUnits ?? 0,
    };
  },
});
