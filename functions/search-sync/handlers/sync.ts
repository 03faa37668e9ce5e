import type { DynamoDBStreamEvent } from 'aws-lambda';
import { type BatchResponse, batchFailures } from '../../../shared/lambda/batch.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { openDeadLetters } from '../aws/dead-letter-wiring.ts';
import { openWiring, realPatience, targetOf } from '../aws/wiring.ts';
import { generationsSentence } from '../core/sentences.ts';
import { streamTarget } from '../core/stream-target.ts';
import { once } from '../run/once.ts';
import { syncGenerations } from '../run/sync-generations.ts';
import { recordSync } from '../run/telemetry.ts';

const wiring = once(openWiring);
const letters = once(openDeadLetters);

/** DynamoDB stream → OpenSearch. What is not done is delivered again, from the lowest failure on. */
export const handler = lambda<DynamoDBStreamEvent, BatchResponse>({
  function: 'sync',
  run: async (event, { config, region, logger, metrics, deadline }) => {
    const { table, stream } = streamTarget(config.search.tables, event.Records[0]?.eventSourceARN);
    const ports = wiring(config, region).portsOf(table, realPatience(deadline.remainingMs));
    const target = { ...targetOf(table), stream };
    const report = await syncGenerations({ ...ports, deadLetters: letters(config, region) }, target, event.Records);
    recordSync({ logger, metrics }, report, generationsSentence(report));
    return batchFailures(report.checkpoint === undefined ? [] : [report.checkpoint]);
  },
});
