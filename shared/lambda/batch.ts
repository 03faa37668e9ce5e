/** What Lambda expects of a function with ReportBatchItemFailures (docs: services-sqs-errorhandling, services-dynamodb-errors). */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** A partial batch response: only these items come back. For a stream the lowest one is the checkpoint. */
export const batchFailures = (identifiers: readonly string[]): BatchResponse => ({
  batchItemFailures: [...new Set(identifiers)].map((itemIdentifier) => ({ itemIdentifier })),
});
