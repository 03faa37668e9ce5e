import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { openSearchLogDays } from '../aws/log-days.ts';
import { openWiring } from '../aws/wiring.ts';
import { once } from '../run/once.ts';
import { deleteOldDays, type RetentionReport } from '../run/retention.ts';

const wiring = once(openWiring);

/** Every day: whole days of log indexes that the config does not keep any more are deleted. By the clock, never by the event: a late one deletes no other days. */
export const handler = lambda<unknown, RetentionReport>({
  function: 'retention',
  run: async (_event, { config, region, logger }) => {
    const report = await deleteOldDays(openSearchLogDays(wiring(config, region).http), config.search.logs, Date.now());
    for (const sentence of report.sentences) say(logger, sentence);
    return report;
  },
});
