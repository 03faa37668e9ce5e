import { describe, expect, test } from '@jest/globals';
import type { InstanceView } from './evidence.ts';
import { ok, policy as plain, record, silence } from './example.ts';
import type { ReaderRecord } from './names-reader.ts';
import { checkReaders, type ReadersFacts } from './readiness-readers.ts';

const READER = 'ledger-ro.example.internal';
const REPORTS = { instance: 'reports', region: 'eu-west-1' };
const policy = { ...plain, names: { ...plain.names, reader: READER, readers: [REPORTS] } };
const healthChecks = { new: 'hc-new', reports: 'hc-reports' };

const cname = (instance: string, change: Partial<ReaderRecord> = {}): ReaderRecord => ({
  identifier: instance,
  weight: 1,
  ttlSeconds: 5,
  value: `${instance}.rds.`,
  healthCheckId: `hc-${instance}`,
  ...change,
});
const seen = (...records: ReaderRecord[]) => ok({ records, healthChecks });
const view = (change: Partial<InstanceView> = {}): InstanceView => ({
  instance: 'reports',
  resourceId: 'db-REPORTS',
  status: 'available',
  endpoint: { host: 'reports.rds', port: 5432 },
  engineVersion: '16.4',
  source: 'old',
  securityGroups: [],
  backupRetentionDays: 0,
  ...change,
});
const rds = (change: Partial<InstanceView>) => ({ others: [{ instance: 'reports', answer: ok(view(change)) }] });
const check = (change: Partial<ReadersFacts> = {}) =>
  checkReaders({
    policy,
    record: record({ phase: 'healthy' }),
    readers: seen(cname('new'), cname('reports')),
    replicaHost: 'new.rds',
    ...rds({}),
    ...change,
  });

test("each reader of the config is looked at beside the pair's own", () => {
  expect(check().map(({ name, state }) => [name, state])).toEqual([
    ['readers', 'ready'],
    ['reader:reports', 'ready'],
  ]);
});

test("without a readers' name there is nothing to look at", () => {
  expect(check({ policy: plain })).toEqual([]);
});

test("one that follows the pair's replica is a reader, too: it follows the leader after a failover", () => {
  const source = 'arn:aws:rds:eu-central-1:111122223333:db:new';
  expect(check(rds({ source }))[1]?.state).toBe('ready');
});

describe('found before the day, of one of several readers', () => {
  const row = (change: Partial<ReaderRecord>) => ({ readers: seen(cname('new'), cname('reports', change)) });
  test.each<[string, Partial<ReadersFacts>, string, string, string]>([
    ['no record', { readers: seen(cname('new')) }, 'warning', 'has no record of reports', 'the identifier reports'],
    [
      'a record to somewhere else',
      row({ value: 'else.rds.' }),
      'blocked',
      'leads to else.rds., not to reports.rds',
      'lead to reports.rds',
    ],
    ['a record without a weight', row({ weight: undefined }), 'blocked', 'no weighted one', 'a weighted CNAME'],
    ['another identifier', row({ identifier: 'r1' }), 'warning', 'has the identifier r1', 'the identifier reports'],
    ['no health check on it', row({ healthCheckId: undefined }), 'warning', 'no health check', 'hc-reports'],
    ["the pair's own health check", row({ healthCheckId: 'hc-new' }), 'warning', 'another health check', 'hc-reports'],
    [
      'no health check made for it',
      { readers: ok({ records: [cname('new'), cname('reports')], healthChecks: { new: 'hc-new' } }) },
      'warning',
      'no health check on the alarm of reports',
      'the stack in eu-west-1',
    ],
    ['a long TTL', row({ ttlSeconds: 300 }), 'warning', 'a TTL of 300 s', 'Set it to 5 s'],
    ['another source', rds({ source: 'orders' }), 'warning', 'replicates orders, not old or new', 'a replica of old'],
    ['no source', rds({ source: undefined }), 'warning', 'replicates nothing', 'out of dns.readers'],
    ['no endpoint yet', rds({ endpoint: undefined, status: 'creating' }), 'unknown', 'it is creating', 'Look again'],
    [
      'no instance',
      { others: [{ instance: 'reports', answer: ok('gone') }] },
      'warning',
      'knows no instance reports',
      'out of dns.readers',
    ],
    ['silence of RDS', { others: [{ instance: 'reports', answer: silence }] }, 'unknown', 'RDS in eu-west-1', 'again'],
    ['nobody asked', { others: [] }, 'unknown', 'not asked', 'again'],
  ])('%s', (_what, change, state, words, fix) => {
    const [own, reports] = check(change);
    expect(own?.state).toBe('ready');
    expect(reports).toMatchObject({ name: 'reader:reports', state });
    expect(reports?.sentence).toContain(words);
    expect(reports?.fix).toContain(fix);
  });
});

test("the pair's own reader blocks where another only warns: with it missing nobody might be read from", () => {
  expect(check({ readers: seen(cname('reports')) }).map(({ state }) => state)).toEqual(['blocked', 'ready']);
});

test('a record under an identifier of ours that leads to somebody else is told, though another one leads there', () => {
  const [own] = check({ readers: seen(cname('new', { value: 'else.rds' }), cname('x', { value: 'new.rds' })) });
  expect(own).toMatchObject({ state: 'blocked', fix: 'Let it lead to new.rds.' });
});

test('silence of Route 53 says nothing of any of them', () => {
  expect(check({ readers: silence }).map(({ state }) => state)).toEqual(['unknown', 'unknown']);
});

describe('of a cluster', () => {
  const WRITER = 'new.cluster-c7.eu-central-1.rds.amazonaws.com';
  const READERS = 'new.cluster-ro-c7.eu-central-1.rds.amazonaws.com';
  const own = (replicaHost: string, value: string) =>
    check({ replicaHost, readers: seen(cname('new', { value }), cname('reports')) })[0];

  test('a replica cluster is read from by either of its names', () => {
    expect(own(WRITER, WRITER)?.state).toBe('ready');
    expect(own(WRITER, READERS)?.state).toBe('ready');
  });

  test("a global database's secondary by its readers' alone: its writer's leads nowhere", () => {
    expect(own(READERS, READERS)?.state).toBe('ready');
    expect(own(READERS, WRITER)).toMatchObject({ state: 'blocked', fix: `Let it lead to ${READERS}.` });
  });
});
