import { describe, expect, test } from '@jest/globals';
import { readBatchResponse } from './batch-response.ts';

const ids = new Set(['a', 'b', 'c']);
const read = (answer: unknown) => readBatchResponse(JSON.stringify(answer) ?? 'null', ids);

// docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, "Success and failure conditions"
describe('the answer of a function with ReportBatchItemFailures', () => {
  test.each([
    ['null', null],
    ['an empty object', {}],
    ['an empty list', { batchItemFailures: [] }],
    ['a null list', { batchItemFailures: null }],
  ])('%s means that all is done', (_, answer) => {
    expect(read(answer)).toEqual({ kind: 'all-done' });
  });

  test.each([
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['another key', { batchItemFailures: [{ id: 'a' }] }],
    ['an identifier that is not in the batch', { batchItemFailures: [{ itemIdentifier: 'z' }] }],
    ['one good and one unknown identifier', { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'z' }] }],
    ['a text', 'done'],
  ])('%s fails the whole batch', (_, answer) => {
    expect(read(answer).kind).toBe('all-failed');
  });

  test('names what failed', () => {
    expect(read({ batchItemFailures: [{ itemIdentifier: 'b' }] })).toEqual({
      kind: 'some-failed',
      failed: new Set(['b']),
    });
  });
});
