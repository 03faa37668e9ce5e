import { type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { itemOf } from '../functions/object-index/aws/item.ts';
import type { Digest } from '../functions/object-index/core/digest.ts';
import type { ObjectFact } from '../functions/object-index/core/fact.ts';
import { nextRow } from '../functions/object-index/core/next-row.ts';
import type { IndexRules } from '../functions/object-index/core/rules.ts';
import { toItem } from '../shared/aws/attribute-value.ts';

// The usual handler, a model of our own of what samples for this job do: one PutItem and one counter update per event, each
// awaited. The same rows in the same indexes. A duplicate counts twice, a late event overwrites a newer one.

export interface UsualDeps {
  client: DynamoDBClient;
  tableName: string;
  rules: IndexRules;
  digest: Digest;
}

/** Takes in events one after the other. */
export const usualHandler = async (facts: readonly ObjectFact[], { client, tableName, rules, digest }: UsualDeps) => {
  for (const fact of facts) {
    const address = { bucket: fact.bucket, key: fact.key, slot: undefined };
    const context = { rules, digest, nowMs: fact.eventTimeMs };
    const row = nextRow(address, undefined, fact, { kind: 'set', because: 'first-seen' }, undefined, context);
    if (row?.state !== 'live') continue;
    await client.send(new PutItemCommand({ TableName: tableName, Item: toItem(itemOf(row)) }));
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: toItem({ pk: `t#${row.object.customer}`, sk: 's#00' }),
        UpdateExpression: 'ADD n :one, b :bytes',
        ExpressionAttributeValues: toItem({ ':one': 1, ':bytes': row.object.sizeBytes }),
      }),
    );
  }
};
