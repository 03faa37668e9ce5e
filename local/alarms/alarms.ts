// AWS::CloudWatch::Alarm on the local clock: evaluated every minute, a change of state is an event and its actions.
// Not modelled: metric math, anomaly detection, percentiles, composite alarms, periods below a minute.
import type { Clock } from '../clock.ts';
import { type AwsEvent, eventTime } from '../eventbridge/event.ts';
import { type AlarmRule, type AlarmState, evaluate } from './evaluate.ts';
import { type Datum, type Metric, openMetrics, type Statistic } from './metrics.ts';

/** An alarm of the template. */
export type Alarm = AlarmRule & {
  name: string;
  arn: string;
  description: string;
  metric: Metric;
  statistic: Statistic;
  periodSeconds: number;
  actions: Partial<Record<AlarmState, string[]>>;
};

export type AlarmPorts = {
  clock: Clock;
  account: string;
  putEvent(event: AwsEvent): Promise<void>;
  publish(topicArn: string, subject: string, message: string): Promise<void>;
  /** Told of every change of state: Route 53's health checks follow it. */
  changed?(region: string, alarm: string, state: AlarmState): void;
  onError(error: unknown): void;
};

export type Alarms = {
  add(alarm: Alarm): void;
  putMetric(datum: Datum): void;
  list(): { name: string; region: string; state: AlarmState; since: string }[];
  stop(): void;
};

const MINUTE_MS = 60_000;
/** After the full minute, so that its last data are in. */
const SETTLE_MS = 1_000;

/** Opens the evaluator without alarms. */
export const openAlarms = (ports: AlarmPorts): Alarms => {
  const { clock, account } = ports;
  const metrics = openMetrics(clock.now);
  const alarms = new Map<Alarm, { state: AlarmState; sinceMs: number; reason: string }>();

  const look = async (alarm: Alarm, endMs: number): Promise<void> => {
    const periodMs = alarm.periodSeconds * 1000;
    const points = Array.from({ length: alarm.evaluationPeriods }, (_, index) => {
      const toMs = endMs - (alarm.evaluationPeriods - 1 - index) * periodMs;
      return metrics.read(alarm.metric, alarm.statistic, toMs - periodMs, toMs);
    });
    const before = alarms.get(alarm);
    if (!before) return;
    const state = evaluate(alarm, points, before.state);
    if (state === before.state) return;
    const shown = points.map((point) => point ?? 'missing').join(', ');
    const after = {
      state,
      sinceMs: clock.now(),
      reason: `Threshold ${alarm.threshold}: the last datapoints were ${shown}`,
    };
    alarms.set(alarm, after);
    ports.changed?.(alarm.metric.region, alarm.name, state);
    const event: AwsEvent = {
      version: '0',
      id: crypto.randomUUID(),
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account,
      time: eventTime(clock.now()),
      region: alarm.metric.region,
      resources: [alarm.arn],
      detail: {
        alarmName: alarm.name,
        state: { value: state, reason: after.reason, timestamp: cloudWatchTime(after.sinceMs) },
        previousState: { value: before.state, reason: before.reason, timestamp: cloudWatchTime(before.sinceMs) },
        configuration: { description: alarm.description, metrics: [metricOf(alarm)] },
      },
    };
    // The two ways are independent: one that fails does not silence the other.
    await Promise.all([
      ports.putEvent(event).catch(ports.onError),
      ...(alarm.actions[state] ?? [])
        .filter((arn) => arn.includes(':sns:'))
        .map((arn) =>
          ports
            .publish(arn, `${state}: "${alarm.name}"`, JSON.stringify(notice(alarm, account, before.state, after)))
            .catch(ports.onError),
        ),
    ]);
  };

  let cancel = () => {};
  const arm = () => {
    const endMs = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS;
    cancel = clock.at(endMs + SETTLE_MS, async () => {
      arm();
      await Promise.all([...alarms.keys()].map((alarm) => look(alarm, endMs)));
    });
  };
  arm();

  return {
    add: (alarm) => {
      alarms.set(alarm, {
        state: 'INSUFFICIENT_DATA',
        sinceMs: clock.now(),
        reason: 'Unchecked: Initial alarm creation',
      });
    },
    putMetric: metrics.put,
    list: () =>
      [...alarms].map(([{ name, metric }, { state, sinceMs }]) => ({
        name,
        region: metric.region,
        state,
        since: eventTime(sinceMs),
      })),
    stop: () => cancel(),
  };
};

const cloudWatchTime = (ms: number) => new Date(ms).toISOString().replace('Z', '+0000');

const metricOf = ({ metric, statistic, periodSeconds }: Alarm) => ({
  id: 'm1',
  returnData: true,
  metricStat: {
    metric: { namespace: metric.namespace, name: metric.name, dimensions: metric.dimensions },
    period: periodSeconds,
    stat: statistic,
  },
});

/** docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
const notice = (
  alarm: Alarm,
  account: string,
  before: AlarmState,
  after: { state: AlarmState; sinceMs: number; reason: string },
) => ({
  AlarmName: alarm.name,
  AlarmDescription: alarm.description,
  AWSAccountId: account,
  NewStateValue: after.state,
  NewStateReason: after.reason,
  StateChangeTime: cloudWatchTime(after.sinceMs),
  Region: alarm.metric.region,
  AlarmArn: alarm.arn,
  OldStateValue: before,
  Trigger: {
    MetricName: alarm.metric.name,
    Namespace: alarm.metric.namespace,
    Statistic: alarm.statistic.toUpperCase(),
    Dimensions: Object.entries(alarm.metric.dimensions).map(([name, value]) => ({ name, value })),
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.evaluationPeriods,
    Threshold: alarm.threshold,
  },
});
