import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { awsPorts } from '../aws/compose.ts';
import { recordMetrics } from '../aws/metrics.ts';
import { formatInstant } from '../core/calendar.ts';
import { type Report, reportOf } from '../run/report.ts';
import { runSnapshots } from '../run/run.ts';
import { settingsOf } from '../run/settings.ts';
import { readTrigger } from '../run/trigger.ts';

/** Every hour: one snapshot per database, expiry, a report. With a command: the same path, dry. */
export const handler = lambda<unknown, Report>({
  function: 'snapshots',
  run: async (event, { config, region, logger, metrics, deadline }) => {
    const request = readTrigger(event, Date.now());
    const run = await runSnapshots(awsPorts(config, region), settingsOf(config), deadline)(request);
    const report = reportOf(run, formatInstant(run.plan.slotMs), request.dryRun);
    say(logger, report.sentence, { counts: report.counts }, report.result === 'OK' ? 'info' : 'warn');
    for (const line of report.lines) say(logger, line);
    if (!request.dryRun) recordMetrics(metrics, config.stage, run);
    return report;
  },
});
