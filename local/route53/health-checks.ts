import type { AlarmState } from '../alarms/evaluate.ts';
import type { XmlValue } from '../xml.ts';
import { child, parseBody, text } from './parse.ts';
import { invalidInput, Route53Refusal } from './refusal.ts';

/** A health check of type CLOUDWATCH_METRIC: the only type that is modelled, and the only one that can see into a VPC. */
export type HealthCheck = {
  readonly id: string;
  readonly callerReference: string;
  readonly alarm: { readonly region: string; readonly name: string };
  readonly inverted: boolean;
  readonly insufficientData: 'Healthy' | 'Unhealthy' | 'LastKnownStatus';
};

const whenInsufficient = ['Healthy', 'Unhealthy', 'LastKnownStatus'] as const;

/**
 * Whether a check is healthy, before it is inverted (API reference, HealthCheckConfig: InsufficientDataHealthStatus, Inverted).
 * `before` is what it was when there last were enough data; a new check is healthy.
 */
export const isHealthy = (
  { insufficientData }: Pick<HealthCheck, 'insufficientData'>,
  state: AlarmState,
  before: boolean,
): boolean => {
  if (state !== 'INSUFFICIENT_DATA') return state === 'OK';
  return insufficientData === 'LastKnownStatus' ? before : insufficientData === 'Healthy';
};

/** The health checks of the account, kept at what their alarms say. `publish` is told of every change of health. */
export const openHealthChecks = (publish: (id: string, healthy: boolean) => void, newId: () => string) => {
  const checks = new Map<string, { check: HealthCheck; healthy: boolean }>();
  const states = new Map<string, AlarmState>();
  const keyOf = (region: string, name: string) => `${region} ${name}`;

  const judge = (one: { check: HealthCheck; healthy: boolean }): void => {
    const { id, alarm, inverted } = one.check;
    one.healthy = isHealthy(one.check, states.get(keyOf(alarm.region, alarm.name)) ?? 'INSUFFICIENT_DATA', one.healthy);
    publish(id, one.healthy !== inverted);
  };

  const add = (check: HealthCheck): HealthCheck => {
    const one = { check, healthy: true };
    checks.set(check.id, one);
    judge(one);
    return check;
  };

  const of = (id: string): HealthCheck => {
    const found = checks.get(id);
    if (found === undefined)
      throw new Route53Refusal('NoSuchHealthCheck', 404, `No health check exists with the specified ID: ${id}`);
    return found.check;
  };

  return {
    add,
    of,
    has: (id: string): boolean => checks.has(id),
    /** CreateHealthCheck: a caller reference makes one check, however often it is sent with the same settings. */
    create: (body: Buffer): HealthCheck => {
      const wanted = parseCheck(body);
      const same = [...checks.values()].find(({ check }) => check.callerReference === wanted.callerReference)?.check;
      if (same === undefined) return add({ id: newId(), ...wanted });
      if (JSON.stringify(same) === JSON.stringify({ id: same.id, ...wanted })) return same;
      throw new Route53Refusal(
        'HealthCheckAlreadyExists',
        409,
        `A health check with the caller reference ${wanted.callerReference} has other settings`,
      );
    },
    remove: (id: string): void => {
      of(id);
      checks.delete(id);
    },
    list: (): HealthCheck[] => [...checks.values()].map(({ check }) => check),
    /** Route 53 watches the alarm's data, not its state: SetAlarmState moves no health check, and there is none here. */
    alarmIs: (region: string, name: string, state: AlarmState): void => {
      states.set(keyOf(region, name), state);
      for (const one of checks.values()) {
        if (one.check.alarm.region === region && one.check.alarm.name === name) judge(one);
      }
    },
  };
};

const parseCheck = (body: Buffer): Omit<HealthCheck, 'id'> => {
  const request = parseBody(body, 'CreateHealthCheckRequest');
  const config = child(request, 'HealthCheckConfig');
  const alarm = child(config, 'AlarmIdentifier');
  const [callerReference, type] = [text(request, 'CallerReference'), text(config, 'Type')];
  const [region, name] = [text(alarm, 'Region'), text(alarm, 'Name')];
  const insufficientData = whenInsufficient.find(
    (one) => one === (text(config, 'InsufficientDataHealthStatus') ?? one),
  );
  if (callerReference === undefined) throw invalidInput('CallerReference is required');
  if (type !== 'CLOUDWATCH_METRIC') throw invalidInput(`Health checks of type ${type} are not modelled here`);
  if (region === undefined || name === undefined) throw invalidInput('AlarmIdentifier needs a Region and a Name');
  if (insufficientData === undefined) throw invalidInput(`InsufficientDataHealthStatus is one of ${whenInsufficient}`);
  return {
    callerReference,
    alarm: { region, name },
    inverted: text(config, 'Inverted') === 'true',
    insufficientData: text(config, 'InsufficientDataHealthStatus') === undefined ? 'LastKnownStatus' : insufficientData,
  };
};

export const healthCheckXml = ({ id, callerReference, alarm, inverted, insufficientData }: HealthCheck): XmlValue => ({
  Id: id,
  CallerReference: callerReference,
  HealthCheckConfig: {
    Type: 'CLOUDWATCH_METRIC',
    Inverted: inverted,
    AlarmIdentifier: { Region: alarm.region, Name: alarm.name },
    InsufficientDataHealthStatus: insufficientData,
  },
  HealthCheckVersion: 1,
});
