import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Config } from '../../../shared/config/schema.ts';
import { formatInstant } from '../core/calendar.ts';
import type { Continuations } from '../run/ports.ts';

/** The queue on which a run sends itself what is left (resources/snapshots-state.yml). */
export const continueQueueName = ({ stage }: Pick<Config, 'stage'>): string => `mainstay-${stage}-snapshots-continue`;

/** Messages to ourselves. The client must not take the queue's URL for its endpoint: a local AWS has another. */
export const sqsContinuations = (sqs: SQSClient, QueueName: string): Continuations => ({
  send: async ({ slotMs, part }, delaySeconds) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: JSON.stringify({ kind: 'continue', slot: formatInstant(slotMs), part }),
        // docs: API_SendMessage — 0 to 900 seconds.
        DelaySeconds: Math.min(900, Math.max(0, Math.round(delaySeconds))),
      }),
    );
  },
});
