import { beforeAll, describe, expect, test } from '@jest/globals';
import { packagedTemplates, type Resource, type Template } from '../stack.ts';

let stacks: Record<'primary' | 'recovery' | 'witness', Template>;
beforeAll(async () => {
  stacks = await packagedTemplates();
});

const ofType = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
const all = (type: string) => Object.values(stacks).flatMap((template) => ofType(template, type));
const properties = (resource: Resource) => resource.Properties as Record<string, any>;

describe('a region has the functions of its role and no others', () => {
  test.each([
    [
      'primary',
      [
        ...['guard', 'index-objects', 'logs', 'maintain-objects', 'observer', 'query-objects', 'retention', 'search'],
        ...['snapshots', 'sync', 'upkeep', 'verify', 'verify-check'],
      ],
    ],
    ['recovery', ['copies', 'drills', 'guard', 'observer', 'readiness', 'reconciler']],
    ['witness', ['witness']],
  ] as const)('%s', (role, names) => {
    expect(
      ofType(stacks[role], 'AWS::Lambda::Function')
        .map(([, one]) => properties(one).FunctionName)
        .sort(),
    ).toEqual(names.map((name) => `mainstay-local-${name}`));
  });
});

describe('schedules', () => {
  test('carry the scheduled time as input, in UTC, and do not flood a function with late deliveries', () => {
    const schedules = all('AWS::Scheduler::Schedule');
    expect(schedules.length).toBe(13);
    for (const [, schedule] of schedules) {
      const { ScheduleExpressionTimezone, Target, FlexibleTimeWindow } = properties(schedule);
      expect(ScheduleExpressionTimezone).toBe('UTC');
      expect(FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
      expect(JSON.parse(Target.Input).scheduledTime).toBe('<aws.scheduler.scheduled-time>');
      expect(Target.RetryPolicy.MaximumEventAgeInSeconds).toBeLessThan(3600);
    }
  });
});

describe('a reconciler that has stopped', () => {
  const alarms = (role: 'recovery' | 'witness') =>
    ofType(stacks[role], 'AWS::CloudWatch::Alarm').map(([, alarm]) => properties(alarm));

  test('is alarmed from the witness region, where no data is the worst, and from its own', () => {
    const seenFromAfar = alarms('witness').find(({ MetricName }) => MetricName === 'ReconcilerAge');
    expect(seenFromAfar).toMatchObject({
      TreatMissingData: 'breaching',
      Threshold: 180,
      AlarmActions: [{ Ref: 'ReportsTopic' }],
      Dimensions: [
        { Name: 'service', Value: 'witness' },
        { Name: 'stage', Value: 'local' },
      ],
    });
    expect(ofType(stacks.witness, 'AWS::SNS::Topic').map(([name]) => name)).toContain('ReportsTopic');
    const ownOne = alarms('recovery').find(({ AlarmName }) => AlarmName === 'mainstay-local-failover-tick-missing');
    expect(ownOne).toMatchObject({ TreatMissingData: 'breaching', AlarmActions: [{ Ref: 'ReportsTopic' }] });
  });
});

describe('triggers', () => {
  test('RDS events and alarms of the primary region are forwarded to the recovery region by a rule', () => {
    const [, rule] = ofType(stacks.primary, 'AWS::Events::Rule')[0] ?? [];
    expect(properties(rule as Resource)).toMatchObject({
      EventPattern: { source: ['aws.rds', 'aws.cloudwatch'] },
      Targets: [{ Arn: { 'Fn::Sub': expect.stringContaining('events:eu-central-1:') } }],
    });
  });

  test('the reconciler hears EventBridge and SNS, and its pages reach the reports topic', () => {
    const patterns = ofType(stacks.recovery, 'AWS::Events::Rule').map(
      ([, rule]) => properties(rule).EventPattern.source[0],
    );
    expect(patterns.sort()).toEqual(['aws.cloudwatch', 'aws.rds', 'aws.rds', 'mainstay.failover']);
    expect(ofType(stacks.recovery, 'AWS::SNS::Subscription')).toHaveLength(1);
  });

  test('the queue of object events has dead letters, and its mapping reports partial failures', () => {
    const queues = ofType(stacks.primary, 'AWS::SQS::Queue').map(([, queue]) => properties(queue));
    expect(queues.some((queue) => queue.RedrivePolicy?.maxReceiveCount >= 3)).toBe(true);
    const mapping = ofType(stacks.primary, 'AWS::Lambda::EventSourceMapping')
      .map(([, one]) => properties(one))
      .find((one) => JSON.stringify(one.EventSourceArn).includes('ObjectEventsQueue'));
    expect(mapping).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 1000 });
  });

  test('a stream starts at its horizon, reports partial failures, bisects, and keeps the bodies of what it gives up in S3', () => {
    const mapping = ofType(stacks.primary, 'AWS::Lambda::EventSourceMapping')
      .map(([, one]) => properties(one))
      .find((one) => String(one.EventSourceArn).includes(':dynamodb:'));
    expect(mapping).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLettersBucket', 'Arn'] } } },
    });
  });

  test('every log group of the config is subscribed, and may call the function', () => {
    expect(ofType(stacks.primary, 'AWS::Logs::SubscriptionFilter')).toHaveLength(1);
    expect(
      ofType(stacks.primary, 'AWS::Lambda::Permission').some(
        ([, one]) => properties(one).Principal === 'logs.amazonaws.com',
      ),
    ).toBe(true);
  });
});

