import { describe, expect, test } from '@jest/globals';
import { type ClusterSeen, clusterView, type GlobalSeen } from './aurora.ts';
import type { Evidence } from './evidence.ts';
import { disaster, NOW, ok, policy as plain, record } from './example.ts';
import { checkReadiness, type InstanceShape, type ReadinessFacts } from './readiness.ts';
import type { CheckName } from './readiness-finding.ts';

const OLD = 'arn:aws:rds:eu-west-1:111122223333:cluster:old';
const NEW = 'arn:aws:rds:eu-central-1:111122223333:cluster:new';
const VERSION = '16.8';
const member = (instance: string, isWriter: boolean) => ({ instance, status: 'available', isWriter });
const seen = (change: Partial<ClusterSeen> = {}): ClusterSeen => ({
  ...{ cluster: 'old', arn: OLD, resourceId: 'cluster-OLD', status: 'available' },
  ...{ engine: 'aurora-postgresql', engineVersion: VERSION, backupRetentionDays: 7 },
  endpoint: { host: 'old.cluster-c9.eu-west-1.rds.amazonaws.com', port: 5432 },
  readerEndpoint: { host: 'old.cluster-ro-c9.eu-west-1.rds.amazonaws.com', port: 5432 },
  securityGroups: [{ id: 'sg-app', active: true }],
  members: [member('old-1', true)],
  ...change,
});
const second = (change: Partial<ClusterSeen> = {}) =>
  seen({ cluster: 'new', arn: NEW, resourceId: 'cluster-NEW', members: [member('new-1', false)], ...change });
const global = (isConnected = true, engineVersion = VERSION): GlobalSeen => ({
  id: 'ledger',
  engineVersion,
  members: [
    { arn: OLD, isWriter: true, isConnected: true },
    { arn: NEW, isWriter: false, isConnected },
  ],
});
const shaped = (of: ClusterSeen, its: GlobalSeen | undefined, change: Partial<InstanceShape> = {}): InstanceShape => ({
  ...clusterView('aurora-global', of, its),
  arn: of.arn,
  instanceClass: 'db.r8g.large',
  storageGb: 0,
  parameterGroup: { name: 'ledger-16', inSync: true },
  isMultiAz: false,
  isProtected: true,
  kmsKey: of.arn.replace('rds', 'kms').replace(/:cluster:.*/, ':key/one'),
  cluster: { seen: of, global: its },
  ...change,
});

const policy = { ...plain, kind: 'aurora-global' as const };
const leader = (change: Partial<InstanceShape> = {}) => ok(shaped(seen(), global(), change));
const follower = (of: Partial<ClusterSeen> = {}, its: GlobalSeen | undefined = global(), change = {}) =>
  ok(shaped(second(of), its, change));
const beaten = { atMs: NOW, inRecovery: true, heartbeat: { atMs: NOW - 4_000, epoch: 0 }, lacks: [] as string[] };
const guard = (lsn: string) =>
  ok({ atMs: NOW, instance: leader(), write: { kind: 'wrote' as const, lsn, epoch: 0, latencyMs: 2 } });
const evidence = (change: Partial<Evidence> = {}): Evidence =>
  disaster({
    guard: guard('93763984222@1790000000000'),
    replica: ok(beaten),
    names: ok({ value: 'old.cluster-c9.eu-west-1.rds.amazonaws.com.', ttlSeconds: 5 }),
    ...change,
  });
const its = record({ phase: 'healthy' });
const facts = (change: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  policy,
  record: { ...its, leader: { ...its.leader, endpoint: seen().endpoint } },
  evidence: evidence(),
  leader: leader(),
  replica: follower(),
  secrets: undefined,
  nowMs: NOW,
  ...change,
});
const check = (name: CheckName, change: Partial<ReadinessFacts> = {}) =>
  checkReadiness(facts(change)).find((one) => one.name === name);

test('a global database with nothing amiss is ready, but for the drill that clusters have not', () => {
  const states = checkReadiness(facts()).map(({ name, state }) => [name, state]);
  expect(states.filter(([, state]) => state !== 'ready')).toEqual([['drill', 'warning']]);
  expect(states).toHaveLength(11);
  expect(check('drill')).toMatchObject({
    sentence: expect.stringContaining('There is no drill of Aurora clusters'),
    fix: expect.stringContaining('mainstay failover switchover ledger --epoch 3'),
  });
});

