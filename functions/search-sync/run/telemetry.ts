import type { LambdaContext } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import type { GenerationsReport } from './sync-generations.ts';

/** Says what a batch came to: one sentence at the level it deserves, and counts for the alarms. */
export const recordSync = (
  { logger, metrics }: Pick<LambdaContext, 'logger' | 'metrics'>,
  report: GenerationsReport,
  sentence: string,
): void => {
  const level =
    report.incident !== undefined || report.abandoned !== undefined
      ? 'error'
      : report.stubbed + report.malformed > 0
        ? 'warn'
        : 'info';
  say(logger, sentence, report, level);
  metrics.addMetric('SyncRecords', 'Count', report.records);
  metrics.addMetric('SyncWritten', 'Count', report.written);
  metrics.addMetric('SyncRepaired', 'Count', report.repaired);
  metrics.addMetric('SyncDeadLetters', 'Count', report.stubbed + report.malformed);
  metrics.addMetric('SyncUndone', 'Count', report.undone);
  metrics.addMetric('SyncIncidents', 'Count', level === 'error' ? 1 : 0);
};
