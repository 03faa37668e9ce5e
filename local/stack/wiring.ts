// Registers a template's functions and triggers with our services: the words of CloudFormation end here.
import { SubscribeCommand } from '@aws-sdk/client-sns';
import type { Alarm, Alarms } from '../alarms/alarms.ts';
import type { AlarmState } from '../alarms/evaluate.ts';
import type { EventBus, RuleTarget } from '../eventbridge/bus.ts';
import type { Scheduler } from '../eventbridge/scheduler.ts';
import type { Clients } from '../lambda/clients.ts';
import { ASYNCHRONOUS_DEFAULTS, functionNameOf, type LambdaFunction } from '../lambda/function.ts';
import type { Lambda } from '../lambda/lambda.ts';
import { mappingProblems } from '../lambda/mapping.ts';
import type { HealthCheck } from '../route53/health-checks.ts';
import type { Route53 } from '../route53/route53.ts';
import type { PlannedResource } from './plan.ts';

export type Services = {
  clients: Clients;
  lambda: Lambda;
  bus: EventBus;
  scheduler: Scheduler;
  alarms: Alarms;
  route53: Route53['admin'];
};

type Wirer = (
  services: Services,
  region: string,
  resource: PlannedResource,
  all: readonly PlannedResource[],
) => unknown;
type Destination = { Destination?: string };

const ofType = (all: readonly PlannedResource[], type: string) => all.filter((one) => one.type === type);
const text = (value: unknown): string => String(value ?? '');
const given = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;

const lambdaFunction: Wirer = ({ lambda }, region, { name, attributes, properties }, all) => {
  const invokeConfig = ofType(all, 'AWS::Lambda::EventInvokeConfig').find(
    (one) => functionNameOf(text(one.properties.FunctionName)) === name,
  )?.properties;
  const destinations = invokeConfig?.DestinationConfig as
    | { OnFailure?: Destination; OnSuccess?: Destination }
    | undefined;
  const variables = (properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
  const fn: LambdaFunction = {
    name,
    arn: attributes.Arn ?? '',
    region,
    handler: text(properties.Handler),
    runtime: text(properties.Runtime),
    timeoutSeconds: Number(properties.Timeout ?? 3),
    memoryMb: Number(properties.MemorySize ?? 128),
    environment: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, text(value)])),
    role: text(properties.Role),
    ...given('reservedConcurrency', properties.ReservedConcurrentExecutions as number | undefined),
    ...given('deadLetterArn', (properties.DeadLetterConfig as { TargetArn?: string } | undefined)?.TargetArn),
    asynchronous: {
      maxAgeSeconds: Number(invokeConfig?.MaximumEventAgeInSeconds ?? ASYNCHRONOUS_DEFAULTS.maxAgeSeconds),
      maxRetries: Number(invokeConfig?.MaximumRetryAttempts ?? ASYNCHRONOUS_DEFAULTS.maxRetries),
      ...given('onFailureArn', destinations?.OnFailure?.Destination),
      ...given('onSuccessArn', destinations?.OnSuccess?.Destination),
    },
  };
  lambda.addFunction(fn);
};

const permission: Wirer = ({ lambda }, region, { properties }) =>
  lambda.allow(region, {
    functionName: functionNameOf(text(properties.FunctionName)),
    principal: text(properties.Principal),
    ...given('sourceArn', properties.SourceArn as string | undefined),
  });

