// Event subscriptions: RDS's own way of telling SNS (User Guide, USER_Events).
import type { RdsEvent, SourceType } from './types.ts';

/** API reference, EventSubscription. */
export type Subscription = {
  readonly name: string;
  readonly arn: string;
  readonly topicArn: string;
  readonly sourceType: SourceType | undefined;
  readonly sourceIds: readonly string[];
  readonly categories: readonly string[];
  readonly isEnabled: boolean;
  readonly createdAt: number;
};

/** What RDS publishes to a topic. */
export type Notification = {
  readonly topicArn: string;
  readonly subject: string;
  readonly message: string;
  /** Message attributes, all of them strings (User Guide, USER_Events.TagsAttributesForFiltering). */
  readonly attributes: Readonly<Record<string, string>>;
};

/** Source types by their name in the API and in messages. */
export const sourceTypes: Readonly<Record<string, SourceType>> = {
  'db-instance': 'DB_INSTANCE',
  'db-snapshot': 'SNAPSHOT',
  'db-cluster': 'CLUSTER',
  'db-cluster-snapshot': 'CLUSTER_SNAPSHOT',
};

/** The API's name of a source type. */
export const nameOfSource = (type: SourceType): string =>
  Object.keys(sourceTypes).find((name) => sourceTypes[name] === type)!;

/** Empty lists ask for everything (API reference, CreateEventSubscription). */
export const isAskedFor = (subscription: Subscription, event: RdsEvent): boolean =>
  subscription.isEnabled &&
  (subscription.sourceType === undefined || subscription.sourceType === event.source.type) &&
  (subscription.sourceIds.length === 0 || subscription.sourceIds.includes(event.source.id)) &&
  (subscription.categories.length === 0 || event.categories.some((one) => subscription.categories.includes(one)));

const subject = 'RDS Notification Message';
const guide = 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html';
const anchors: Readonly<Record<SourceType, string>> = {
  DB_INSTANCE: 'dbinstance',
  SNAPSHOT: 'snapshot',
  CLUSTER: 'dbcluster',
  CLUSTER_SNAPSHOT: 'cluster-snapshot',
};

/** The message of an event: JSON with spaces in its keys and a time without a zone, which is UTC (Lambda developer guide, services-rds). */
export const notificationOf = (topicArn: string, region: string, event: RdsEvent, eventId: string): Notification => ({
  topicArn,
  subject,
  message: JSON.stringify({
    'Event Source': nameOfSource(event.source.type),
    'Event Time': new Date(event.at).toISOString().replace('T', ' ').replace('Z', ''),
    'Identifier Link': `https://console.aws.amazon.com/rds/home?region=${region}#${anchors[event.source.type]}:id=${event.source.id}`,
    'Source ID': event.source.id,
    'Source ARN': event.source.arn,
    'Event ID': `${guide}#${eventId}`,
    'Event Message': event.message,
  }),
  attributes: { EventID: eventId, Resource: event.source.arn },
});

/** A topic's first message is no JSON: RDS says that there is a subscription now (same page). */
export const welcomeTo = ({ topicArn, name }: Subscription): Notification => ({
  topicArn,
  subject,
  message: `This message says that RDS event subscription ${name} notifies this topic from now on.`,
  attributes: {},
});
