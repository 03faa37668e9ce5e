import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alarmFlip, STANDBY_METRIC } from '../../functions/failover/aws/name-flip.ts';
import { answerOfResolver } from '../../functions/failover/aws/name-servers.ts';
import { route53Names } from '../../functions/failover/aws/names.ts';
import { secondChannel } from '../../functions/failover/aws/second-channel.ts';
import { planReaders } from '../../functions/failover/core/names-reader.ts';
import type { Names } from '../../functions/failover/run/ports.ts';
import { type Alarms, openAlarms } from '../../local/alarms/alarms.ts';
import { readPutMetricData } from '../../local/alarms/metrics.ts';
import { type Clock, openClock } from '../../local/clock.ts';
import { type Dns, openDns } from '../../local/dns/server.ts';
import type { AwsRequest } from '../../local/gateway/service.ts';
import { openRoute53, type Route53 } from '../../local/route53/route53.ts';
import { serve } from '../local-rds/aws-server.ts';

// The adapters of names on a real DNS server, the local Route 53 and its health checks, by the AWS SDK.

const region = 'eu-central-1';
const reader = 'ro.estate.internal';
const secrets = new Map<string, string>();
let clock: Clock;
let dns: Dns;
let alarms: Alarms;
let route53: Route53;
let names: Names;
let stop: () => Promise<void>;

const answerSecret = (request: AwsRequest) => {
  const { SecretId, SecretString } = JSON.parse(request.body.toString()) as { SecretId: string; SecretString?: string };
  const key = `${request.region} ${SecretId}`;
  const error = (type: string) => ({ status: 400, headers: {}, body: JSON.stringify({ __type: type }) });
  if (!secrets.has(key)) return error('ResourceNotFoundException');
  if (SecretId.startsWith('replica/') && SecretString) return error('InvalidRequestException');
  if (SecretString) secrets.set(key, SecretString);
  return { status: 200, headers: {}, body: JSON.stringify({ SecretString: secrets.get(key) }) };
};

beforeAll(async () => {
  clock = openClock();
  dns = await openDns();
  route53 = openRoute53({ clock, dns, propagationMs: 1_000 });
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
  const server = await serve({
    handle: async (request) => {
      if (request.service === 'route53') return route53.service.handle(request);
      if (request.service === 'secretsmanager') return answerSecret(request);
      readPutMetricData(request).forEach(alarms.putMetric);
      return { status: 200, headers: {}, body: '{}' };
    },
  });
  process.env.AWS_ENDPOINT_URL = server.endpoint;
  process.env.AWS_ACCESS_KEY_ID = '111122223333';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  names = { ...route53Names({ only: dns.address, timeoutMs: 1_000 }, 'reader-'), ...alarmFlip(region, 'test') };
  alarms.add({
    name: 'names-ledger',
    arn: '',
    description: '',
    metric: {
      region,
      namespace: STANDBY_METRIC.namespace,
      name: STANDBY_METRIC.name,
      dimensions: { stage: 'test', pair: 'ledger' },
    },
    statistic: 'Maximum',
    periodSeconds: 60,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    threshold: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    treatMissingData: 'missing',
    actions: {},
  });
  const check = (id: string, alarm: string) =>
    route53.admin.createHealthCheck({
      id,
      callerReference: id,
      alarm: { region, name: alarm },
      inverted: false,
      insufficientData: 'LastKnownStatus',
    });
  check('hc-names', 'names-ledger');
  check('hc-new', 'reader-new');
  const cname = { name: 'ledger.estate.internal.', type: 'CNAME' as const, ttlSeconds: 1 };
  route53.admin.createZone({
    id: 'ZSTOP',
    name: 'estate.internal',
    records: [
      { ...cname, values: ['old.rds'], setIdentifier: 'old', failover: 'PRIMARY', healthCheckId: 'hc-names' },
      { ...cname, values: ['new.rds'], setIdentifier: 'new', failover: 'SECONDARY' },
      { ...cname, name: `${reader}.`, values: ['new.rds'], setIdentifier: 'by-hand', weight: 10 },
      { ...cname, name: `${reader}.`, values: ['reports.rds'], setIdentifier: 'reports', weight: 1 },
    ],
  });
  stop = async () => {
    alarms.stop();
    await server.stop();
    await dns.stop();
    clock.stop();
  };
});
afterAll(() => stop());

const answered = () => names.answered(undefined, 'ledger.estate.internal');

