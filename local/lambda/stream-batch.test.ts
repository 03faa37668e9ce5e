import { describe, expect, test } from '@jest/globals';
import type { Outcome } from './function.ts';
import { type StreamRules, stepAfter } from './stream-batch.ts';

const rules: StreamRules = { reportsItemFailures: true, bisect: false, maxRetries: -1 };
const ok = (answer: unknown): Outcome => ({ kind: 'ok', requestId: 'r', payload: JSON.stringify(answer) });
const failed: Outcome = { kind: 'function-error', requestId: 'r', payload: '{}' };
const failures = (...ids: string[]) => ok({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const step = (outcome: Outcome, given: Partial<StreamRules> = {}, attempts = 0) =>
  stepAfter(outcome, { records: ['1', '2', '3', '4'], attempts }, { ...rules, ...given }, (record) => record);

// docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
describe('partial failures of a stream batch', () => {
  test('the checkpoint moves up to the lowest failure, whatever the order of the report', () => {
    expect(step(failures('4', '2'))).toEqual({
      kind: 'go-on',
      portions: [{ records: ['2', '3', '4'], attempts: 1 }],
      isRetry: true,
    });
  });
  test('nothing reported is success', () => {
    expect(step(failures())).toEqual({ kind: 'done' });
  });
  test('an unknown sequence number fails the whole batch', () => {
    expect(step(failures('9'))).toMatchObject({ portions: [{ records: ['1', '2', '3', '4'], attempts: 1 }] });
  });
  test('without ReportBatchItemFailures the answer is not read', () => {
    expect(step(failures('1'), { reportsItemFailures: false })).toEqual({ kind: 'done' });
  });
  test('with bisect, a reported failure cuts where it stands, not in the middle', () => {
    expect(step(failures('2'), { bisect: true })).toMatchObject({ portions: [{ records: ['2', '3', '4'] }] });
  });
});

// docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
describe('failed stream batches', () => {
  test('are retried for ever unless told otherwise', () => {
    expect(step(failed, {}, 1_000)).toMatchObject({ kind: 'go-on', portions: [{ attempts: 1_001 }] });
  });
  test('are given up when the retries are used up: n retries are n + 1 attempts', () => {
    expect(step(failed, { maxRetries: 2 }, 1)).toMatchObject({ kind: 'go-on' });
    expect(step(failed, { maxRetries: 2 }, 2)).toMatchObject({ kind: 'discard', attempts: 3 });
  });
  test('without retries, what failed is given up and what came before it is kept', () => {
    expect(step(failures('3'), { maxRetries: 0 })).toEqual({ kind: 'discard', records: ['3', '4'], attempts: 1 });
  });
  test('bisect halves in order and uses up no retry', () => {
    expect(step(failed, { bisect: true, maxRetries: 0 })).toEqual({
      kind: 'go-on',
      portions: [
        { records: ['1', '2'], attempts: 0 },
        { records: ['3', '4'], attempts: 0 },
      ],
      isRetry: true,
    });
  });
  test('throttling uses up no retry', () => {
    expect(step({ kind: 'throttled', requestId: 'r', because: 'x' }, { maxRetries: 0 })).toMatchObject({
      kind: 'go-on',
      portions: [{ attempts: 0 }],
    });
  });
});
