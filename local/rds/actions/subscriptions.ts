import { list, type XmlValue } from '../../xml.ts';
import { arnOf, checkIdentifier } from '../names.ts';
import { pageOf } from '../paging.ts';
import { invalidCombination, invalidValue, RdsRefusal } from '../refusal.ts';
import { nameOfSource, type Subscription, sourceTypes, welcomeTo } from '../subscriptions.ts';
import type { Action } from './action.ts';

const longestName = 255;

/** API reference, CreateEventSubscription. The topic hears at once that it is subscribed, and then of events. */
export const createSubscription: Action = (context, region, params) => {
  params.only('SubscriptionName', 'SnsTopicArn', 'SourceType', 'EventCategories', 'SourceIds', 'Enabled', 'Tags');
  const name = checkIdentifier('SubscriptionName', params.required('SubscriptionName'), longestName);
  if (region.subscriptions.has(name)) {
    throw new RdsRefusal('SubscriptionAlreadyExist', `Subscription ${name} already exists.`);
  }
  const topicArn = params.required('SnsTopicArn');
  if (!topicArn.startsWith(`arn:aws:sns:${region.name}:`) || topicArn.endsWith('.fifo')) {
    throw new RdsRefusal('SNSInvalidTopic', `${topicArn} is no standard topic of ${region.name}.`);
  }
  const source = params.text('SourceType');
  const sourceIds = params.list('SourceIds', 'SourceId') ?? [];
  if (source === undefined && sourceIds.length > 0) {
    throw invalidCombination('SourceType must be specified together with SourceIds');
  }
  if (source !== undefined && sourceTypes[source] === undefined) {
    throw invalidValue(`The local RDS has no events of the source type ${source}`);
  }
  const subscription: Subscription = {
    name,
    arn: arnOf(region.name, context.account, 'es', name),
    topicArn,
    sourceType: source === undefined ? undefined : sourceTypes[source],
    sourceIds: sourceIds.map((id) => id.toLowerCase()),
    categories: params.list('EventCategories', 'EventCategory') ?? [],
    isEnabled: params.flag('Enabled') ?? true,
    createdAt: context.clock.now(),
  };
  region.subscriptions.set(name, subscription);
  context.begin(async () => context.publish(welcomeTo(subscription)));
  return { EventSubscription: xml(subscription, context.account) };
};

/** API reference, DescribeEventSubscriptions. */
export const describeSubscriptions: Action = (context, region, params) => {
  params.only('SubscriptionName', 'Filters', 'MaxRecords', 'Marker');
  const name = params.text('SubscriptionName');
  const named = name === undefined ? undefined : found(region.subscriptions.get(name.toLowerCase()), name);
  const after = (key: string) => (named ? [named].filter((one) => one.name > key) : region.subscriptions.after(key));
  const { items, marker } = pageOf(params, after, (one) => one.name);
  return {
    Marker: marker,
    EventSubscriptionsList: list(
      'EventSubscription',
      items.map((one) => xml(one, context.account)),
    ),
  };
};

/** API reference, DeleteEventSubscription. */
export const deleteSubscription: Action = (context, region, params) => {
  params.only('SubscriptionName');
  const name = params.required('SubscriptionName');
  const subscription = found(region.subscriptions.get(name.toLowerCase()), name);
  region.subscriptions.delete(subscription.name);
  return { EventSubscription: xml(subscription, context.account) };
};

const found = (subscription: Subscription | undefined, name: string): Subscription => {
  if (subscription === undefined) throw new RdsRefusal('SubscriptionNotFound', `Subscription ${name} not found.`, 404);
  return subscription;
};

const xml = (subscription: Subscription, account: string): XmlValue => ({
  CustomerAwsId: account,
  CustSubscriptionId: subscription.name,
  SnsTopicArn: subscription.topicArn,
  Status: 'active',
  SubscriptionCreationTime: new Date(subscription.createdAt).toISOString(),
  SourceType: subscription.sourceType && nameOfSource(subscription.sourceType),
  SourceIdsList: list('SourceId', subscription.sourceIds),
  EventCategoriesList: list('EventCategory', subscription.categories),
  Enabled: subscription.isEnabled,
  EventSubscriptionArn: subscription.arn,
});
