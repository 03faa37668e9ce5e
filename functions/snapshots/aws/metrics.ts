import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Run } from '../run/run.ts';

/**
 * The numbers of a run, for all databases together: a series per database would cost more than the snapshots' calls.
 * RunCompleted is the heartbeat, whatever the result; a run that did not get here sends none, and that alarms.
 */
export const recordMetrics = (metrics: Pick<Metrics, 'addMetric' | 'addDimension'>, stage: string, run: Run): void => {
  const { counts, result, worstAgeMs, withoutGood } = run.outcome;
  metrics.addDimension('stage', stage);
  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  count('RunCompleted', 1);
  count('RunNotOk', result === 'OK' ? 0 : 1);
  count('RunFailed', result === 'FAILED' ? 1 : 0);
  count('DatabasesSelected', counts.selected);
  count('DatabasesWithoutGoodSnapshot', withoutGood);
  count('SnapshotsTaken', counts.created);
  count('SnapshotsFailed', counts.failed);
  count('SnapshotsDeleted', counts.deleted);
  count('LeftOutByQuota', counts.leftOutByQuota);
  count('QuotaForecastShort', run.plan.forecasts.filter(({ fits }) => !fits).length);
  if (worstAgeMs !== undefined) metrics.addMetric('WorstSnapshotAge', MetricUnit.Seconds, worstAgeMs / 1000);
};
