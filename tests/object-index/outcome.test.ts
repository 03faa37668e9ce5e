import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { itemOf } from '../../functions/object-index/aws/item.ts';
import { outcomeOf } from '../../functions/object-index/aws/outcome.ts';
import { toItem } from '../../shared/aws/attribute-value.ts';
import { live } from './table-contract.ts';

const cancelled = (...reasons: object[]) =>
  new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons: reasons });
const failure = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

test('every reason of a cancelled transaction is looked at, rows and counters apart', () => {
  const row = live('a');
  const reasons = [
    { Code: 'None' },
    { Code: 'ConditionalCheckFailed', Item: toItem(itemOf(row)) },
    { Code: 'ConditionalCheckFailed' },
    { Code: 'TransactionConflict' },
    { Code: 'ValidationError', Message: 'too long' },
    { Code: 'TransactionConflict' },
    { Code: 'ProvisionedThroughputExceeded' },
    { Code: 'ThrottlingError' },
  ];
  expect(outcomeOf(cancelled(...reasons), 5)).toEqual({
    kind: 'cancelled',
    rows: [
      { kind: 'fine' },
      { kind: 'changed', current: row },
      { kind: 'changed', current: undefined },
      { kind: 'conflict' },
      { kind: 'refused', because: 'too long' },
    ],
    counters: [{ kind: 'conflict' }, { kind: 'throttled' }, { kind: 'throttled' }],
  });
});

describe('a transaction that failed otherwise', () => {
  test.each([
    ['ThrottlingException', 400, 'throttled'],
    ['ProvisionedThroughputExceededException', 400, 'throttled'],
    ['ValidationException', 400, 'refused'],
    ['ItemCollectionSizeLimitExceededException', 400, 'refused'],
    ['TransactionInProgressException', 400, 'unknown'],
    ['InternalServerError', 500, 'unknown'],
    ['TimeoutError', undefined, 'unknown'],
    ['ECONNRESET', undefined, 'unknown'],
  ])('%s (%s): %s', (name, status, kind) => expect(outcomeOf(failure(name, status), 1).kind).toBe(kind));

  test.each([
    ['AccessDeniedException', 400],
    ['ResourceNotFoundException', 400],
    ['UnrecognizedClientException', 400],
  ])('%s is thrown on: trying again can not help', (name, status) =>
    expect(() => outcomeOf(failure(name, status), 1)).toThrow(name),
  );
});
