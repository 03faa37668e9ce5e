// What happens to a batch of stream records after an attempt: the rules alone, as values.
// docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html and services-ddb-batchfailurereporting.html
import { readBatchResponse } from './batch-response.ts';
import type { Outcome } from './function.ts';

export type StreamRules = { reportsItemFailures: boolean; bisect: boolean; maxRetries: number };

/** A part of a batch that waits its turn, in order. `attempts` failed so far. */
export type Portion<R> = { records: readonly R[]; attempts: number };

export type Step<R> =
  | { kind: 'done' }
  /** Go on with these portions, the first one first; wait before it when `isRetry`. */
  | { kind: 'go-on'; portions: Portion<R>[]; isRetry: boolean }
  | { kind: 'discard'; records: readonly R[]; attempts: number };

/** Decides what to do with a portion after its attempt. `idOf` gives a record's sequence number. */
export const stepAfter = <R>(
  outcome: Outcome,
  portion: Portion<R>,
  rules: StreamRules,
  idOf: (record: R) => string,
): Step<R> => {
  // A throttled batch has not been tried: it is retried until its records expire, and uses up no retry.
  if (outcome.kind === 'throttled') return { kind: 'go-on', portions: [portion], isRetry: true };
  const failedFrom = outcome.kind === 'ok' ? firstFailure(outcome.payload, portion.records, rules, idOf) : 0;
  if (failedFrom === undefined) return { kind: 'done' };
  const left = portion.records.slice(failedFrom);
  // The checkpoint moved up to the lowest failure: the rest is a new, smaller batch with retries of its own. With bisect
  // the report is where the batch is cut, and a cut uses up no retry.
  if (failedFrom > 0 && rules.bisect)
    return { kind: 'go-on', portions: [{ records: left, attempts: 0 }], isRetry: true };
  if (rules.bisect && left.length > 1) {
    const half = Math.ceil(left.length / 2);
    const portions = [left.slice(0, half), left.slice(half)].map((records) => ({
      records,
      attempts: portion.attempts,
    }));
    return { kind: 'go-on', portions, isRetry: true };
  }
  const attempts = failedFrom > 0 ? 1 : portion.attempts + 1;
  if (rules.maxRetries >= 0 && attempts > rules.maxRetries) return { kind: 'discard', records: left, attempts };
  return { kind: 'go-on', portions: [{ records: left, attempts }], isRetry: true };
};

/** The index of the lowest failed record; undefined when all are done. */
const firstFailure = <R>(
  payload: string,
  records: readonly R[],
  { reportsItemFailures }: StreamRules,
  idOf: (record: R) => string,
): number | undefined => {
  if (!reportsItemFailures) return undefined;
  const verdict = readBatchResponse(payload, new Set(records.map(idOf)));
  if (verdict.kind === 'all-done') return undefined;
  if (verdict.kind === 'all-failed') return 0;
  return records.findIndex((record) => verdict.failed.has(idOf(record)));
};
