// Event-source mappings, as the template describes them (docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html).

type Mapping = {
  id: string;
  region: string;
  functionName: string;
  functionArn: string;
  sourceArn: string;
  batchSize: number;
  windowSeconds: number;
  reportsItemFailures: boolean;
  /** Event patterns, any of which lets a record in; none lets all in. */
  filters: unknown[];
  enabled: boolean;
};

/** An SQS queue → function mapping. */
export type QueueMapping = Mapping & { maximumConcurrency?: number };

/** A DynamoDB stream → function mapping. -1 is "for ever". */
export type StreamMapping = Mapping & {
  startingPosition: 'TRIM_HORIZON' | 'LATEST';
  bisect: boolean;
  /** Batches of one shard at once, 1 to 10. */
  parallelization: number;
  maxRetries: number;
  maxAgeSeconds: number;
  onFailureArn?: string;
};

/** How a mapping is doing. */
export type MappingStatus = {
  id: string;
  region: string;
  functionName: string;
  functionArn: string;
  sourceArn: string;
  batchSize: number;
  state: 'Enabled' | 'Disabled';
  lastResult: string;
  /** Records or messages that are done with: processed, filtered out or given up. */
  doneCount: number;
  invocations: number;
};

/** A mapping's status, from what it is and what it has seen. */
export const mappingStatus = (
  { id, region, functionName, functionArn, sourceArn, batchSize }: Mapping,
  enabled: boolean,
  seen: Pick<MappingStatus, 'lastResult' | 'doneCount' | 'invocations'>,
): MappingStatus => ({
  id,
  region,
  functionName,
  functionArn,
  sourceArn,
  batchSize,
  state: enabled ? 'Enabled' : 'Disabled',
  ...seen,
});

export type OpenMapping = { status(): MappingStatus; pause(): void; resume(): void; stop(): Promise<void> };

// docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
const QUEUE_BATCH_LIMIT = 10_000;
const PLAIN_QUEUE_BATCH = 10;

/** What AWS would refuse about a mapping, as sentences; empty when it is good. */
export const mappingProblems = (
  mapping: Pick<Mapping, 'batchSize' | 'windowSeconds'>,
  queue?: { visibilityTimeoutSeconds: number; functionTimeoutSeconds: number },
): string[] => {
  const problems: string[] = [];
  if (mapping.batchSize < 1 || mapping.batchSize > QUEUE_BATCH_LIMIT)
    problems.push(`a batch size from 1 to ${QUEUE_BATCH_LIMIT} is expected, not ${mapping.batchSize}`);
  if (mapping.windowSeconds < 0 || mapping.windowSeconds > 300)
    problems.push(`a batching window from 0 to 300 seconds is expected, not ${mapping.windowSeconds}`);
  if (!queue) return problems;
  if (mapping.batchSize > PLAIN_QUEUE_BATCH && mapping.windowSeconds < 1)
    problems.push('a queue with a batch size above 10 needs a batching window of at least 1 second');
  if (queue.visibilityTimeoutSeconds < queue.functionTimeoutSeconds)
    problems.push(
      `the queue's visibility timeout (${queue.visibilityTimeoutSeconds} s) is less than the function's timeout (${queue.functionTimeoutSeconds} s)`,
    );
  return problems;
};
