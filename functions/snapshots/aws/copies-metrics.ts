import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { isLate } from '../core/copies.ts';
import type { CopySettings } from '../core/policy.ts';
import type { CopyRun } from '../run/copies.ts';

/** The numbers of a run of copies, for all databases together. CopyRunCompleted is the heartbeat, whatever the result. */
export const recordCopyMetrics = (
  metrics: Pick<Metrics, 'addMetric' | 'addDimension'>,
  stage: string,
  settings: Pick<CopySettings, 'everyHours'>,
  { plan, outcome }: Pick<CopyRun, 'plan' | 'outcome'>,
): void => {
  const { counts, result, worstAgeMs, withoutGood } = outcome;
  const late = plan.databases.filter((one) => isLate(one, settings, plan.nowMs));
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
