import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { awsCopyPorts, copySettingsOf } from '../aws/copies/compose.ts';
import { recordCopyMetrics } from '../aws/copies/metrics.ts';
import type { CopyReport } from '../run/copies/report.ts';
import { serveCopies } from '../run/copies/serve.ts';
import { readCopyTrigger } from '../run/copies/trigger.ts';

/** In the recovery region: a sweep, or a hint that there may be something to copy. With a command: the same path, dry. */
export const handler = lambda<unknown, CopyReport | { nothing: string }>({
  function: 'copies',
  run: async (event, { config, logger, metrics, deadline }) => {
    const trigger = readCopyTrigger(event, config.regions, Date.now());
    const settings = copySettingsOf(config);
    const served = await serveCopies(awsCopyPorts(config, deadline), settings, deadline)(trigger);
    for (const report of served.reports) {
      say(logger, report.sentence, { counts: report.counts }, report.result === 'OK' ? 'info' : 'warn');
      for (const line of report.lines) say(logger, line);
    }
    for (const ran of served.runs) recordCopyMetrics(metrics, config.stage, settings, ran);
    return served.toCaller;
  },
});
