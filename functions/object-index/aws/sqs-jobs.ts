import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { JobMessages } from '../run/ports.ts';

/** The queue on which jobs continue themselves (resources/object-index-jobs.yml). */
export const jobsQueueName = (stage: string): string => `mainstay-${stage}-object-jobs`;

/** Messages to ourselves. The URL is asked for: a local AWS has another than AWS. */
export const sqsJobs = (sqs: SQSClient, QueueName: string): JobMessages => ({
  send: async (message) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
  },
});
