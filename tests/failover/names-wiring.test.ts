import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { STANDBY_METRIC } from '../../functions/failover/aws/name-flip.ts';
import { policyOf, readerAlarm } from '../../functions/failover/run/settings.ts';
import { fromConfig } from '../../resources/from-config.ts';
import { roles } from '../../resources/roles.ts';
import { ConfigError, parseConfig } from '../../shared/config/load.ts';

const local = () => parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
const configured = (dns: object, pair: object = {}) => {
  const config = local();
  const [one] = config.failover.pairs;
  Object.assign(one, pair, { dns: { ...one.dns, ...dns } });
  return config;
};
const problems = (input: unknown) => {
  try {
    parseConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
const actions = (config: ReturnType<typeof parseConfig>) => JSON.stringify(roles(config, 'recovery').ReconcilerRole);

test('mode stop has its alarm on the metric that the flip writes, its health check, and may write that metric and no other', () => {
  const config = parseConfig(configured({ mode: 'stop' }));
  expect(fromConfig(config, 'recovery')).toMatchObject({
    NamesOnStandbyLedgerAlarm: {
      Properties: {
        Namespace: STANDBY_METRIC.namespace,
        MetricName: STANDBY_METRIC.name,
        Dimensions: [
          { Name: 'stage', Value: 'local' },
          { Name: 'pair', Value: 'ledger' },
        ],
        Period: 60,
        Statistic: 'Maximum',
      },
    },
    NamesOnStandbyLedgerHealthCheck: {
      Properties: {
        HealthCheckConfig: {
          AlarmIdentifier: { Region: { Ref: 'AWS::Region' }, Name: 'mainstay-local-names-ledger' },
          InsufficientDataHealthStatus: 'LastKnownStatus',
        },
      },
    },
  });
  expect(actions(config)).toContain('"cloudwatch:namespace":"Mainstay"');
  expect(actions(parseConfig(local()))).not.toContain('PutMetricData');
});

test('a reader has the health check whose alarm the reconciler looks for', () => {
  const config = parseConfig(configured({ reader: 'ledger-ro.estate.internal' }));
  expect(fromConfig(config, 'recovery')).toMatchObject({
    ReaderLedgerReplicaAlarm: { Properties: { AlarmName: `${readerAlarm(config)}ledger-replica` } },
  });
  // What is rebuilt in the primary region reads there.
  expect(fromConfig(config, 'primary')).toMatchObject({
    ReaderLedgerPrimaryAlarm: { Properties: { AlarmName: `${readerAlarm(config)}ledger-primary` } },
    ReaderLedgerPrimaryHealthCheck: {
      Properties: { HealthCheckConfig: { AlarmIdentifier: { Region: { Ref: 'AWS::Region' } } } },
    },
  });
  expect(actions(config)).toContain('route53:ListHealthChecks');
});

test('each further reader has its alarm and health check in its own region, and is part of the policy', () => {
  const readers = [
    { instance: 'ledger-reports', region: 'recovery' },
    { instance: 'ledger-near', region: 'primary' },
  ];
  const config = parseConfig(configured({ reader: 'ledger-ro.estate.internal', readers }));
  const names = (place: 'primary' | 'recovery') =>
    Object.keys(fromConfig(config, place)).filter((id) => /^Reader.*HealthCheck$/.test(id));
  expect(names('recovery')).toEqual(['ReaderLedgerReplicaHealthCheck', 'ReaderLedgerReportsHealthCheck']);
  expect(names('primary')).toEqual(['ReaderLedgerPrimaryHealthCheck', 'ReaderLedgerNearHealthCheck']);
  const [pair] = config.failover.pairs;
  expect(pair && policyOf(config, pair).names.readers).toEqual([
    { instance: 'ledger-reports', region: 'eu-central-1' },
    { instance: 'ledger-near', region: 'eu-west-1' },
  ]);
});

test('further readers that cannot be right are refused, all at once', () => {
  const of = (...instances: string[]) => instances.map((instance) => ({ instance, region: 'recovery' }));
  const wrong = configured({
    reader: 'ledger-ro.estate.internal',
    readers: of('ledger-replica', 'ledger-primary-e3', 'reports', 'reports'),
  });
  expect(problems(wrong).map(({ expected }) => expected.slice(0, 25))).toEqual(
    Array(3).fill('expected each reader once'),
  );
  expect(problems(configured({ readers: of('reports') })).map(({ expected }) => expected)).toEqual([
    expect.stringContaining('expected a reader beside readers'),
  ]);
});

test('a private zone asks for its changes; a second channel writes its secrets in both regions, and no others', () => {
  const config = parseConfig(configured({ zone: 'private' }, { secondChannel: { secretIds: ['app/ledger'] } }));
  expect(actions(config)).toContain('route53:GetChange');
  for (const region of ['eu-west-1', 'eu-central-1'])
    expect(actions(config)).toContain(`secretsmanager:${region}:\${AWS::AccountId}:secret:app/ledger-*`);
  expect(actions(config)).not.toContain('ssm:');
  const parameters = parseConfig(configured({}, { secondChannel: { parameterNames: ['/app/ledger', 'flat'] } }));
  for (const region of ['eu-west-1', 'eu-central-1'])
    for (const name of ['app/ledger', 'flat'])
      expect(actions(parameters)).toContain(`ssm:${region}:\${AWS::AccountId}:parameter/${name}`);
  expect(actions(parameters)).not.toContain('secretsmanager:PutSecretValue');
});

test('names that cannot be right are refused, all at once', () => {
  const bad = configured(
    { reader: 'ledger.estate.internal', ttlSeconds: 60 },
    { secondChannel: { secretIds: ['mainstay/ledger'] } },
  );
  bad.failover.pairs.push(structuredClone(bad.failover.pairs[0]));
  bad.failover.pairs[1].dns.reader = 'other.estate.internal';
  bad.failover.pairs[1].primary.instance = 'other-primary';
  bad.failover.pairs[1].replica.instance = 'other-replica';
  expect(problems(bad).map(({ path, expected }) => [path, expected.slice(0, 40)])).toEqual([
    ['failover.pairs.0.dns', 'expected a reader other than the writer:'],
    ['failover.pairs.0.secondChannel', 'expected secrets of clients, not the gua'],
    ['failover.pairs.1.dns', 'expected a name that no other pair moves'],
    ['failover.pairs.1.name', 'expected a name that no other pair has: '],
    ['failover.pairs.1.secondChannel', 'expected secrets of clients, not the gua'],
  ]);
  const form = configured(
    { zoneId: 'estate', mode: 'both', reader: 'x', ttlSeconds: 61 },
    { secondChannel: { secretIds: [] } },
  );
  expect(problems(form).map(({ path }) => path)).toEqual([
    'failover.pairs.0.dns.zoneId',
    'failover.pairs.0.dns.reader',
    'failover.pairs.0.dns.mode',
    'failover.pairs.0.dns.ttlSeconds',
    'failover.pairs.0.secondChannel.secretIds',
  ]);
  expect(problems(configured({}, { secondChannel: {} })).map(({ path }) => path)).toEqual([
    'failover.pairs.0.secondChannel',
  ]);
  const wrong = configured({}, { secondChannel: { parameterNames: ['arn:aws:ssm:x'] } });
  expect(problems(wrong).map(({ path }) => path)).toEqual(['failover.pairs.0.secondChannel.parameterNames.0']);
});
