import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Config } from '../../../shared/config/schema.ts';
import type { Reports } from '../run/ports.ts';

/** Notices to the reports topic. The result is a message attribute, so that a subscription's filter policy can ask for PARTIAL and FAILED only (docs: sns-subscription-filter-policies). */
export const snsReports = (sns: SNSClient, topicArn: string): Reports => ({
  publish: async ({ subject, text, result }) => {
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        Message: text,
        MessageAttributes: {
          wing: { DataType: 'String', StringValue: 'snapshots' },
          result: { DataType: 'String', StringValue: result },
        },
      }),
    );
  },
});

/** The reports topic of a deployment (resources/notifications.yml). */
export const reportsTopicArn = ({ account, stage }: Pick<Config, 'account' | 'stage'>, region: string): string =>
  `arn:${partitionOf(region)}:sns:${region}:${account}:mainstay-${stage}-reports`;

const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