const mapping: Wirer = ({ lambda }, region, { logicalId, properties }, all) => {
  const sourceArn = text(properties.EventSourceArn);
  const service = sourceArn.split(':')[2];
  const functionName = functionNameOf(text(properties.FunctionName));
  const fn = ofType(all, 'AWS::Lambda::Function').find(({ name }) => name === functionName);
  if (!fn) throw new Error(`${logicalId}: there is no function ${functionName} in this template.`);
  const filters = (properties.FilterCriteria as { Filters?: { Pattern: string }[] } | undefined)?.Filters ?? [];
  const common = {
    id: `${logicalId}-${region}`,
    region,
    functionName,
    functionArn: fn.attributes.Arn ?? '',
    sourceArn,
    batchSize: Number(properties.BatchSize ?? (service === 'sqs' ? 10 : 100)),
    windowSeconds: Number(properties.MaximumBatchingWindowInSeconds ?? 0),
    reportsItemFailures: ((properties.FunctionResponseTypes as string[] | undefined) ?? []).includes(
      'ReportBatchItemFailures',
    ),
    filters: filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown),
    enabled: properties.Enabled !== false,
  };
  if (service === 'sqs') {
    const queue = ofType(all, 'AWS::SQS::Queue').find(({ attributes }) => attributes.Arn === sourceArn);
    const problems = mappingProblems(
      common,
      queue && {
        visibilityTimeoutSeconds: Number(queue.properties.VisibilityTimeout ?? 30),
        functionTimeoutSeconds: Number(fn.properties.Timeout ?? 3),
      },
    );
    if (problems.length > 0) throw new Error(`${logicalId}: AWS refuses this mapping: ${problems.join('; ')}.`);
    const scaling = properties.ScalingConfig as { MaximumConcurrency?: number } | undefined;
    return lambda.addQueueMapping({ ...common, ...given('maximumConcurrency', scaling?.MaximumConcurrency) });
  }
  if (service !== 'dynamodb') throw new Error(`${logicalId}: mappings from ${service} are not modelled here.`);
  const onFailure = (properties.DestinationConfig as { OnFailure?: Destination } | undefined)?.OnFailure;
  return lambda.addStreamMapping({
    ...common,
    startingPosition: properties.StartingPosition === 'LATEST' ? 'LATEST' : 'TRIM_HORIZON',
    bisect: properties.BisectBatchOnFunctionError === true,
    parallelization: Math.min(10, Math.max(1, Number(properties.ParallelizationFactor ?? 1))),
    maxRetries: Number(properties.MaximumRetryAttempts ?? -1),
    maxAgeSeconds: Number(properties.MaximumRecordAgeInSeconds ?? -1),
    ...given('onFailureArn', onFailure?.Destination),
  });
};

const rule: Wirer = ({ bus, scheduler }, region, { name, attributes, properties }) => {
  const targets = (properties.Targets as RuleTarget[] | undefined) ?? [];
  if (properties.ScheduleExpression) {
    for (const target of targets) {
      scheduler.add({
        name,
        region,
        expression: text(properties.ScheduleExpression),
        functionArn: target.Arn,
        input: target.Input ?? '{}',
        maxAgeSeconds: 86_400,
        maxRetries: 2,
      });
    }
    return;
  }
  const enabled = properties.State !== 'DISABLED';
  bus.addRule({ name, arn: attributes.Arn ?? '', region, pattern: properties.EventPattern, enabled, targets });
};

type ScheduleTarget = {
  Arn: string;
  Input?: string;
  RetryPolicy?: { MaximumEventAgeInSeconds?: number; MaximumRetryAttempts?: number };
};

const schedule: Wirer = ({ scheduler }, region, { name, properties }) => {
  if (properties.State === 'DISABLED') return;
  const zone = text(properties.ScheduleExpressionTimezone ?? 'UTC');
  if (zone !== 'UTC') throw new Error(`${name}: schedules run in UTC here, not in ${zone}.`);
  const target = properties.Target as ScheduleTarget;
  scheduler.add({
    name,
    region,
    expression: text(properties.ScheduleExpression),
    functionArn: target.Arn,
    input: target.Input ?? '{}',
    maxAgeSeconds: target.RetryPolicy?.MaximumEventAgeInSeconds ?? 86_400,
    maxRetries: target.RetryPolicy?.MaximumRetryAttempts ?? 185,
  });
};

const subscription: Wirer = async ({ clients, lambda }, region, { logicalId, properties }) => {
  const [topicArn, Endpoint] = [text(properties.TopicArn), text(properties.Endpoint)];
  const { FilterPolicy: filterPolicy, FilterPolicyScope } = properties;
  const scope = given('filterPolicyScope', FilterPolicyScope as string | undefined);
  if (properties.Protocol === 'lambda')
    return lambda.addTopicSubscription({
      id: `${logicalId}-${region}`,
      region,
      topicArn,
      functionArn: Endpoint,
      ...given('filterPolicy', filterPolicy),
      ...scope,
    });
  const Attributes = {
    ...(filterPolicy ? { FilterPolicy: JSON.stringify(filterPolicy) } : {}),
    ...(properties.RawMessageDelivery ? { RawMessageDelivery: 'true' } : {}),
  };
  await clients
    .sns(region)
    .send(new SubscribeCommand({ TopicArn: topicArn, Protocol: text(properties.Protocol), Endpoint, Attributes }));
};

