import type { LambdaContext } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { type DriftReport, isEqualNow } from '../core/drift.ts';
import { comparisonBegunSentence, comparisonSentence, fillSentence } from '../core/sentences.ts';
import type { GenerationsReport } from './sync-generations.ts';
import type { UpkeepDone } from './upkeep.ts';

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

/** Says what a part of a backfill or of a comparison came to. A comparison that found drift is an error until it was repaired. */
export const recordUpkeep = (
  { logger, metrics }: Pick<LambdaContext, 'logger' | 'metrics'>,
  done: UpkeepDone,
): void => {
  switch (done.kind) {
    case 'filled':
      say(logger, fillSentence(done.fill, done.end), done.fill);
      metrics.addMetric('BackfillParts', 'Count', done.end === 'done' ? 1 : 0);
      break;
    case 'comparison-begun':
      say(logger, comparisonBegunSentence(done.begun), done.begun);
      break;
    case 'not-begun':
      say(logger, `${done.table}: its comparison could not begin: ${done.reason}`, done, 'error');
      metrics.addMetric('SearchDrift', 'Count', 1);
      break;
    case 'compared': {
      const { report } = done.comparison;
      say(logger, comparisonSentence(done.comparison, done.end), report, isEqualNow(report) ? 'info' : 'error');
      if (done.end === 'done') metrics.addMetric('SearchDrift', 'Count', left(report));
    }
  }
};

/** What differs still; at least one where a repair failed. */
const left = (report: DriftReport): number =>
  isEqualNow(report) ? 0 : Math.max(1, report.missing + report.stale + report.ghosts - report.repaired);
