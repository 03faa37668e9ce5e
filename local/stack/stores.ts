// Makes a template's tables, queues, topics, buckets and log groups in the engines, through the gateway. What is there already is kept.
// Left out, for nothing here has it: encryption, point-in-time recovery, deletion protection, access blocks, lifecycle rules.
import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { Clients } from '../lambda/clients.ts';
import type { PlannedResource } from './plan.ts';

type Maker = (clients: Clients, region: string, resource: PlannedResource) => Promise<unknown>;

const THERE_ALREADY = new Set([
  'ResourceInUseException',
  'BucketAlreadyOwnedByYou',
  'BucketAlreadyExists',
  'ResourceAlreadyExistsException',
  'QueueAlreadyExists',
  'QueueNameExists',
]);
const unlessThere = async (made: Promise<unknown>): Promise<void> => {
  await made.catch((error: Error) => {
    if (!THERE_ALREADY.has(error.name)) throw error;
  });
};

const table: Maker = async (clients, region, { name, properties }) => {
  const dynamodb = clients.dynamodb(region);
  const stream = properties.StreamSpecification as { StreamViewType?: string } | undefined;
  const {
    BillingMode,
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
    ProvisionedThroughput,
  } = properties as Partial<CreateTableCommandInput>;
  const input = {
    TableName: name,
    BillingMode,
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
    ProvisionedThroughput,
    // The template says only what a record holds; the API wants to be told that there is a stream, too.
    ...(stream ? { StreamSpecification: { ...stream, StreamEnabled: true } } : {}),
  } as CreateTableCommandInput;
  await unlessThere(dynamodb.send(new CreateTableCommand(input)));
  const ttl = properties.TimeToLiveSpecification as { AttributeName: string; Enabled: boolean } | undefined;
  if (!ttl) return;
  await dynamodb
    .send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: ttl }))
    .catch((error: Error) => {
      if (!error.message.includes('already')) throw error;
    });
};

/** A table of the stack's region, then one of all its regions, as CloudFormation makes it (docs: aws-resource-dynamodb-globaltable). */
const globalTable: Maker = async (clients, region, resource) => {
  const {
    Replicas = [],
    GlobalTableWitnesses = [],
    MultiRegionConsistency,
  } = resource.properties as {
    Replicas?: { Region: string }[];
    GlobalTableWitnesses?: { Region: string }[];
    MultiRegionConsistency?: UpdateTableCommandInput['MultiRegionConsistency'];
  };
  if (!Replicas.some(({ Region }) => Region === region))
    throw new Error(`${resource.name}: a global table has a replica in the region of its stack, ${region}.`);
  const dynamodb = clients.dynamodb(region);
  await table(clients, region, resource);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: resource.name }));
  if (Table?.MultiRegionConsistency === 'STRONG') return;
  const created = ({ Region }: { Region: string }) => ({ Create: { RegionName: Region } });
  await dynamodb.send(
    new UpdateTableCommand({
      TableName: resource.name,
      MultiRegionConsistency,
      ReplicaUpdates: Replicas.filter(({ Region }) => Region !== region).map(created),
      ...(GlobalTableWitnesses.length > 0 && { GlobalTableWitnessUpdates: GlobalTableWitnesses.map(created) }),
    }),
  );
};

const QUEUE_ATTRIBUTES = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'MaximumMessageSize',
];

const queue: Maker = (clients, region, { name, properties }) => {
  if (properties.FifoQueue) throw new Error(`${name}: FIFO queues are not modelled here.`);
  const Attributes = Object.fromEntries(
    QUEUE_ATTRIBUTES.filter((attribute) => properties[attribute] !== undefined).map((attribute) => [
      attribute,
      String(properties[attribute]),
    ]),
  );
  if (properties.RedrivePolicy) Attributes.RedrivePolicy = JSON.stringify(properties.RedrivePolicy);
  return unlessThere(clients.sqs(region).send(new CreateQueueCommand({ QueueName: name, Attributes })));
};

const topic: Maker = async (clients, region, { name, ref, properties }) => {
  await clients.sns(region).send(new CreateTopicCommand({ Name: name }));
  const subscriptions = (properties.Subscription as { Protocol: string; Endpoint: string }[] | undefined) ?? [];
  for (const { Protocol, Endpoint } of subscriptions.filter((one) => one.Protocol !== 'lambda')) {
    await clients.sns(region).send(new SubscribeCommand({ TopicArn: ref, Protocol, Endpoint }));
  }
};

type TemplateFilter = { S3Key?: { Rules?: { Name: string; Value: string }[] } };
type TemplateNotification = { Event: string; Queue?: string; Topic?: string; Filter?: TemplateFilter };

const bucket: Maker = async (clients, region, { name, properties }) => {
  const s3 = clients.s3(region);
  const CreateBucketConfiguration = { LocationConstraint: region as BucketLocationConstraint };
  await unlessThere(
    s3.send(
      new CreateBucketCommand({ Bucket: name, ...(region === 'us-east-1' ? {} : { CreateBucketConfiguration }) }),
    ),
  );
  const versioning = properties.VersioningConfiguration as { Status: 'Enabled' | 'Suspended' } | undefined;
  if (versioning) await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: versioning }));
  const notifications = properties.NotificationConfiguration as Record<string, TemplateNotification[]> | undefined;
  if (!notifications) return;
  if (notifications.LambdaConfigurations || notifications.EventBridgeConfiguration)
    throw new Error(`${name}: S3 events reach functions through a queue here; other ways are not modelled.`);
  // The template writes a single `Event` and `Filter.S3Key`; the API a list and `Filter.Key`.
  const shape = ({ Event, Filter }: TemplateNotification) => ({
    Events: [Event],
    ...(Filter?.S3Key ? { Filter: { Key: { FilterRules: Filter.S3Key.Rules } } } : {}),
  });
  const NotificationConfiguration = {
    QueueConfigurations: notifications.QueueConfigurations?.map((one) => ({ ...shape(one), QueueArn: one.Queue })),
    TopicConfigurations: notifications.TopicConfigurations?.map((one) => ({ ...shape(one), TopicArn: one.Topic })),
  } as NotificationConfiguration;
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: name, NotificationConfiguration }));
};

const logGroup: Maker = (clients, region, { name }) =>
  unlessThere(clients.logs(region).send(new CreateLogGroupCommand({ logGroupName: name })));

const MAKERS: Record<string, Maker> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': globalTable,
  'AWS::SQS::Queue': queue,
  'AWS::SNS::Topic': topic,
  'AWS::S3::Bucket': bucket,
  'AWS::Logs::LogGroup': logGroup,
};

/** Makes one resource if it is a store; says whether it was one. */
export const makeStore = async (clients: Clients, region: string, resource: PlannedResource): Promise<boolean> => {
  const make = MAKERS[resource.type];
  await make?.(clients, region, resource);
  return make !== undefined;
};
