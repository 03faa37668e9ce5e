import type { Config, RegionRole } from '../shared/config/schema.ts';
import { failoverNames } from './failover-names.ts';
import { failoverRecord } from './failover-record.ts';
import { logicalId } from './logical-id.ts';

type Resources = Record<
  string,
  { Type: string; DependsOn?: string[]; DeletionPolicy?: string; Properties: Record<string, unknown> }
>;

/** What the config decides, and what repeats: one stream mapping per table, one subscription per log group, the alarms and health checks of names. */
export const fromConfig = (config: Config, place: RegionRole): Resources =>
  place === 'primary'
    ? {
        ...streamMappings(config),
        ...logSubscriptions(config),
        ...driftSchedule(config),
        ...failoverNames(config, place),
      }
    : { ...failoverNames(config, place), ...(place === 'recovery' ? failoverRecord(config) : {}) };

// osls refuses a reference as a stream's on-failure destination, and only S3 keeps the records themselves (docs: with-ddb), so the mapping is written here.
const streamMappings = ({ search }: Config): Resources =>
  Object.fromEntries(
    search.tables.map(({ name, streamArn }) => [
      logicalId('Sync', name, 'Stream'),
      {
        Type: 'AWS::Lambda::EventSourceMapping',
        // Lambda checks on creation that the role can read the stream.
        DependsOn: ['SyncRole'],
        Properties: {
          EventSourceArn: streamArn,
          FunctionName: { 'Fn::GetAtt': ['SyncLambdaFunction', 'Arn'] },
          // LATEST would lose what is written between this call and the first poll.
          StartingPosition: 'TRIM_HORIZON',
          BatchSize: 1000,
          MaximumBatchingWindowInSeconds: 1,
          ParallelizationFactor: 1,
          BisectBatchOnFunctionError: true,
          MaximumRetryAttempts: -1,
          // Leave for the dead letters before the stream forgets the record after 24 hours.
          MaximumRecordAgeInSeconds: 79_200,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLettersBucket', 'Arn'] } } },
        },
      },
    ]),
  );

const logSubscriptions = ({ search }: Config): Resources =>
  Object.fromEntries(
    search.logs.flatMap(({ logGroup }) => {
      const permission = logicalId('Logs', logGroup, 'Permission');
      return [
        [
          permission,
          {
            Type: 'AWS::Lambda::Permission',
            Properties: {
              Action: 'lambda:InvokeFunction',
              FunctionName: { 'Fn::GetAtt': ['LogsLambdaFunction', 'Arn'] },
              Principal: 'logs.amazonaws.com',
              SourceArn: {
                'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${logGroup}:*`,
              },
              SourceAccount: { Ref: 'AWS::AccountId' },
            },
          },
        ],
        [
          logicalId('Logs', logGroup, 'Subscription'),
          {
            Type: 'AWS::Logs::SubscriptionFilter',
            DependsOn: [permission],
            Properties: {
              LogGroupName: logGroup,
              FilterPattern: '',
              DestinationArn: { 'Fn::GetAtt': ['LogsLambdaFunction', 'Arn'] },
            },
          },
        ],
      ];
    }),
  );

/** When tables are compared with their indexes: at night, and on Sundays for those that do it weekly. */
const driftSchedule = ({ stage, search }: Config): Resources =>
  search.driftCheck === undefined
    ? {}
    : {
        DriftSchedule: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: {
            Name: `mainstay-${stage}-search-drift`,
            ScheduleExpression: search.driftCheck.every === 'day' ? 'cron(15 3 * * ? *)' : 'cron(15 3 ? * SUN *)',
            ScheduleExpressionTimezone: 'UTC',
            FlexibleTimeWindow: { Mode: 'OFF' },
            Target: {
              Arn: { 'Fn::GetAtt': ['UpkeepLambdaFunction', 'Arn'] },
              RoleArn: { 'Fn::GetAtt': ['DriftScheduleRole', 'Arn'] },
              Input: '{"kind":"compare","scheduledTime":"<aws.scheduler.scheduled-time>"}',
              RetryPolicy: { MaximumEventAgeInSeconds: 3000, MaximumRetryAttempts: 3 },
            },
          },
        },
      };