describe('what holds data is kept', () => {
  test.each(['AWS::DynamoDB::Table', 'AWS::KMS::Key'])(
    '%s is retained when a stack is removed or the resource replaced',
    (type) => {
      expect(all(type).length).toBeGreaterThan(0);
      for (const [name, resource] of all(type))
        expect({ name, policy: resource.DeletionPolicy }).toEqual({ name, policy: 'Retain' });
    },
  );

  test('buckets of ours are private and encrypted', () => {
    for (const [, bucket] of all('AWS::S3::Bucket').filter(([name]) => name !== 'ServerlessDeploymentBucket')) {
      expect(properties(bucket)).toMatchObject({
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
        BucketEncryption: expect.anything(),
      });
    }
  });
});

test('what a template refers to is in it: a role of another region would fail only at the deployment', () => {
  const missing = Object.entries(stacks).flatMap(([role, { Resources }]) =>
    references(Resources).flatMap((name) => (name in Resources ? [] : [`${role}: ${name}`])),
  );
  expect(missing).toEqual([]);
});

/** Logical ids behind every Ref, GetAtt and Sub. */
const references = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return named(String(inner));
    if (key === 'Fn::GetAtt') return named(String(Array.isArray(inner) ? inner[0] : inner));
    if (key !== 'Fn::Sub') return references(inner);
    const [text, given] = Array.isArray(inner) ? inner : [inner, {}];
    const inText = [...String(text).matchAll(/\$\{([^!}]+)\}/g)].flatMap(([, name = '']) => named(name));
    return [...inText.filter((name) => !(name in given)), ...references(given)];
  });
};
const named = (reference: string): string[] => (reference.startsWith('AWS::') ? [] : [reference.split('.')[0] ?? '']);

describe('no function', () => {
  const functions = () => all('AWS::Lambda::Function').map(([, one]) => properties(one));

  test('has a secret, an endpoint or a database in its environment', () => {
    const names = new Set(functions().flatMap((one) => Object.keys(one.Environment.Variables)));
    expect([...names].sort()).toEqual(['MAINSTAY_STAGE', 'NODE_OPTIONS', 'POWERTOOLS_LOG_LEVEL']);
  });

  test('relies on reserved concurrency', () => {
    for (const one of functions()) expect(one).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test("outside guard, observer and verify-check is in a VPC, and each of these is in its own region's", () => {
    const placed = Object.entries(stacks).flatMap(([role, template]) =>
      ofType(template, 'AWS::Lambda::Function')
        .map(([, one]) => properties(one))
        .filter(({ VpcConfig }) => VpcConfig)
        .map((one) => [role, one.FunctionName, one.VpcConfig.SubnetIds]),
    );
    expect(placed.sort()).toEqual([
      ['primary', 'mainstay-local-guard', ['subnet-0primary']],
      ['primary', 'mainstay-local-observer', ['subnet-0primary']],
      ['primary', 'mainstay-local-verify-check', ['subnet-0isolated']],
      ['recovery', 'mainstay-local-guard', ['subnet-0recovery']],
      ['recovery', 'mainstay-local-observer', ['subnet-0recovery']],
    ]);
  });
});
