import { Logger } from '@aws-lambda-powertools/logger';

/** The structured logger of one function: JSON lines, level from POWERTOOLS_LOG_LEVEL. */
export const openLogger = (functionName: string): Logger => new Logger({ serviceName: functionName });

/** Logs one decision: the sentence is the message, and the facts it was taken on are its fields. */
export const say = (
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  sentence: string,
  facts: object = {},
  level: 'info' | 'warn' | 'error' = 'info',
): void => {
  logger[level](sentence, { facts });
};
