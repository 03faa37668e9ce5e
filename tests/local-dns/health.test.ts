import { Resolver } from 'node:dns/promises';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  DeleteHealthCheckCommand,
  GetHealthCheckCommand,
  type HealthCheckConfig,
  ListHealthChecksCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Alarms, openAlarms } from '../../local/alarms/alarms.ts';
import { type Clock, openClock } from '../../local/clock.ts';
import { type Dns, openDns } from '../../local/dns/server.ts';
import { openRoute53, type Route53 } from '../../local/route53/route53.ts';
import { clientSettings, serve } from '../local-rds/aws-server.ts';

// Route 53's answers obey health checks, health checks obey alarms, alarms obey data: nothing of it is Route 53's control plane.

const region = 'eu-central-1';
let clock: Clock;
let dns: Dns;
let route53: Route53;
let alarms: Alarms;
let client: Route53Client;
let resolver: Resolver;
let stop: () => Promise<void>;

beforeEach(async () => {
  clock = openClock();
  dns = await openDns();
  route53 = openRoute53({ clock, dns, propagationMs: 0 });
  route53.admin.createZone({ id: 'Z1', name: 'estate.internal' });
  alarms = openAlarms({
    clock,
    account: '111122223333',
    putEvent: async () => {},
    publish: async () => {},
    changed: route53.admin.alarmIs,
    onError: (error) => {
      throw error;
    },
  });
  const server = await serve(route53.service);
  client = new Route53Client(clientSettings('us-east-1', server.endpoint));
  resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([dns.address]);
  stop = async () => {
    alarms.stop();
    client.destroy();
    await server.stop();
    await dns.stop();
    clock.stop();
  };
});
afterEach(() => stop());

const metric = (name: string) => ({ region, namespace: 'Test', name, dimensions: {} });
/** Alarms while the metric is 1 or more. */
const addAlarm = (name: string) =>
  alarms.add({
    name,
    arn: `arn:aws:cloudwatch:${region}:111122223333:alarm:${name}`,
    description: '',
    metric: metric(name),
    statistic: 'Maximum',
    periodSeconds: 60,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    threshold: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    treatMissingData: 'missing',
    actions: {},
  });
const check = async (alarm: string, config: Partial<HealthCheckConfig> = {}, callerReference = alarm) => {
  const { HealthCheck } = await client.send(
    new CreateHealthCheckCommand({
      CallerReference: callerReference,
      HealthCheckConfig: { Type: 'CLOUDWATCH_METRIC', AlarmIdentifier: { Region: region, Name: alarm }, ...config },
    }),
  );
  return HealthCheck?.Id as string;
};
const create = async (...sets: Partial<ResourceRecordSet>[]) => {
  const Changes = sets.map((set): Change => {
    const base = { Name: 'db.estate.internal', Type: 'CNAME' as const, TTL: 1 };
    return { Action: 'CREATE', ResourceRecordSet: { ...base, ...set } };
  });
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes } }));
  await clock.advance(1);
};
const set = (SetIdentifier: string, routing: Partial<ResourceRecordSet>) => ({
  SetIdentifier,
  ResourceRecords: [{ Value: `${SetIdentifier}.rds` }],
  ...routing,
});
const answer = async () => (await resolver.resolveCname('db.estate.internal'))[0];
const answers = async () => new Set(await Promise.all(Array.from({ length: 40 }, answer)));
/** What the metric is in this minute, seen when the alarm was evaluated. */
const say = async (name: string, value?: number) => {
  if (value !== undefined) alarms.putMetric({ ...metric(name), value });
  await clock.advance(62_000);
};

