import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { BatchResponse } from '../../../shared/lambda/batch.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { composeJobs } from '../aws/compose.ts';
import type { Job } from '../core/job.ts';
import type { JobDeps } from '../run/job.ts';
import { maintain } from '../run/maintain.ts';

let deps: JobDeps | undefined;

/** Backfill, audit, repair and closing: started by a schedule or a person, continued by messages to itself. */
export const handler = lambda<Record<string, unknown>, Job | BatchResponse>({
  function: 'maintain-objects',
  run: async (event, { config, region, logger, metrics, deadline }) => {
    deps ??= composeJobs(config, region);
    const { jobs, sentences, toCaller } = await maintain(event, deps, deadline);
    for (const sentence of sentences) say(logger, sentence);
    for (const { kind, state, progress } of jobs) {
      if (kind !== 'audit' || state !== 'done') continue;
      const { missing = 0, mismatched = 0, phantoms = 0 } = progress;
      metrics.addMetric('objectsDiffering', MetricUnit.Count, missing + mismatched + phantoms);
    }
    return toCaller;
  },
});
