import { asRecord, asText } from './json.ts';
import type { Signal } from './signal.ts';

type AlarmSignal = Extract<Signal, { kind: 'alarm' }>;

/** A CloudWatch alarm in any of its three shapes, or undefined. INSUFFICIENT_DATA is a hint like the others, never proof. */
export const parseAlarm = (body: Record<string, unknown>): AlarmSignal | undefined =>
  fromEventBridge(body) ?? fromAction(body) ?? fromNotification(body);

// docs: cloudwatch-and-eventbridge
const fromEventBridge = (body: Record<string, unknown>): AlarmSignal | undefined => {
  const detail = asRecord(body.detail);
  if (body.source !== 'aws.cloudwatch' || detail === undefined) return undefined;
  return alarm(detail.alarmName, asRecord(detail.state)?.value, body.region, 'eventbridge');
};

// docs: alarms-and-actions-Lambda
const fromAction = (body: Record<string, unknown>): AlarmSignal | undefined => {
  const data = asRecord(body.alarmData);
  if (body.source !== 'aws.cloudwatch' || data === undefined) return undefined;
  return alarm(data.alarmName, asRecord(data.state)?.value, body.region, 'direct');
};

// docs: Notify_Users_Alarm_Changes. `Region` is a display name: the ARN is read.
const fromNotification = (body: Record<string, unknown>): AlarmSignal | undefined =>
  alarm(body.AlarmName, body.NewStateValue, asText(body.AlarmArn)?.split(':')[3], 'sns');

const alarm = (name: unknown, state: unknown, region: unknown, via: AlarmSignal['via']): AlarmSignal | undefined => {
  if (typeof name !== 'string') return undefined;
  if (state !== 'ALARM' && state !== 'OK' && state !== 'INSUFFICIENT_DATA') return undefined;
  return { kind: 'alarm', name, region: asText(region) ?? '', state, via };
};
