import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { isLate } from '../../core/copies/copies.ts';
import type { CopySettings, Settings } from '../../core/policy.ts';
import type { CopiesRan } from '../../run/copies/serve.ts';
import { recordAges } from '../age-series.ts';

type Recorder = Pick<Metrics, 'addMetric' | 'addDimension' | 'singleMetric'>;

/** The numbers of a run of copies, for all databases together. CopyRunCompleted is the heartbeat, whatever the result. A dry run has none. */
export const recordCopyMetrics = (
  metrics: Recorder,
  stage: string,
  settings: Pick<Settings, 'metricsPerDatabase'> & { copies: Pick<CopySettings, 'everyHours'> },
  { run: { plan, outcome }, as }: CopiesRan,
): void => {
  if (as === 'dry-run') return;
  const { counts, result, worstAgeMs, withoutGood } = outcome;
  const late = plan.databases.filter((one) => isLate(one, settings.copies, plan.nowMs));
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
  if (!settings.metricsPerDatabase) return;
  const wanted = plan.databases.filter((one) => one.wanted);
  recordAges(metrics, stage, 'CopyAge', wanted, plan.nowMs);
};
