// What a function's answer says about its batch. Partial answers are easy to get wrong, and AWS reads them strictly:
// docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html and services-ddb-batchfailurereporting.html.

/** Which records of a batch are done. `failed` holds identifiers that are in the batch. */
export type BatchVerdict =
  | { kind: 'all-done' }
  | { kind: 'all-failed'; because: string }
  | { kind: 'some-failed'; failed: ReadonlySet<string> };

/** Reads the answer (JSON text) of a function with ReportBatchItemFailures. */
export const readBatchResponse = (payload: string, identifiers: ReadonlySet<string>): BatchVerdict => {
  const answer = JSON.parse(payload) as unknown;
  // No answer, an empty one, and no failures mean success.
  if (answer === null) return { kind: 'all-done' };
  if (typeof answer !== 'object') return { kind: 'all-failed', because: 'the answer is not an object' };
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return { kind: 'all-done' };
  if (!Array.isArray(failures)) return { kind: 'all-failed', because: 'batchItemFailures is not an array' };
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    const identifier = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof identifier !== 'string' || identifier === '')
      return { kind: 'all-failed', because: 'an itemIdentifier is missing, null or empty' };
    if (!identifiers.has(identifier))
      return { kind: 'all-failed', because: `the itemIdentifier ${identifier} is not in the batch` };
    failed.add(identifier);
  }
  return failed.size === 0 ? { kind: 'all-done' } : { kind: 'some-failed', failed };
};
