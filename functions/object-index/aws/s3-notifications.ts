import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  type NotificationConfigurationFilter,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { NOTIFICATION_ID, type NotificationEntry } from '../core/notification.ts';
import type { BucketNotifications } from '../run/attach.ts';

/** A bucket's notification configuration. Everything in it that is not ours is written back as it was read. */
export const s3Notifications = (client: S3Client): BucketNotifications => ({
  read: async (bucket) => {
    const whole = await readWhole(client, bucket);
    return [
      ...(whole.QueueConfigurations ?? []).map((one) => entry(one, one.QueueArn)),
      ...(whole.TopicConfigurations ?? []).map((one) => entry(one, one.TopicArn)),
      ...(whole.LambdaFunctionConfigurations ?? []).map((one) => entry(one, one.LambdaFunctionArn)),
    ];
  },
  replaceOurs: async (bucket, added) => {
    const { $metadata: _, ...whole } = await readWhole(client, bucket);
    const others = (whole.QueueConfigurations ?? []).filter(({ Id }) => Id !== NOTIFICATION_ID);
    const ours = added.map(({ id, target, events }) => ({ Id: id, QueueArn: target, Events: [...events] as never[] }));
    await client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: { ...whole, QueueConfigurations: [...others, ...ours] },
      }),
    );
  },
});

const readWhole = (client: S3Client, bucket: string) =>
  client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket })) as Promise<
    NotificationConfiguration & { $metadata: unknown }
  >;

const entry = (
  one: {
    Id?: string | undefined;
    Events?: readonly string[] | undefined;
    Filter?: NotificationConfigurationFilter | undefined;
  },
  target: string | undefined,
): NotificationEntry => {
  const rule = (name: string) =>
    one.Filter?.Key?.FilterRules?.find((found) => found.Name?.toLowerCase() === name)?.Value ?? '';
  return { id: one.Id, target: target ?? '', events: one.Events ?? [], prefix: rule('prefix'), suffix: rule('suffix') };
};
