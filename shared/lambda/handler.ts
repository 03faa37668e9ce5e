import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { deployedConfig } from '../config/load.ts';
import type { Config, RegionRole } from '../config/schema.ts';
import { openLogger } from '../observability/logger.ts';
import { openMetrics } from '../observability/metrics.ts';
import { type Deadline, deadlineOf } from './deadline.ts';
import { pinnedRole } from './pinned.ts';

/** What every function is given beside its event. */
export interface LambdaContext {
  config: Config;
  account: string;
  region: string;
  role: RegionRole;
  logger: Logger;
  metrics: Metrics;
  deadline: Deadline;
}

export interface LambdaSpec<Event, Result> {
  /** The function's name in serverless.yml. */
  function: string;
  run: (event: Event, context: LambdaContext) => Promise<Result>;
}

/** The middy stack of every function: place pinned, logger, metrics, deadline; then `run`. Throws WrongPlaceError and ConfigError before any call. */
export const lambda = <Event, Result>({ function: name, run }: LambdaSpec<Event, Result>) => {
  const logger = openLogger(name);
  const metrics = openMetrics(name);
  // Powertools warns at every run that measured nothing: most ticks do.
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  // Never the event, whatever POWERTOOLS_LOGGER_LOG_EVENT says: one of them carries a password.
  const inContext = injectLambdaContext(logger, { logEvent: false });
  return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .use(inContext)
    .use({ after: publish, onError: publish })
    .handler((event, context) => {
      const config = deployedConfig();
      const account = accountOf(context);
      const region = process.env.AWS_REGION;
      const role = pinnedRole(config, account, region);
      return run(event, {
        config,
        account: config.account,
        region: config.regions[role],
        role,
        logger,
        metrics,
        deadline: deadlineOf(context),
      });
    });
};

// In Lambda the function's own ARN says where it runs. `serverless invoke local` gives no ARN: the build plugin asks STS and sets the variable.
const accountOf = (context: Context): string | undefined =>
  context.invokedFunctionArn?.split(':')[4] ?? process.env.MAINSTAY_CALLER_ACCOUNT;
