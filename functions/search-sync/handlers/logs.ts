import type { CloudWatchLogsEvent } from 'aws-lambda';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { openSearchDayIndexes } from '../aws/day-indexes.ts';
import { openDeadLetters } from '../aws/dead-letter-wiring.ts';
import { ensureLogTemplate } from '../aws/ensure-index.ts';
import { openWiring, realPatience } from '../aws/wiring.ts';
import { type LogsReport, logsSentence } from '../core/sentences.ts';
import { indexLogs } from '../run/logs.ts';
import { once, onceAsync } from '../run/once.ts';

const wiring = once(openWiring);
const letters = once(openDeadLetters);
const days = once((...[config, region]: Parameters<typeof openWiring>) =>
  openSearchDayIndexes(wiring(config, region).http),
);
const templates = onceAsync(async (...[config, region]: Parameters<typeof openWiring>) => {
  for (const { indexPrefix } of config.search.logs) await ensureLogTemplate(wiring(config, region).http, indexPrefix);
});

/** Log group → one index per UTC day. Throws when not all is indexed: Lambda delivers again, and duplicates do no harm. */
export const handler = lambda<CloudWatchLogsEvent, LogsReport | { controlMessage: true }>({
  function: 'logs',
  run: async (event, { config, region, logger, deadline }) => {
    await templates(config, region);
    const { index, hash } = wiring(config, region);
    const ports = {
      index,
      hash,
      days: days(config, region),
      deadLetters: letters(config, region),
      patience: realPatience(deadline.remainingMs),
    };
    const report = await indexLogs(ports, config.search.logs, event.awslogs.data);
    if (report === undefined) return { controlMessage: true };
    say(logger, logsSentence(report));
    return report;
  },
});
