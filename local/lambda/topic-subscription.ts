// SNS → function. ministack delivers to its own functions only, so a queue of ours is subscribed in the function's place:
// filters and message attributes work as SNS does them (docs.aws.amazon.com/lambda/latest/dg/with-sns.html).
import { createHash } from 'node:crypto';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { type Clients, queueUrl } from './clients.ts';
import type { MappingStatus, OpenMapping } from './mapping.ts';

/** A topic's subscription with protocol `lambda`. */
export type TopicSubscription = {
  id: string;
  region: string;
  topicArn: string;
  functionArn: string;
  filterPolicy?: unknown;
  filterPolicyScope?: string;
};

type Ports = {
  clients: Clients;
  invoke(payload: string): { done: Promise<void> };
  onError(error: unknown): void;
};

type Notification = Record<string, unknown> & { MessageAttributes?: Record<string, { Type: string; Value: string }> };

/** Subscribes a queue and starts handing its messages over, one event per message, asynchronously. */
export const openTopicSubscription = (
  subscription: TopicSubscription,
  { clients, invoke, onError }: Ports,
): OpenMapping => {
  const { region, topicArn, functionArn } = subscription;
  const sqs = clients.sqs(region);
  const name = `mainstay-local-sns-${createHash('sha256')
    .update(topicArn + functionArn)
    .digest('hex')
    .slice(0, 16)}`;
  const queueArn = `arn:aws:sqs:${region}:${clients.place.account}:${name}`;
  const QueueUrl = queueUrl(clients.place, queueArn);
  const stopping = new AbortController();
  const seen = { lastResult: 'No records processed', doneCount: 0, invocations: 0 };
  let subscriptionArn = `${topicArn}:${subscription.id}`;

  const subscribe = async () => {
    await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { filterPolicy, filterPolicyScope } = subscription;
    const Attributes = {
      ...(filterPolicy === undefined ? {} : { FilterPolicy: JSON.stringify(filterPolicy) }),
      ...(filterPolicyScope === undefined ? {} : { FilterPolicyScope: filterPolicyScope }),
    };
    const made = await clients.sns(region).send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: queueArn,
        Attributes,
        ReturnSubscriptionArn: true,
      }),
    );
    subscriptionArn = made.SubscriptionArn ?? subscriptionArn;
  };

  const drain = async () => {
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }),
      { abortSignal: stopping.signal },
    );
    const messages = received.Messages ?? [];
    if (messages.length === 0) return;
    for (const { Body = '{}' } of messages) {
      invoke(eventFor(JSON.parse(Body) as Notification, subscriptionArn)).done.catch(onError);
      seen.invocations++;
    }
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    seen.doneCount += messages.length;
    seen.lastResult = 'OK';
  };

  const poll = async () => {
    let subscribed = false;
    while (!stopping.signal.aborted) {
      try {
        if (!subscribed) await subscribe();
        subscribed = true;
        await drain();
      } catch (error) {
        if (stopping.signal.aborted) return;
        seen.lastResult = `PROBLEM: ${(error as Error).message}`;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  };
  const polling = poll();

  return {
    status: (): MappingStatus => ({
      id: subscription.id,
      region,
      functionName: functionArn.split(':').pop() ?? '',
      functionArn,
      sourceArn: topicArn,
      batchSize: 1,
      state: 'Enabled',
      ...seen,
    }),
    pause: () => {},
    resume: () => {},
    stop: async () => {
      stopping.abort();
      await polling;
    },
  };
};

const eventFor = (notification: Notification, subscriptionArn: string): string =>
  JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        Sns: { Subject: null, ...notification, MessageAttributes: notification.MessageAttributes ?? {} },
      },
    ],
  });
