import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { type BatchResponse, batchFailures } from '../../../shared/lambda/batch.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { composeIndexing } from '../aws/compose.ts';
import { ingestBatch } from '../run/ingest.ts';
import { batchOrThrow } from '../run/response.ts';

let deps: ReturnType<typeof composeIndexing> | undefined;

/** S3 events from the queue (or straight from S3 or EventBridge) into the table. */
export const handler = lambda<unknown, BatchResponse>({
  function: 'index-objects',
  run: async (event, { config, region, logger, metrics, deadline }) => {
    deps ??= composeIndexing(config, region);
    const { sentence, failedMessageIds, ...facts } = await ingestBatch(event, deps, deadline);
    say(logger, sentence, facts, failedMessageIds.length + facts.unreadable.length > 0 ? 'warn' : 'info');
    metrics.addMetric('objectsIndexed', MetricUnit.Count, facts.set + facts.removed);
    metrics.addMetric('eventsFailed', MetricUnit.Count, failedMessageIds.length + facts.unreadable.length);
    return batchOrThrow(batchFailures(failedMessageIds), sentence);
  },
});