describe('found before the day, of a global database', () => {
  const cases: [string, Partial<ReadinessFacts>, string, string][] = [
    [
      'headless',
      { replica: follower({ members: [] }) },
      'new is headless',
      'aws rds create-db-instance --db-cluster-identifier new',
    ],
    [
      'another version',
      { replica: follower({}, global(true, '16.9')) },
      'its global database ledger 16.9',
      'upgrade the one',
    ],
    ['a stranger', { replica: ok(shaped(second(), undefined)) }, 'new follows nobody', '--global-cluster-identifier'],
    ['no volume yet', { replica: follower({}, global(false)) }, 'new is pending-resync', 'RDS-EVENT-0241'],
    [
      'the wrong way round',
      { leader: ok(shaped(second(), global())), replica: ok(shaped(seen(), global())) },
      'new is no primary of its global database',
      "Name the other one as the pair's primary.",
    ],
  ];
  test.each(cases)('%s', (_name, change, sentence, fix) => {
    expect(check('replica', change)).toMatchObject({
      state: 'blocked',
      sentence: expect.stringContaining(sentence),
      fix: expect.stringContaining(fix),
    });
  });

  test('what RDS does not say of either is no clean bill', () => {
    const silence = { kind: 'no-answer', because: 'timeout' } as const;
    expect(check('replica', { leader: silence })?.state).toBe('unknown');
    expect(check('replica', { leader: ok({ ...shaped(seen(), global()), cluster: undefined }) })?.state).toBe(
      'unknown',
    );
  });

  test('younger backups than the leader’s', () => {
    expect(check('backups', { replica: follower({ backupRetentionDays: 1 }) })).toMatchObject({
      state: 'warning',
      sentence: 'new keeps backups for 1 days, and old for 7.',
      fix: expect.stringContaining('modify-db-cluster --db-cluster-identifier new --backup-retention-period 7'),
    });
  });

  const unlike: [string, Partial<ReadinessFacts>, string][] = [
    [
      'another class',
      { replica: follower({}, global(), { instanceClass: 'db.t4g.medium' }) },
      'its DB instances are db.t4g.medium',
    ],
    [
      'fewer DB instances',
      { leader: ok(shaped(seen({ members: [member('old-1', true), member('old-2', false)] }), global())) },
      'it has 1 DB instance, and old 2',
    ],
    [
      'another cluster parameter group',
      { replica: follower({}, global(), { parameterGroup: { name: 'default', inSync: true } }) },
      'its cluster parameter group is default, not ledger-16',
    ],
    [
      'parameters that wait',
      { replica: follower({}, global(), { parameterGroup: { name: 'ledger-16', inSync: false } }) },
      'waits for a reboot',
    ],
    ['no protection', { replica: follower({}, global(), { isProtected: false }) }, 'it may be deleted'],
  ];
  test.each(unlike)('%s', (_name, change, sentence) => {
    expect(check('shape', change)).toMatchObject({ state: 'warning', sentence: expect.stringContaining(sentence) });
  });

  test('nobody says how far the volume of the leader is: no switchover', () => {
    expect(check('heartbeat', { evidence: evidence({ guard: guard('') }) })).toMatchObject({
      state: 'warning',
      sentence: expect.stringContaining('the volume of the leader'),
      fix: expect.stringContaining('3.04'),
    });
  });

  test('a secondary that takes writes is told in its own words', () => {
    const writes = evidence({ replica: ok({ ...beaten, inRecovery: false }) });
    expect(check('heartbeat', { evidence: writes })).toMatchObject({
      state: 'blocked',
      sentence: expect.stringContaining('no part of the global database'),
    });
  });
});

test('a replica cluster of a replica cluster is refused by name, and a replica of DB instances of a replica, too', () => {
  const first = 'arn:aws:rds:us-east-1:111122223333:cluster:first';
  const mysql = { engine: 'aurora-mysql' };
  const replicated = (of: ClusterSeen): InstanceShape => ({
    ...shaped(of, undefined),
    ...clusterView('aurora-replica', of),
  });
  const pair = {
    policy: { ...plain, kind: 'aurora-replica' as const },
    leader: ok(replicated(seen({ ...mysql, source: first }))),
    replica: ok(replicated(second({ ...mysql, source: OLD }))),
  };
  expect(check('replica', pair)).toMatchObject({
    state: 'blocked',
    sentence: expect.stringContaining(`old is itself a replica of ${first}`),
    fix: `Replicate ${first} directly, or promote old first.`,
  });
  const instance = { ...shaped(seen(), undefined), cluster: undefined, source: 'first' };
  const own = { ...shaped(second(), undefined), cluster: undefined, source: 'old', unfit: undefined };
  expect(check('replica', { policy: plain, leader: ok(instance), replica: ok(own) })).toMatchObject({
    state: 'blocked',
    fix: 'Replicate first directly, or promote old first.',
  });
});
