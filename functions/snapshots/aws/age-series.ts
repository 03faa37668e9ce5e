import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Database } from '../core/inventory.ts';

/** A series for each database: CloudWatch bills each as a custom metric, so it is asked for by name in the config. */
export const recordAges = (
  metrics: Pick<Metrics, 'singleMetric'>,
  stage: string,
  name: 'SnapshotAge' | 'CopyAge',
  databases: readonly { database: Database; newestGoodMs: number | undefined }[],
  nowMs: number,
): void => {
  for (const { database, newestGoodMs } of databases) {
    if (newestGoodMs === undefined) continue;
    const one = metrics.singleMetric();
    one.addDimension('stage', stage);
    one.addDimension('database', database.id);
    one.addMetric(name, MetricUnit.Seconds, (nowMs - newestGoodMs) / 1000);
  }
};
