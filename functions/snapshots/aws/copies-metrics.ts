import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { HOUR_MS } from '../core/calendar.ts';
import type { CopySettings } from '../core/policy.ts';
import type { CopyRun } from '../run/copies.ts';

/** A copy may be this much older than planned before it counts as late: its snapshot takes time, and so does the copy. */
const LATE_AFTER_HOURS = 3;

/** The numbers of a run of copies, for all databases together. CopyRunCompleted is the heartbeat, whatever the result. */
export const recordCopyMetrics = (
  metrics: Pick<Metrics, 'addMetric' | 'addDimension'>,
  stage: string,
  { everyHours }: Pick<CopySettings, 'everyHours'>,
  { plan, outcome }: Pick<CopyRun, 'plan' | 'outcome'>,
): void => {
  const { counts, result, worstAgeMs, withoutGood } = outcome;
  const oldestMs = plan.nowMs - (everyHours + LATE_AFTER_HOURS) * HOUR_MS;
  const late = plan.databases.filter(
    ({ wanted, newestGoodMs }) => wanted && (newestGoodMs === undefined || newestGoodMs < oldestMs),
  );
  metrics.addDimension('stage', stage);
  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  count('CopyRunCompleted', 1);
  count('CopyRunNotOk', result === 'OK' ? 0 : 1);
  count('DatabasesWithoutGoodCopy', withoutGood);
  count('CopiesInBreach', late.length);
  count('CopiesStarted', counts.started);
  count('CopiesFailed', counts.failed);
  count('CopiesInFlight', counts.inFlight + counts.started);
  count('CopiesWaiting', counts.waiting);
  count('CopiesDeleted', counts.deleted);
  if (worstAgeMs !== undefined) metrics.addMetric('WorstCopyAge', MetricUnit.Seconds, worstAgeMs / 1000);
};
