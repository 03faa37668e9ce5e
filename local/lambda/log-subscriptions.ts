// Log group → function: what is put into a group is filtered and handed over as one gzipped envelope
// (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html).
import { gzipSync } from 'node:zlib';
import type { AwsRequest } from '../gateway/service.ts';
import { compileLogFilter } from './log-filter.ts';

/** An AWS::Logs::SubscriptionFilter whose destination is a function. */
export type LogSubscription = { name: string; region: string; logGroup: string; pattern: string; functionArn: string };

type Ports = {
  account: string;
  invoke(
    source: { principal: string; sourceArn: string },
    functionArn: string,
    payload: string,
  ): { done: Promise<void> };
  onError(error: unknown): void;
};

type PutLogEvents = {
  logGroupName?: string;
  logGroupIdentifier?: string;
  logStreamName?: string;
  logEvents?: { timestamp: number; message: string }[];
};

/** Opens the subscriptions; `put` is told of every accepted PutLogEvents. */
export const openLogSubscriptions = ({ account, invoke, onError }: Ports) => {
  const subscriptions: (LogSubscription & { matches: (message: string) => boolean })[] = [];
  let ids = 0n;

  const put = (request: Pick<AwsRequest, 'region' | 'body'>): void => {
    const asked = JSON.parse(request.body.toString('utf8')) as PutLogEvents;
    const logGroup = asked.logGroupName ?? asked.logGroupIdentifier?.split(':log-group:')[1] ?? '';
    for (const one of subscriptions) {
      if (one.region !== request.region || one.logGroup !== logGroup) continue;
      const logEvents = (asked.logEvents ?? [])
        .filter(({ message }) => one.matches(message))
        // 56 digits, growing, as on AWS: they do not fit into a number.
        .map(({ timestamp, message }) => ({
          id: `${String(timestamp).padStart(20, '3')}${String(++ids).padStart(36, '0')}`,
          timestamp,
          message,
        }));
      if (logEvents.length === 0) continue;
      const envelope = {
        messageType: 'DATA_MESSAGE',
        owner: account,
        logGroup,
        logStream: asked.logStreamName ?? '',
        subscriptionFilters: [one.name],
        logEvents,
      };
      const data = gzipSync(JSON.stringify(envelope)).toString('base64');
      const sourceArn = `arn:aws:logs:${one.region}:${account}:log-group:${logGroup}:*`;
      try {
        const { done } = invoke(
          { principal: 'logs.amazonaws.com', sourceArn },
          one.functionArn,
          JSON.stringify({ awslogs: { data } }),
        );
        done.catch(onError);
      } catch (error) {
        onError(error);
      }
    }
  };
  const add = (subscription: LogSubscription): void => {
    subscriptions.push({ ...subscription, matches: compileLogFilter(subscription.pattern) });
  };
  return { put, add };
};
