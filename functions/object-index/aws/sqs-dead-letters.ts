import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetters } from '../run/ports.ts';

/** The dead letters of the events' queue (resources/object-index.yml). */
export const deadLettersName = (stage: string): string => `mainstay-${stage}-object-events-dead`;

/** Long enough for every reason that the parser gives. */
const REASON_LETTERS = 1_000;

/** Letters in a queue: the body as it came, the reason and the first id as message attributes. The URL is asked for once. */
export const sqsDeadLetters = (sqs: SQSClient, QueueName: string): DeadLetters => {
  let url: Promise<string | undefined> | undefined;
  return {
    keep: async ({ messageId, body, because }) => {
      url ??= sqs.send(new GetQueueUrlCommand({ QueueName })).then(({ QueueUrl }) => QueueUrl);
      const QueueUrl = await url.catch((error) => {
        url = undefined;
        throw error;
      });
      await sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: body,
          MessageAttributes: {
            reason: { DataType: 'String', StringValue: allowed(because).slice(0, REASON_LETTERS) },
            messageId: { DataType: 'String', StringValue: messageId },
          },
        }),
      );
    },
  };
};

// docs: API_SendMessage — what XML can't carry is refused, and a key in a reason may hold anything.
const allowed = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
