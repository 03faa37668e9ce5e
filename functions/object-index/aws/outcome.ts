import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { fromItem } from '../../../shared/aws/attribute-value.ts';
import { errorCode, errorText, httpStatus, isThrottle } from '../../../shared/aws/errors.ts';
import type { CommitResult, CounterVerdict, RowVerdict } from '../run/ports.ts';
import { rowOf } from './item.ts';

// Reasons of a cancelled transaction (docs: API_TransactWriteItems). The SDK does not retry one, whatever its reasons.
const BUSY = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded']);

/** What a failed TransactWriteItems means. Throws the error again where another attempt can not help. */
export const outcomeOf = (error: unknown, rowCount: number): CommitResult => {
  if (error instanceof TransactionCanceledException) {
    const reasons = error.CancellationReasons ?? [];
    return {
      kind: 'cancelled',
      rows: reasons.slice(0, rowCount).map(rowVerdict),
      counters: reasons.slice(rowCount).map(counterVerdict),
    };
  }
  const because = errorText(error);
  if (isThrottle(error)) return { kind: 'throttled', because };
  const code = errorCode(error) ?? '';
  if (code === 'TransactionInProgressException') return { kind: 'unknown', because };
  if (/^(ValidationException|ItemCollectionSizeLimitExceeded|IdempotentParameterMismatch)/.test(code)) {
    return { kind: 'refused', because };
  }
  const status = httpStatus(error);
  // No answer, or half of one: it may have been applied. Only a clear "no" to the request itself is thrown on.
  if (status === undefined || status >= 500) return { kind: 'unknown', because };
  throw error;
};

const rowVerdict = (reason: CancellationReason): RowVerdict =>
  reason.Code === 'ConditionalCheckFailed'
    ? { kind: 'changed', current: reason.Item === undefined ? undefined : rowOf(fromItem(reason.Item)) }
    : counterVerdict(reason);

const counterVerdict = ({ Code: code = 'None', Message }: CancellationReason): CounterVerdict => {
  if (code === 'None') return { kind: 'fine' };
  if (code === 'TransactionConflict') return { kind: 'conflict' };
  if (BUSY.has(code)) return { kind: 'throttled' };
  return { kind: 'refused', because: Message ?? code };
};
