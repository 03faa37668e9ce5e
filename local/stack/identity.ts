// What a resource is called, and what Ref and GetAtt give for it: known before it is made, for names decide it all.
// Each type's "Return values" in docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html.

export type Place = { account: string; region: string; stackName: string; endpoint: string };
export type Identity = { ref: string; attributes: Record<string, string> };
type Properties = Record<string, unknown>;

const PREFIX = 'arn:aws';

const table = (name: string, { region, account }: Place): Identity => {
  const Arn = `${PREFIX}:dynamodb:${region}:${account}:table/${name}`;
  return { ref: name, attributes: { Arn, StreamArn: `${Arn}/stream/local` } };
};

/** Types that exist here: made in an engine, or registered with one of our services. */
const NAMED: Record<string, (name: string, place: Place, properties: Properties) => Identity> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::SQS::Queue': (name, { region, account, endpoint }) => {
    const QueueUrl = `${endpoint}/${account}/${name}`;
    return {
      ref: QueueUrl,
      attributes: { Arn: `${PREFIX}:sqs:${region}:${account}:${name}`, QueueName: name, QueueUrl },
    };
  },
  'AWS::SNS::Topic': (name, { region, account }) => {
    const TopicArn = `${PREFIX}:sns:${region}:${account}:${name}`;
    return { ref: TopicArn, attributes: { TopicArn, TopicName: name } };
  },
  'AWS::S3::Bucket': (name, { region }) => ({
    ref: name,
    attributes: {
      Arn: `${PREFIX}:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    },
  }),
  'AWS::Logs::LogGroup': (name, { region, account }) => ({
    ref: name,
    attributes: { Arn: `${PREFIX}:logs:${region}:${account}:log-group:${name}:*` },
  }),
  'AWS::Lambda::Function': (name, { region, account }) => ({
    ref: name,
    attributes: { Arn: `${PREFIX}:lambda:${region}:${account}:function:${name}` },
  }),
  'AWS::Events::Rule': (name, { region, account }) => ({
    ref: name,
    attributes: { Arn: `${PREFIX}:events:${region}:${account}:rule/${name}` },
  }),
  'AWS::Scheduler::Schedule': (name, { region, account }) => ({
    ref: name,
    attributes: { Arn: `${PREFIX}:scheduler:${region}:${account}:schedule/default/${name}` },
  }),
  'AWS::CloudWatch::Alarm': (name, { region, account }) => ({
    ref: name,
    attributes: { Arn: `${PREFIX}:cloudwatch:${region}:${account}:alarm:${name}` },
  }),
  'AWS::Route53::HealthCheck': (name) => ({ ref: name, attributes: { HealthCheckId: name } }),
  'AWS::IAM::Role': (name, { account }) => ({
    ref: name,
    attributes: { Arn: `${PREFIX}:iam::${account}:role/${name}`, RoleId: `AROA${name.slice(0, 12).toUpperCase()}` },
  }),
  'AWS::KMS::Key': (name, { region, account }) => ({
    ref: name,
    attributes: { Arn: `${PREFIX}:kms:${region}:${account}:key/${name}`, KeyId: name },
  }),
};

const NAME_PROPERTY: Record<string, string> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::IAM::Role': 'RoleName',
};

/** Wiring that is registered with our services and has no name that anybody refers to. */
const WIRING = new Set([
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::SNS::Subscription',
  'AWS::Logs::SubscriptionFilter',
]);

/** Types that the local AWS does without: nothing here enforces or shows them. They are listed after loading. */
const WITHOUT = new Set([
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::KMS::Alias',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::Events::EventBusPolicy',
  'AWS::CloudWatch::Dashboard',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Lambda::Version',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::ResourcePolicy',
  'AWS::RDS::EventSubscription',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::SecurityGroupEgress',
]);

/** Whether a type is made here, done without, or not known at all. */
export const standingOf = (type: string): 'made' | 'without' | 'unknown' => {
  if (WITHOUT.has(type)) return 'without';
  return type in NAMED || WIRING.has(type) ? 'made' : 'unknown';
};

/** The name, Ref and attributes of a resource whose properties are resolved. */
export const identify = (
  type: string,
  logicalId: string,
  properties: Properties,
  place: Place,
): Identity & { name: string } => {
  const given = properties[NAME_PROPERTY[type] ?? 'Name'];
  const generated = `${place.stackName}-${logicalId}`.slice(0, 64);
  const name =
    typeof given === 'string'
      ? given
      : type === 'AWS::S3::Bucket'
        ? `${place.stackName}-${logicalId}-${place.region}`.toLowerCase().slice(0, 63)
        : generated;
  return { name, ...(NAMED[type]?.(name, place, properties) ?? { ref: name, attributes: {} }) };
};