describe('failover records', () => {
  const pair = async (config: Partial<HealthCheckConfig> = {}) => {
    addAlarm('moved');
    await create(
      set('old', { Failover: 'PRIMARY', HealthCheckId: await check('moved', config) }),
      set('new', { Failover: 'SECONDARY' }),
    );
  };

  test('the primary is answered while its check is new and has no data', async () => {
    await pair();
    expect(await answer()).toBe('old.rds');
  });

  test('one number put into a metric moves the name; silence after it leaves it moved (LastKnownStatus)', async () => {
    await pair();
    await say('moved', 1);
    expect(await answer()).toBe('new.rds');
    await say('moved');
    await say('moved');
    expect(alarms.list()[0]?.state).toBe('INSUFFICIENT_DATA');
    expect(await answer()).toBe('new.rds');
    await say('moved', 0);
    expect(await answer()).toBe('old.rds');
  });

  test('where silence counts as healthy, the name falls back by itself: not the setting for a failover', async () => {
    await pair({ InsufficientDataHealthStatus: 'Healthy' });
    await say('moved', 1);
    await say('moved');
    expect(await answer()).toBe('old.rds');
  });

  test('an inverted check is unhealthy where it would be healthy', async () => {
    await pair({ Inverted: true });
    expect(await answer()).toBe('new.rds');
    await say('moved', 1);
    expect(await answer()).toBe('old.rds');
  });

  test('with both unhealthy the primary is answered', async () => {
    addAlarm('both');
    const id = await check('both');
    await create(
      set('old', { Failover: 'PRIMARY', HealthCheckId: id }),
      set('new', { Failover: 'SECONDARY', HealthCheckId: id }),
    );
    await say('both', 1);
    expect(await answer()).toBe('old.rds');
  });

  test('a second primary, or another routing beside them, is refused', async () => {
    await pair();
    await expect(create(set('third', { Failover: 'PRIMARY' }))).rejects.toThrow('cannot be created');
    await expect(create(set('third', { Weight: 1 }))).rejects.toThrow('cannot be created');
  });
});

describe('weighted records', () => {
  test('a dead one is taken out; when all are dead all are answered', async () => {
    for (const one of ['a', 'b']) addAlarm(one);
    await create(
      set('a', { Weight: 1, HealthCheckId: await check('a') }),
      set('b', { Weight: 1, HealthCheckId: await check('b') }),
    );
    expect(await answers()).toEqual(new Set(['a.rds', 'b.rds']));
    await say('a', 1);
    expect(await answers()).toEqual(new Set(['b.rds']));
    alarms.putMetric({ ...metric('a'), value: 1 });
    await say('b', 1);
    expect(await answers()).toEqual(new Set(['a.rds', 'b.rds']));
  });

  test('one of weight 0 is answered when no heavier one is healthy', async () => {
    addAlarm('a');
    await create(set('a', { Weight: 1, HealthCheckId: await check('a') }), set('b', { Weight: 0 }));
    expect(await answers()).toEqual(new Set(['a.rds']));
    await say('a', 1);
    expect(await answers()).toEqual(new Set(['b.rds']));
  });
});

describe('the API of health checks', () => {
  test('a caller reference makes one check, and refuses other settings', async () => {
    const id = await check('one', {}, 'once');
    expect(await check('one', {}, 'once')).toBe(id);
    await expect(check('two', {}, 'once')).rejects.toMatchObject({ name: 'HealthCheckAlreadyExists' });
    const { HealthCheck } = await client.send(new GetHealthCheckCommand({ HealthCheckId: id }));
    expect(HealthCheck?.HealthCheckConfig).toMatchObject({
      Type: 'CLOUDWATCH_METRIC',
      AlarmIdentifier: { Region: region, Name: 'one' },
      InsufficientDataHealthStatus: 'LastKnownStatus',
    });
  });

  test('checks are listed page by page, and one that is gone is said to be', async () => {
    const ids = [await check('one'), await check('two'), await check('three')];
    const first = await client.send(new ListHealthChecksCommand({ MaxItems: 2 }));
    const rest = await client.send(new ListHealthChecksCommand({ MaxItems: 2, Marker: first.NextMarker }));
    expect([...(first.HealthChecks ?? []), ...(rest.HealthChecks ?? [])].map(({ Id }) => Id)).toEqual(ids);
    await client.send(new DeleteHealthCheckCommand({ HealthCheckId: ids[0] }));
    const gone = client.send(new GetHealthCheckCommand({ HealthCheckId: ids[0] }));
    await expect(gone).rejects.toMatchObject({ name: 'NoSuchHealthCheck' });
    await expect(create(set('a', { Weight: 1, HealthCheckId: ids[0] }))).rejects.toMatchObject({
      name: 'NoSuchHealthCheck',
    });
  });
});
