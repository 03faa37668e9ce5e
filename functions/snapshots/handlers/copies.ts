import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { awsCopyPorts, copySettingsOf } from '../aws/copies-compose.ts';
import { recordCopyMetrics } from '../aws/copies-metrics.ts';
import { runCopies } from '../run/copies.ts';
import { type CopyReport, copyReportOf } from '../run/copies-report.ts';
import { readCopyTrigger } from '../run/copies-trigger.ts';

/** In the recovery region: a sweep, or a hint that there may be something to copy. With a command: the same path, dry. */
export const handler = lambda<unknown, CopyReport | { nothing: string }>({
  function: 'copies',
  run: async (event, { config, logger, metrics, deadline }) => {
    const trigger = readCopyTrigger(event, config.regions, Date.now());
    if (trigger.kind === 'nothing') return { nothing: `none of ${trigger.hints} messages is about a snapshot to copy` };
    const settings = copySettingsOf(config);
    const run = await runCopies(awsCopyPorts(config, deadline), settings, deadline)(trigger.request);
    const report = copyReportOf(run, trigger.request.dryRun);
    say(logger, report.sentence, { counts: report.counts }, report.result === 'OK' ? 'info' : 'warn');
    for (const line of report.lines) say(logger, line);
    if (!trigger.request.dryRun) recordCopyMetrics(metrics, config.stage, settings.copies, run);
    return report;
  },
});
