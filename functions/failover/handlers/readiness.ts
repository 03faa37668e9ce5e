import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { errorText } from '../../../shared/aws/errors.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { readinessPorts } from '../aws/readiness-compose.ts';
import { watchReadiness } from '../run/readiness-watch.ts';
import { policyOf } from '../run/settings.ts';

/** In the recovery region, every half hour: would a failover of each pair work today? */
export const handler = lambda<unknown, { pair: string; blocked: string[] }[]>({
  function: 'readiness',
  run: async (_event, { config, logger, metrics }) => {
    const portsOf = readinessPorts(config, (sentence, facts) => say(logger, sentence, facts, 'warn'));
    const found = await Promise.all(
      config.failover.pairs.map(async (pair) => {
        const policy = policyOf(config, pair);
        const checks = await watchReadiness(portsOf(policy.kind), policy, pair.login).catch((error: unknown) => {
          say(logger, `The readiness of ${pair.name} could not be looked at: ${errorText(error)}.`, {}, 'error');
          return undefined;
        });
        for (const { name, state, sentence } of checks ?? [])
          if (state !== 'ready') say(logger, `${pair.name}, ${name}: ${sentence}`, { state }, 'warn');
        return { pair: pair.name, checks };
      }),
    );
    for (const { pair, checks } of found) {
      // No number where nothing could be looked at: 0 would say that all is well.
      if (checks === undefined) continue;
      const one = metrics.singleMetric();
      one.addDimension('stage', config.stage);
      one.addDimension('pair', pair);
      one.addMetric('NotReady', MetricUnit.Count, checks.filter(({ state }) => state === 'blocked').length);
    }
    return found.map(({ pair, checks }) => ({
      pair,
      blocked: (checks ?? []).filter(({ state }) => state === 'blocked').map(({ sentence }) => sentence),
    }));
  },
});
