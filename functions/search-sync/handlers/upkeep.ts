import type { SQSEvent } from 'aws-lambda';
import { type BatchResponse, batchFailures } from '../../../shared/lambda/batch.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { openUpkeep } from '../aws/upkeep-wiring.ts';
import { realPatience, targetOf } from '../aws/wiring.ts';
import { readFillMessage } from '../core/fill-message.ts';
import { fillSentence } from '../core/sentences.ts';
import { fillPart } from '../run/backfill.ts';
import { once } from '../run/once.ts';

const upkeep = once(openUpkeep);

/** One part of a backfill for as long as this invocation may last; a message to itself goes on from the cursor. */
export const handler = lambda<SQSEvent, BatchResponse>({
  function: 'upkeep',
  run: async (event, { config, region, logger, metrics, deadline }) => {
    const { portsOf, continuations } = upkeep(config, region);
    for (const { body } of event.Records) {
      const { table, ...part } = readFillMessage(body, config.search.tables);
      const ports = portsOf(table, realPatience(deadline.remainingMs));
      const filled = await fillPart(ports, { ...targetOf(table), index: part.index }, part.segment);
      if (filled.kind === 'continue') await continuations.send({ table: table.name, ...part });
      if (filled.kind !== 'overtaken') say(logger, fillSentence(filled.fill, filled.kind), filled.fill);
      metrics.addMetric('BackfillParts', 'Count', filled.kind === 'done' ? 1 : 0);
    }
    return batchFailures([]);
  },
});
