// Where records of failed invocations go: SQS, SNS, S3, another function, an event bus.
import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Clients, queueUrl } from './clients.ts';

export type Delivery = {
  body: string;
  /** For S3: the object's key. */
  key: string;
  /** For dead-letter queues: message attributes. */
  attributes?: Record<string, string>;
};

/** Puts a record where a destination's ARN says. Throws when it could not be delivered. */
export const deliverTo = async (
  clients: Clients,
  arn: string,
  fromRegion: string,
  { body, key, attributes = {} }: Delivery,
) => {
  const [, , service, region = ''] = arn.split(':');
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  switch (service) {
    case 'sqs':
      return void (await clients
        .sqs(region)
        .send(
          new SendMessageCommand({ QueueUrl: queueUrl(clients.place, arn), MessageBody: body, MessageAttributes }),
        ));
    case 'sns':
      return void (await clients
        .sns(region)
        .send(new PublishCommand({ TopicArn: arn, Message: body, MessageAttributes })));
    case 's3':
      return void (await clients
        .s3(fromRegion)
        .send(new PutObjectCommand({ Bucket: arn.split(':').pop() ?? '', Key: key, Body: body })));
    default:
      throw new Error(`Destinations of ${service} are not modelled here: ${arn}.`);
  }
};

/** The key of a failed-invocation record in S3: by mapping, shard and time (docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html). */
export const failureKey = (mappingId: string, shardId: string, nowMs: number): string => {
  const at = new Date(nowMs).toISOString();
  const day = at.slice(0, 10);
  return `aws/lambda/${mappingId}/${shardId}/${day.replaceAll('-', '/')}/${day}T${at.slice(11, 19).replaceAll(':', '.')}-${randomUUID()}`;
};
