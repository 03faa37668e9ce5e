import { gunzipSync } from 'node:zlib';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AwsEvent } from '../../local/eventbridge/event.ts';
import { describeWithEngines } from '../engine.ts';
import { aWhile, fixture, openStage, PRIMARY, RECOVERY, type Stage, until } from './stage.ts';

const rule = (pattern: unknown, ...targets: unknown[]) => ({
  Type: 'AWS::Events::Rule',
  Properties: { EventPattern: pattern, Targets: targets.map((Arn, index) => ({ Id: String(index), Arn })) },
});
const permission = (functionId: string, principal: string, SourceArn: unknown) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    Action: 'lambda:InvokeFunction',
    FunctionName: { 'Fn::GetAtt': [functionId, 'Arn'] },
    Principal: principal,
    SourceArn,
  },
});
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const RECOVERY_BUS = `arn:aws:events:${RECOVERY}:111122223333:event-bus/default`;

const rdsEvent = (id: string, region: string): AwsEvent => ({
  version: '0',
  id,
  'detail-type': 'RDS DB Instance Event',
  source: 'aws.rds',
  account: '111122223333',
  time: '2026-11-21T05:00:00Z',
  region,
  resources: [],
  detail: { EventID: 'RDS-EVENT-0022' },
});

await describeWithEngines(['dynamodb', 'ministack'], 'events, schedules, logs, topics and alarms', () => {
  let stage: Stage;
  const idsSeen = async (name: string) => ((await stage.seen(name)) as { id: string }[]).map(({ id }) => id);

  beforeAll(async () => {
    stage = await openStage((directory) => ({
      [PRIMARY]: {
        Resources: {
          Here: fixture(directory, 'here', 'any'),
          HereRule: rule({ source: ['aws.rds', 'shop'] }, arnOf('Here')),
          HerePermission: permission('Here', 'events.amazonaws.com', arnOf('HereRule')),
          Uninvited: fixture(directory, 'uninvited', 'any'),
          UninvitedRule: rule({ source: ['aws.rds', 'shop'] }, arnOf('Uninvited')),
          Forward: rule({ source: ['aws.rds'] }, RECOVERY_BUS),
          Hourly: fixture(directory, 'hourly', 'any'),
          HourlySchedule: {
            Type: 'AWS::Scheduler::Schedule',
            Properties: {
              ScheduleExpression: 'cron(0 * * * ? *)',
              FlexibleTimeWindow: { Mode: 'OFF' },
              Target: {
                Arn: arnOf('Hourly'),
                RoleArn: 'arn:aws:iam::111122223333:role/tick',
                Input: '{"id":"<aws.scheduler.scheduled-time>"}',
                RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
              },
            },
          },
          Lines: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/estate/postgresql' } },
          Reader: fixture(directory, 'reader', 'any'),
          ReaderPermission: permission('Reader', 'logs.amazonaws.com', {
            'Fn::Sub': 'arn:aws:logs:$' + '{AWS::Region}:$' + '{AWS::AccountId}:log-group:/estate/postgresql:*',
          }),
          ReaderSubscription: {
            Type: 'AWS::Logs::SubscriptionFilter',
            Properties: { LogGroupName: { Ref: 'Lines' }, FilterPattern: 'ERROR', DestinationArn: arnOf('Reader') },
          },
          Signals: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'signals' } },
          Listener: fixture(directory, 'listener', 'any'),
          ListenerPermission: permission('Listener', 'sns.amazonaws.com', { Ref: 'Signals' }),
          ListenerSubscription: {
            Type: 'AWS::SNS::Subscription',
            Properties: { TopicArn: { Ref: 'Signals' }, Protocol: 'lambda', Endpoint: arnOf('Listener') },
          },
          Full: {
            Type: 'AWS::CloudWatch::Alarm',
            Properties: {
              AlarmName: 'full',
              Namespace: 'Estate',
              MetricName: 'Fill',
              Dimensions: [{ Name: 'disk', Value: 'a' }],
              Statistic: 'Maximum',
              Period: 60,
              EvaluationPeriods: 1,
              Threshold: 90,
              ComparisonOperator: 'GreaterThanThreshold',
              AlarmActions: [{ Ref: 'Signals' }],
            },
          },
          Alarmed: fixture(directory, 'alarmed', 'any'),
          AlarmedRule: rule({ source: ['aws.cloudwatch'], detail: { state: { value: ['ALARM'] } } }, arnOf('Alarmed')),
          AlarmedPermission: permission('Alarmed', 'events.amazonaws.com', arnOf('AlarmedRule')),
          Direct: fixture(directory, 'direct', 'direct'),
        },
      },
      [RECOVERY]: {
        Resources: {
          There: fixture(directory, 'there', 'any'),
          ThereRule: rule({ source: ['aws.rds', 'shop'] }, arnOf('There')),
          TherePermission: permission('There', 'events.amazonaws.com', arnOf('ThereRule')),
        },
      },
    }));
  });
  afterAll(() => stage?.stop());

  // docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
  test('an event reaches another region only by a rule whose target is its bus, and keeps its own region', async () => {
    await stage.aws.eventbridge.put(rdsEvent('forwarded', PRIMARY));
    await until(async () => (await idsSeen('there')).includes('forwarded'));
    expect(((await stage.seen('there')) as AwsEvent[])[0]?.region).toBe(PRIMARY);
    const shop = new EventBridgeClient(stage.client());
    await shop.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'sold', Detail: '{"n":1}' }] }));
    await until(async () => ((await stage.seen('here')) as AwsEvent[]).some(({ source }) => source === 'shop'));
    expect(((await stage.seen('there')) as AwsEvent[]).some(({ source }) => source === 'shop')).toBe(false);
  });

  // docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
  test('a function without a permission for the rule is not invoked, and that is said', async () => {
    await until(() => stage.aws.eventbridge.undelivered().find(({ target }) => target.endsWith(':uninvited')));
    expect(await stage.seen('uninvited')).toEqual([]);
  });

  // docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
  test('an event for a region that is cut off is delivered when the link is back', async () => {
    const heal = stage.aws.faults.add({ kind: 'region-cut', region: RECOVERY });
    const put = stage.aws.eventbridge.put(rdsEvent('late', PRIMARY));
    await until(async () => (await idsSeen('here')).includes('late'));
    await aWhile(200);
    expect(await idsSeen('there')).not.toContain('late');
    heal();
    await stage.aws.clock.advance(120_000);
    await put;
    await until(async () => (await idsSeen('there')).includes('late'));
  });

  // docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
  test("nobody puts events in the name of an AWS service; an entry's own error does not fail the others", async () => {
    const answer = await new EventBridgeClient(stage.client()).send(
      new PutEventsCommand({
        Entries: [
          { Source: 'aws.rds', DetailType: 'x', Detail: '{}' },
          { Source: 'shop', DetailType: 'x', Detail: 'no json' },
          { Source: 'shop', DetailType: 'x', Detail: '{}' },
        ],
      }),
    );
    expect(answer.FailedEntryCount).toBe(2);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      undefined,
    ]);
  });

  // docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
  test('a schedule fires at each due time, with that time in its input', async () => {
    const before = (await idsSeen('hourly')).length;
    const fromMs = stage.aws.clock.now();
    await stage.aws.clock.advance(3 * 3_600_000);
    const hour = (after: number) =>
      `${new Date((Math.floor(fromMs / 3_600_000) + after) * 3_600_000).toISOString().slice(0, 19)}Z`;
    expect((await idsSeen('hourly')).slice(before)).toEqual([hour(1), hour(2), hour(3)]);
  });

  // docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
  test('log lines that pass the filter come gzipped in one envelope', async () => {
    const logs = new CloudWatchLogsClient(stage.client());
    const stream = { logGroupName: '/estate/postgresql', logStreamName: 'ledger' };
    await logs.send(new CreateLogStreamCommand(stream));
    const timestamp = Date.now();
    const logEvents = ['ERROR: deadlock', 'LOG: fine', 'ERROR: again'].map((message) => ({ timestamp, message }));
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    const [event] = (await until(async () => {
      const seen = await stage.seen('reader');
      return seen.length > 0 && seen;
    })) as { awslogs: { data: string } }[];
    const envelope = JSON.parse(gunzipSync(Buffer.from(event?.awslogs.data ?? '', 'base64')).toString());
    expect(envelope).toMatchObject({
      messageType: 'DATA_MESSAGE',
      owner: '111122223333',
      logGroup: '/estate/postgresql',
      logStream: 'ledger',
      logEvents: [{ message: 'ERROR: deadlock' }, { message: 'ERROR: again' }],
    });
    expect(envelope.logEvents[0].id).toMatch(/^\d{56}$/);
  });

  // docs.aws.amazon.com/lambda/latest/dg/with-sns.html
  test('a notification comes as one record, with its attributes', async () => {
    await new SNSClient(stage.client()).send(
      new PublishCommand({
        TopicArn: 'arn:aws:sns:eu-west-1:111122223333:signals',
        Subject: 'look',
        Message: 'now',
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'hint' } },
      }),
    );
    const [event] = (await until(async () => {
      const seen = await stage.seen('listener');
      return seen.length > 0 && seen;
    })) as { Records: unknown[] }[];
    expect(event?.Records).toMatchObject([
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        Sns: {
          Type: 'Notification',
          TopicArn: 'arn:aws:sns:eu-west-1:111122223333:signals',
          Subject: 'look',
          Message: 'now',
          MessageAttributes: { kind: { Type: 'String', Value: 'hint' } },
        },
      },
    ]);
  });

  // docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
  test('an alarm over put metrics becomes an event in its region and a notification', async () => {
    const metrics = new CloudWatchClient(stage.client());
    await metrics.send(
      new PutMetricDataCommand({
        Namespace: 'Estate',
        MetricData: [
          {
            MetricName: 'Fill',
            Dimensions: [{ Name: 'disk', Value: 'a' }],
            Value: 97,
            Timestamp: new Date(stage.aws.clock.now()),
          },
        ],
      }),
    );
    await stage.aws.clock.advance(62_000);
    const [event] = (await until(async () => {
      const seen = await stage.seen('alarmed');
      return seen.length > 0 && seen;
    })) as AwsEvent[];
    expect(event).toMatchObject({
      'detail-type': 'CloudWatch Alarm State Change',
      region: PRIMARY,
      detail: { alarmName: 'full', state: { value: 'ALARM' }, previousState: { value: 'INSUFFICIENT_DATA' } },
    });
    const noticed = await until(async () =>
      ((await stage.seen('listener')) as { Records: { Sns: { Message: string } }[] }[]).find(({ Records }) =>
        Records[0]?.Sns.Message.includes('"NewStateValue":"ALARM"'),
      ),
    );
    expect(noticed).toBeDefined();
  });

  // docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
  test("what a function prints is in its log group, and embedded metrics are the alarm's", async () => {
    const embedded = {
      _aws: { CloudWatchMetrics: [{ Namespace: 'Estate', Dimensions: [['disk']], Metrics: [{ Name: 'Fill' }] }] },
      disk: 'a',
      Fill: 12,
    };
    const Payload = Buffer.from(JSON.stringify({ print: JSON.stringify(embedded) }));
    await new LambdaClient(stage.client()).send(new InvokeCommand({ FunctionName: 'direct', Payload }));
    const logs = new CloudWatchLogsClient(stage.client());
    const group = { logGroupName: '/aws/lambda/direct' };
    const stream = await until(async () => {
      const described = await logs.send(new DescribeLogStreamsCommand(group)).catch(() => undefined);
      return described?.logStreams?.[0]?.logStreamName;
    });
    await until(async () => {
      const { events = [] } = await logs.send(new GetLogEventsCommand({ ...group, logStreamName: stream }));
      return events.some(({ message }) => message?.includes('"Fill":12'));
    });
    // Its minute may be over already: looked at step by step, for the next one has no data.
    for (let second = 0; second < 64 && stage.aws.alarms.list()[0]?.state !== 'OK'; second += 2)
      await stage.aws.clock.advance(2_000);
    expect(stage.aws.alarms.list()).toMatchObject([{ name: 'full', state: 'OK' }]);
  });
});