test("mode stop: one number moves the name, asked at its servers; it stays moved; a late worker's number moves nothing back", async () => {
  expect(await answered()).toBe('old.rds');
  await names.flip({ pair: 'ledger', standby: true, atMs: clock.now() });
  await clock.advance(62_000);
  expect(await answered()).toBe('new.rds');
  // A worker of an earlier epoch wakes with the order to lead the name to the primary.
  await names.flip({ pair: 'ledger', standby: false, atMs: clock.now() - 300_000 });
  await clock.advance(180_000);
  expect(await answered()).toBe('new.rds');
  await names.flip({ pair: 'ledger', standby: false, atMs: clock.now() });
  await clock.advance(62_000);
  expect(await answered()).toBe('old.rds');
});

test("another pair's number is another metric", async () => {
  await names.flip({ pair: 'other', standby: true, atMs: clock.now() });
  await clock.advance(62_000);
  expect(await answered()).toBe('old.rds');
});

test('the readers: read, moved in one batch onto the health check of their alarm, and refused when somebody was there first', async () => {
  const goal = {
    reader,
    ttlSeconds: 5,
    epoch: 1,
    wanted: [{ instance: 'new', host: 'new.rds' }],
    known: ['old.rds', 'new.rds'],
  };
  const seen = await names.readers('ZSTOP', reader);
  expect(seen.healthChecks).toEqual({ new: 'hc-new' });
  const plan = planReaders(seen, goal);
  if (plan.kind !== 'swap') throw new Error(plan.kind);
  const first = await names.swap('ZSTOP', plan.change);
  expect(first.kind).toBe('accepted');
  expect(await names.swap('ZSTOP', plan.change)).toEqual({ kind: 'conflict' });

  const after = await names.readers('ZSTOP', reader);
  expect(planReaders(after, goal)).toEqual({ kind: 'ours' });
  expect(after.records).toEqual([
    { identifier: 'new', weight: 1, ttlSeconds: 5, value: 'new.rds', healthCheckId: 'hc-new' },
    { identifier: 'reports', weight: 1, ttlSeconds: 1, value: 'reports.rds', healthCheckId: undefined },
  ]);
});

test('a change is pending, then in sync; one that Route 53 does not know is unknown', async () => {
  const creates = [{ name: 'a.estate.internal', type: 'CNAME' as const, ttlSeconds: 1, value: 'a.rds' }];
  const swapped = await names.swap('ZSTOP', { deletes: [], creates });
  const changeId = swapped.kind === 'accepted' ? (swapped.changeId ?? '') : '';
  expect(await names.inSync(changeId)).toBe(false);
  await clock.advance(1_001);
  expect(await names.inSync(changeId)).toBe(true);
  expect(await names.inSync('C0NONE')).toBeUndefined();
});

test('a resolver gives the CNAME; no such name is undefined, no answer is thrown', async () => {
  expect(await answerOfResolver('ledger.estate.internal', 1_000, dns.address)).toBe('old.rds');
  expect(await answerOfResolver('none.estate.internal', 1_000, dns.address)).toBeUndefined();
  await expect(answerOfResolver('ledger.estate.internal', 200, '127.0.0.1:9')).rejects.toThrow();
});

test('the second channel: host, port and epoch in the secrets of both regions, the rest as it was', async () => {
  const channel = secondChannel();
  const change = {
    ...{ secretIds: ['app'], parameterNames: [], regions: [region, 'eu-west-1'] },
    ...{ epoch: 2, at: { host: 'new.rds', port: 5432 } },
  };
  for (const place of change.regions) secrets.set(`${place} app`, '{"host":"old.rds","username":"app"}');
  await channel.publish(change);
  for (const place of change.regions)
    expect(JSON.parse(secrets.get(`${place} app`) ?? '')).toEqual({
      host: 'new.rds',
      port: 5432,
      epoch: 2,
      username: 'app',
    });
  // A worker of an earlier epoch, a secret that is nowhere, a replica: said, and what can be written is.
  await expect(channel.publish({ ...change, epoch: 1, at: { host: 'old.rds', port: 5432 } })).rejects.toThrow(
    'epoch 2',
  );
  expect(secrets.get('eu-west-1 app')).toContain('new.rds');
  await expect(channel.publish({ ...change, secretIds: ['none'] })).rejects.toThrow('none is a secret of none');
  secrets.set(`${region} replica/app`, '{"host":"old.rds"}');
  await expect(channel.publish({ ...change, secretIds: ['replica/app'] })).rejects.toThrow(
    'replica/app in eu-central-1',
  );
  // What is in a secret is in no message.
  secrets.set(`${region} broken`, 'hunter2');
  const broken = await channel.publish({ ...change, secretIds: ['broken'] }).catch(String);
  expect(broken).toContain('no JSON object');
  expect(broken).not.toContain('hunter2');
});
