import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Endpoint } from '../core/evidence.ts';
import { builtInPlaceOf } from '../core/names-reader.ts';

/** 1 when a reader answered the observer in its VPC, 0 when not: Route 53 takes it out by the alarm on this (resources/failover-names.ts). */
export const recordReader = async <Report>(
  metrics: Pick<Metrics, 'singleMetric'>,
  stage: string,
  at: Endpoint,
  seen: Promise<Report>,
): Promise<Report> => {
  // An RDS endpoint begins with the instance's identifier (docs: CHAP_CommonTasks.Connect).
  const instance = at.host.split('.')[0] ?? at.host;
  const record = (answers: 0 | 1) => {
    // The alarm was deployed for the instance of the config: one that was built in its place speaks for it.
    for (const name of new Set([instance, builtInPlaceOf(instance)])) {
      const one = metrics.singleMetric();
      one.addDimension('stage', stage);
      one.addDimension('instance', name);
      one.addMetric('ReaderAnswers', MetricUnit.Count, answers);
    }
  };
  try {
    const report = await seen;
    record(1);
    return report;
  } catch (error) {
    record(0);
    throw error;
  }
};
