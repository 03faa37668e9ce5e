import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { awsVerificationPorts } from '../aws/verification/compose.ts';
import { recordVerificationMetrics } from '../aws/verification/metrics.ts';
import { serveVerify } from '../run/verification/serve.ts';
import { readVerifyTrigger, tickMoment, verifyingSettingsOf } from '../run/verification/trigger.ts';

/** Every five minutes: strays, what is due, the next steps. With a command: one database now, or the list. */
export const handler = lambda({
  function: 'verify',
  run: async (event: unknown, { config, region, logger, metrics, deadline }) => {
    const trigger = readVerifyTrigger(event);
    const settings = verifyingSettingsOf(config);
    const ports = awsVerificationPorts(config, region, settings, tickMoment(trigger, Date.now()));
    const served = await serveVerify(ports, settings, deadline)(trigger);
    for (const report of served.reports) {
      say(logger, report.sentence, { counts: report.counts }, report.result === 'OK' ? 'info' : 'warn');
      for (const line of report.lines) say(logger, line);
      recordVerificationMetrics(metrics, config.stage, report);
    }
    return served.toCaller;
  },
});
