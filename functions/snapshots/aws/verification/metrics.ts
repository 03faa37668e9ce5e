import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { TickReport } from '../../run/verification/report.ts';

/** The numbers of a tick. VerifyTickCompleted is the heartbeat: throw-away databases cost money while nobody ticks. */
export const recordVerificationMetrics = (
  metrics: Pick<Metrics, 'addMetric' | 'addDimension'>,
  stage: string,
  { counts, worstAgeMs, neverProven }: TickReport,
): void => {
  metrics.addDimension('stage', stage);
  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  count('VerifyTickCompleted', 1);
  count('VerificationFailed', counts.failed);
  count('VerificationInconclusive', counts.inconclusive);
  count('VerificationsOpen', counts.open);
  count('Strays', counts.strays + counts.stuck);
  if (neverProven !== undefined) count('DatabasesNeverProven', neverProven);
  if (worstAgeMs !== undefined) metrics.addMetric('WorstVerificationAge', MetricUnit.Seconds, worstAgeMs / 1000);
};
