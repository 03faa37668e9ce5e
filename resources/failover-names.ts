import type { Config, PairConfig, RegionRole } from '../shared/config/schema.ts';
import { logicalId } from './logical-id.ts';

type Resources = Record<string, { Type: string; DependsOn?: string[]; Properties: Record<string, unknown> }>;

/**
 * The alarms that names follow, and the health checks on them. The flip is in the recovery region, for it must work when the primary
 * region does not; a reader's is where its observer is. Your records carry the ids of the health checks (functions/failover/README.md,
 * "Names").
 */
export const failoverNames = (config: Config, place: RegionRole): Resources =>
  Object.assign(
    {},
    ...config.failover.pairs.map((pair) => {
      if (place === 'witness') return {};
      const own = place === 'recovery' ? pair.replica.instance : pair.primary.instance;
      const others = (pair.dns.readers ?? []).filter(({ region }) => region === place).map(({ instance }) => instance);
      const readers = [own, ...others].map((instance) => reader(config, pair, instance));
      return Object.assign(place === 'recovery' ? flip(config, pair) : {}, ...readers);
    }),
  );

/** Mode stop: 1 in this metric makes the primary record unhealthy, so that the secondary one is answered. */
const flip = ({ stage }: Config, { name, dns }: PairConfig): Resources =>
  dns.mode === 'stop'
    ? alarmed(logicalId('NamesOnStandby', name), {
        AlarmName: `mainstay-${stage}-names-${name}`,
        AlarmDescription: `The writer's name of ${name} leads to its secondary record. No fault by itself.`,
        Namespace: 'Mainstay',
        MetricName: 'NamesOnStandby',
        Dimensions: dimensions({ stage, pair: name }),
        Statistic: 'Maximum',
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      })
    : {};

/** A reader, or what was built in its place, that did not answer the observer for two minutes. */
const reader = ({ stage }: Config, { dns }: PairConfig, instance: string): Resources =>
  dns.reader === undefined
    ? {}
    : alarmed(logicalId('Reader', instance), {
        AlarmName: `mainstay-${stage}-reader-${instance}`,
        AlarmDescription: `${instance} does not answer: Route 53 leaves it out of ${dns.reader} as long as there is another reader.`,
        Namespace: 'Mainstay',
        MetricName: 'ReaderAnswers',
        // `service` is the metric library's own.
        Dimensions: dimensions({ service: 'observer', stage, instance }),
        Statistic: 'Maximum',
        EvaluationPeriods: 2,
        ComparisonOperator: 'LessThanThreshold',
      });

const dimensions = (of: Record<string, string>) => Object.entries(of).map(([Name, Value]) => ({ Name, Value }));

/**
 * An alarm that Route 53 can follow (docs: API_AlarmIdentifier: standard resolution, no extended statistics), and its health check.
 * Silence changes nothing: with no data the health is what it was last (docs: HealthCheckConfig, InsufficientDataHealthStatus).
 */
const alarmed = (id: string, alarm: Record<string, unknown>): Resources => ({
  [`${id}Alarm`]: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { Period: 60, Threshold: 1, TreatMissingData: 'missing', ...alarm },
  },
  [`${id}HealthCheck`]: {
    Type: 'AWS::Route53::HealthCheck',
    // It is refused while its alarm is not there.
    DependsOn: [`${id}Alarm`],
    Properties: {
      HealthCheckConfig: {
        Type: 'CLOUDWATCH_METRIC',
        AlarmIdentifier: { Region: { Ref: 'AWS::Region' }, Name: alarm.AlarmName },
        InsufficientDataHealthStatus: 'LastKnownStatus',
      },
      HealthCheckTags: [{ Key: 'Name', Value: alarm.AlarmName }],
    },
  },
});
