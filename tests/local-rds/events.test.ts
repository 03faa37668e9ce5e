import {
  CreateEventSubscriptionCommand,
  DeleteEventSubscriptionCommand,
  DescribeEventSubscriptionsCommand,
  DescribeEventsCommand,
  type DescribeEventsCommandInput,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minuteMs, Records, snapshotArn } from './records.ts';

let aws: Records;
beforeEach(() => {
  aws = new Records();
});
afterEach(async () => {
  expect(aws.errors).toEqual([]);
  await aws.stop();
});

test('an event is an EventBridge envelope, and DescribeEvents shows it for an hour unless asked for more', async () => {
  await aws.createAvailable('alpha');
  await aws.snapshot('alpha', 'one');
  await aws.advance(10 * minuteMs);
  expect(aws.events.at(-1)).toMatchObject({
    'detail-type': 'RDS DB Snapshot Event',
    source: 'aws.rds',
    account: '111122223333',
    region: 'eu-west-1',
    resources: ['arn:aws:rds:eu-west-1:111122223333:snapshot:one'],
    detail: {
      EventCategories: ['creation'],
      SourceType: 'SNAPSHOT',
      SourceArn: 'arn:aws:rds:eu-west-1:111122223333:snapshot:one',
      EventID: 'RDS-EVENT-0042',
      Message: 'Manual snapshot created',
    },
  });
  const rds = aws.rds();
  const messages = async (input: DescribeEventsCommandInput) =>
    ((await rds.send(new DescribeEventsCommand(input))).Events ?? []).map((event) => event.Message);
  expect(await messages({})).toEqual(['DB instance created', 'Creating manual snapshot', 'Manual snapshot created']);
  expect(await messages({ SourceType: 'db-snapshot', SourceIdentifier: 'one', Duration: 5 })).toEqual([
    'Manual snapshot created',
  ]);
  await aws.advance(61 * minuteMs);
  expect(await messages({})).toEqual([]);
  expect(await messages({ Duration: 120 })).toHaveLength(3);
  await expect(messages({ SourceIdentifier: 'one' })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
});

test('a subscription gets what it asks for, as RDS writes it to SNS, after a first message that is no JSON', async () => {
  const rds = aws.rds();
  const SnsTopicArn = 'arn:aws:sns:eu-west-1:111122223333:rds';
  const subscribe = (SubscriptionName: string, more: object = {}) =>
    rds.send(new CreateEventSubscriptionCommand({ SubscriptionName, SnsTopicArn, ...more }));
  await subscribe('Made', { SourceType: 'db-snapshot', EventCategories: ['creation'], SourceIds: ['one'] });
  await subscribe('off', { Enabled: false });
  await aws.advance(0);
  expect(() => JSON.parse(aws.published[0]!.message)).toThrow('JSON');
  aws.published.length = 0;
  await aws.createAvailable('alpha');
  await aws.snapshot('alpha', 'one');
  await aws.advance(10 * minuteMs);
  await aws.snapshot('alpha', 'two');
  await aws.advance(10 * minuteMs);
  expect(aws.published.map(({ attributes }) => attributes.EventID)).toEqual(['RDS-EVENT-0040', 'RDS-EVENT-0042']);
  const [, { message, ...rest }] = aws.published as [unknown, (typeof aws.published)[0]];
  expect(rest).toEqual({
    topicArn: SnsTopicArn,
    subject: 'RDS Notification Message',
    attributes: { EventID: 'RDS-EVENT-0042', Resource: snapshotArn('one') },
  });
  expect(JSON.parse(message)).toEqual({
    'Event Source': 'db-snapshot',
    'Event Time': '2026-08-14 10:11:00.000',
    'Identifier Link': 'https://console.aws.amazon.com/rds/home?region=eu-west-1#snapshot:id=one',
    'Source ID': 'one',
    'Source ARN': snapshotArn('one'),
    'Event ID': 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#RDS-EVENT-0042',
    'Event Message': 'Manual snapshot created',
  });
});

test('subscriptions are checked, listed and removed', async () => {
  const rds = aws.rds();
  const subscribe = (more: object) =>
    rds.send(
      new CreateEventSubscriptionCommand({
        SubscriptionName: 'one',
        SnsTopicArn: 'arn:aws:sns:eu-west-1:111122223333:rds',
        ...more,
      }),
    );
  await expect(subscribe({ SourceIds: ['x'] })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  await expect(subscribe({ SnsTopicArn: 'arn:aws:sns:eu-west-1:111122223333:rds.fifo' })).rejects.toMatchObject({
    name: 'SNSInvalidTopicFault',
  });
  await subscribe({ SourceType: 'db-cluster' });
  await expect(subscribe({})).rejects.toMatchObject({ name: 'SubscriptionAlreadyExistFault' });
  const { EventSubscriptionsList } = await rds.send(new DescribeEventSubscriptionsCommand({}));
  expect(EventSubscriptionsList).toMatchObject([
    { CustSubscriptionId: 'one', SourceType: 'db-cluster', Enabled: true, Status: 'active' },
  ]);
  await rds.send(new DeleteEventSubscriptionCommand({ SubscriptionName: 'one' }));
  await expect(rds.send(new DescribeEventSubscriptionsCommand({ SubscriptionName: 'one' }))).rejects.toMatchObject({
    name: 'SubscriptionNotFoundFault',
  });
});
