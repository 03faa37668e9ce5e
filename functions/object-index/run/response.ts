import type { BatchResponse } from '../../../shared/lambda/batch.ts';
import { DIRECT_MESSAGE } from '../core/event.ts';

/** A direct invocation has no batch to answer: it fails as a whole, so that Lambda retries it and then keeps it. */
export const batchOrThrow = (response: BatchResponse, sentence: string): BatchResponse => {
  if (response.batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === DIRECT_MESSAGE))
    throw new Error(sentence);
  return response;
};
