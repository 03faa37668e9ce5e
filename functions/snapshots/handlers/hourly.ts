import type { BatchResponse } from '../../../shared/lambda/batch.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { awsPorts } from '../aws/compose.ts';
import { recordMetrics } from '../aws/metrics.ts';
import { answerOf, type Report } from '../run/report.ts';
import { serve } from '../run/serve.ts';
import { settingsOf } from '../run/settings.ts';
import { readTrigger } from '../run/trigger.ts';

/** Every hour: one snapshot per database, expiry, a report; by messages to itself it goes on with what was left. With a command: the same path, dry or not. */
export const handler = lambda<unknown, Report | BatchResponse>({
  function: 'snapshots',
  run: async (event, { config, region, logger, metrics, deadline }) => {
    const settings = settingsOf(config);
    const asked = readTrigger(event, Date.now());
    const served = await serve(awsPorts(config, region, deadline), settings, deadline, Date.now)(asked);
    const answer = answerOf(asked, served);
    for (const report of answer.reports) {
      say(logger, report.sentence, { counts: report.counts }, report.result === 'OK' ? 'info' : 'warn');
      for (const line of report.lines) say(logger, line);
    }
    for (const sentence of served.sentences) say(logger, sentence);
    for (const ran of served.runs) recordMetrics(metrics, config.stage, ran, settings);
    return answer.toCaller;
  },
});
