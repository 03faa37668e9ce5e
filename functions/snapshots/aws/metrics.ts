import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { HOUR_MS } from '../core/calendar.ts';
import type { Plan } from '../core/plan.ts';
import type { Settings } from '../core/policy.ts';
import { isLeft } from '../core/remaining.ts';
import { isAtRest } from '../core/states.ts';
import type { Ran } from '../run/serve.ts';
import { recordAges } from './age-series.ts';

type Recorder = Pick<Metrics, 'addMetric' | 'addDimension' | 'singleMetric'>;

/**
 * The numbers of a run, for all databases together. RunCompleted is the heartbeat, whatever the result; a run that did not
 * get here sends none, and that alarms. A part of a slot adds what it did itself, so that sums over the hour are right. A
 * dry run has none.
 */
export const recordMetrics = (metrics: Recorder, stage: string, { run, as }: Ran, settings: Settings): void => {
  if (as === 'dry-run') return;
  metrics.addDimension('stage', stage);
  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  const acts = (kind: 'created' | 'deleted') => run.acts.filter((act) => act.kind === kind).length;
  // What is still going on is no failure: its end tells.
  count('RunNotOk', run.settled.result === 'OK' ? 0 : 1);
  count('RunFailed', run.settled.result === 'FAILED' ? 1 : 0);
  count('SnapshotsTaken', acts('created'));
  count('SnapshotsFailed', as === 'part' ? failuresOf(run) : run.settled.counts.failed);
  count('SnapshotsDeleted', acts('deleted'));
  count('Throttles', run.throttles);
  if (as === 'part') return;
  const { counts, worstAgeMs, withoutGood } = run.outcome;
  count('RunCompleted', 1);
  count('DatabasesSelected', counts.selected);
  count('DatabasesWithoutGoodSnapshot', withoutGood);
  count('DatabasesInBreach', inBreach(run.plan, settings));
  count('LeftOutByQuota', counts.leftOutByQuota);
  count('QuotaForecastShort', run.plan.forecasts.filter(({ fits }) => !fits).length);
  if (worstAgeMs !== undefined) metrics.addMetric('WorstSnapshotAge', MetricUnit.Seconds, worstAgeMs / 1000);
  if (!settings.metricsPerDatabase) return;
  const selected = run.plan.databases.filter((one) => one.selected);
  recordAges(metrics, stage, 'SnapshotAge', selected, run.plan.nowMs);
};

const failuresOf = ({ acts, next }: Ran['run']): number =>
  acts.filter(
    (act) => act.kind === 'not-created' && act.because !== 'gone' && !(next.kind === 'handed-on' && isLeft(act)),
  ).length;

/** Selected databases whose newest good snapshot is older than `creationBrokenAfterHours` (and that are not stopped), or that have none. */
const inBreach = ({ databases, nowMs }: Plan, { creationBrokenAfterHours }: Settings): number =>
  databases.filter(
    ({ database, selected, newestGoodMs }) =>
      selected &&
      (newestGoodMs === undefined ||
        (!isAtRest(database.status) && nowMs - newestGoodMs > creationBrokenAfterHours * HOUR_MS)),
  ).length;