const topicSubscriptions: Wirer = ({ lambda }, region, { logicalId, ref, properties }) => {
  const inline = (properties.Subscription as { Protocol: string; Endpoint: string }[] | undefined) ?? [];
  inline
    .filter(({ Protocol }) => Protocol === 'lambda')
    .forEach(({ Endpoint }, index) => {
      lambda.addTopicSubscription({
        id: `${logicalId}-${index}-${region}`,
        region,
        topicArn: ref,
        functionArn: Endpoint,
      });
    });
};

const logSubscription: Wirer = ({ lambda }, region, { name, logicalId, properties }) =>
  lambda.addLogSubscription({
    name: text(properties.FilterName ?? name ?? logicalId),
    region,
    logGroup: text(properties.LogGroupName),
    pattern: text(properties.FilterPattern),
    functionArn: text(properties.DestinationArn),
  });

const alarm: Wirer = ({ alarms }, region, { name, attributes, properties }) => {
  if (properties.Metrics) throw new Error(`${name}: alarms on metric math are not modelled here.`);
  const dimensions = (properties.Dimensions as { Name: string; Value: string }[] | undefined) ?? [];
  const evaluationPeriods = Number(properties.EvaluationPeriods);
  const actions: Partial<Record<AlarmState, string[]>> =
    properties.ActionsEnabled === false
      ? {}
      : {
          ALARM: (properties.AlarmActions as string[] | undefined) ?? [],
          OK: (properties.OKActions as string[] | undefined) ?? [],
          INSUFFICIENT_DATA: (properties.InsufficientDataActions as string[] | undefined) ?? [],
        };
  alarms.add({
    name,
    arn: attributes.Arn ?? '',
    description: text(properties.AlarmDescription),
    metric: {
      region,
      namespace: text(properties.Namespace),
      name: text(properties.MetricName),
      dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
    },
    statistic: text(properties.Statistic ?? 'Average') as Alarm['statistic'],
    periodSeconds: Number(properties.Period ?? 60),
    evaluationPeriods,
    datapointsToAlarm: Number(properties.DatapointsToAlarm ?? evaluationPeriods),
    threshold: Number(properties.Threshold),
    comparison: text(properties.ComparisonOperator) as Alarm['comparison'],
    treatMissingData: text(properties.TreatMissingData ?? 'missing') as Alarm['treatMissingData'],
    actions,
  });
};

const healthCheck: Wirer = ({ route53 }, _region, { name, logicalId, properties }) => {
  const config = properties.HealthCheckConfig as Record<string, unknown>;
  if (config.Type !== 'CLOUDWATCH_METRIC') throw new Error(`${logicalId}: health checks are modelled on alarms only.`);
  const alarm = config.AlarmIdentifier as { Region: string; Name: string };
  route53.createHealthCheck({
    id: name,
    callerReference: name,
    alarm: { region: alarm.Region, name: alarm.Name },
    inverted: String(config.Inverted) === 'true',
    insufficientData: text(config.InsufficientDataHealthStatus ?? 'LastKnownStatus') as HealthCheck['insufficientData'],
  });
};

/** In this order: a trigger finds its function and its permission. */
const WIRERS: [string, Wirer][] = [
  ['AWS::Lambda::Function', lambdaFunction],
  ['AWS::Lambda::Permission', permission],
  ['AWS::CloudWatch::Alarm', alarm],
  ['AWS::Route53::HealthCheck', healthCheck],
  ['AWS::Events::Rule', rule],
  ['AWS::SNS::Subscription', subscription],
  ['AWS::SNS::Topic', topicSubscriptions],
  ['AWS::Logs::SubscriptionFilter', logSubscription],
  ['AWS::Lambda::EventSourceMapping', mapping],
  ['AWS::Scheduler::Schedule', schedule],
];

/** Registers everything that is ours. Throws one error that names all that can not be kept here. */
export const wire = async (services: Services, region: string, all: readonly PlannedResource[]): Promise<void> => {
  const problems: string[] = [];
  for (const [type, wirer] of WIRERS) {
    for (const resource of ofType(all, type)) {
      try {
        await wirer(services, region, resource, all);
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
  }
  if (problems.length > 0)
    throw new Error(`The stack of ${region} can not be run here:\n${problems.map((one) => `  ${one}`).join('\n')}`);
};
