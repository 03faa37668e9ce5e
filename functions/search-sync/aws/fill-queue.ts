import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Config } from '../../../shared/config/schema.ts';
import type { Continuations } from '../run/upkeep-ports.ts';

/** The queue by which a backfill goes on (resources/search-sync.yml). */
export const fillQueueName = ({ stage }: Pick<Config, 'stage'>): string => `mainstay-${stage}-search-continue`;

/** Messages to ourselves. The client must not take the queue's URL for its endpoint: a local AWS has another. */
export const sqsContinuations = (sqs: SQSClient, QueueName: string): Continuations => ({
  send: async (message) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
  },
});
