import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { toItem } from '../../../shared/aws/attribute-value.ts';
import { CUSTOMERS_PARTITION, monthSort, totalsPartition, totalsSort } from '../core/keys.ts';
import type { IndexTransaction } from '../run/ports.ts';
import { INDEX_SORT, indexPartitionName, itemOf } from './item.ts';

/** A transaction in DynamoDB's terms: rows first, counters after, in the order of the transaction. */
export const writesOf = ({ changes, counters }: IndexTransaction, tableName: string): TransactWriteItem[] => [
  ...changes.map(
    ({ before, after }): TransactWriteItem => ({
      Put: {
        TableName: tableName,
        Item: toItem(itemOf(after)),
        ...revisionCondition(before?.revision),
        // The loser of a race gets the winner's row with its refusal: no second read.
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    }),
  ),
  ...counters.map((counter): TransactWriteItem => ({ Update: { TableName: tableName, ...counterUpdate(counter) } })),
];

/** The one condition that exactness rests on: the row is still the image that was read. */
export const revisionCondition = (revision: number | undefined) =>
  revision === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : { ConditionExpression: 'r = :r', ExpressionAttributeValues: toItem({ ':r': revision }) };

/** Key and attributes of a counter row's update. */
export const counterPlace = ({ customer, month, shard }: IndexTransaction['counters'][number]) => ({
  pk: totalsPartition(customer),
  sk: month === undefined ? totalsSort(shard) : monthSort(month, shard),
  // Who the customers are can be read from the index by date. Set again with the same value it costs nothing there.
  listed: customer !== undefined && month === undefined ? { gd: CUSTOMERS_PARTITION, gs: customer } : undefined,
});

const counterUpdate = (counter: IndexTransaction['counters'][number]) => {
  const { pk, sk, listed } = counterPlace(counter);
  const adds = Object.entries(counter.adds);
  const names = Object.fromEntries(adds.map(([name], index) => [`#n${index}`, name]));
  const values = Object.fromEntries(adds.map(([, value], index) => [`:n${index}`, value]));
  const add = adds.map((_, index) => `#n${index} :n${index}`).join(', ');
  return {
    Key: toItem({ pk, sk }),
    UpdateExpression: listed === undefined ? `ADD ${add}` : `SET #gd = :gd, #gs = :gs ADD ${add}`,
    ExpressionAttributeNames: {
      ...names,
      ...(listed === undefined ? {} : { '#gd': indexPartitionName('by-date'), '#gs': INDEX_SORT }),
    },
    ExpressionAttributeValues: toItem({
      ...values,
      ...(listed === undefined ? {} : { ':gd': listed.gd, ':gs': listed.gs }),
    }),
  };
};
