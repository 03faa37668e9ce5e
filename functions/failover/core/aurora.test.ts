import { describe, expect, test } from '@jest/globals';
import { type ClusterSeen, clusterView, type GlobalSeen, HEADLESS, PENDING_RESYNC, pairDoubts } from './aurora.ts';
import { isEngineDown } from './diagnose.ts';
import { disaster, gone, guard, NOW, ok, policy, record, standby } from './example.ts';
import { closedGates, GATES } from './gates.ts';
import { assess } from './situation.ts';

const OLD = 'arn:aws:rds:eu-west-1:111122223333:cluster:old';
const NEW = 'arn:aws:rds:eu-central-1:111122223333:cluster:new';
const writer = (status = 'available') => ({ instance: 'one', status, isWriter: true });
const reader = (status = 'available') => ({ instance: 'two', status, isWriter: false });
const seen = (change: Partial<ClusterSeen> = {}): ClusterSeen => ({
  ...{ cluster: 'old', arn: OLD, resourceId: 'cluster-OLD', status: 'available' },
  ...{ engine: 'aurora-mysql', engineVersion: '8.0.mysql_aurora.3.08.0', backupRetentionDays: 7 },
  endpoint: { host: 'writer', port: 3306 },
  readerEndpoint: { host: 'readers', port: 3306 },
  securityGroups: [{ id: 'sg-app', active: true }],
  members: [writer()],
  ...change,
});
const follower = (change: Partial<ClusterSeen> = {}) =>
  seen({ cluster: 'new', arn: NEW, resourceId: 'cluster-NEW', members: [reader()], ...change });
const global = (change: Partial<GlobalSeen> = {}, isConnected = true): GlobalSeen => ({
  id: 'ledger',
  engineVersion: '8.0.mysql_aurora.3.08.0',
  members: [
    { arn: OLD, isWriter: true, isConnected: true },
    { arn: NEW, isWriter: false, isConnected },
  ],
  ...change,
});

describe('one word for a cluster and its members', () => {
  const cases: [string, ClusterSeen['members'], string, string, boolean][] = [
    ['all is well', [writer(), reader()], 'available', 'available', false],
    [
      'the writer is lost and a reader runs: Aurora replaces it',
      [writer('failed'), reader()],
      'available',
      'failover',
      false,
    ],
    [
      'the writer is lost and a reader is modified: it may run',
      [writer('failed'), reader('modifying')],
      'available',
      'failover',
      false,
    ],
    ['no member runs', [writer('failed'), reader('rebooting')], 'available', 'failed', true],
    ['no member runs, by the cluster, too', [writer('stopped')], 'stopped', 'stopped', true],
    ['the cluster says stopped and a member runs', [writer()], 'stopped', 'available', false],
    ['Aurora replaces the writer', [writer('failed')], 'failing-over', 'failover', false],
    ['a cluster in maintenance', [writer()], 'maintenance', 'maintenance', false],
    ['the writer is being modified', [writer('modifying'), reader()], 'available', 'modifying', false],
    ['no instance', [], 'available', HEADLESS, false],
    [
      'a follower with one of two instances',
      [reader('failed'), { ...reader(), instance: 'three' }],
      'available',
      'available',
      false,
    ],
  ];
  test.each(cases)('%s', (_name, members, status, word, isDown) => {
    const view = clusterView('aurora-replica', seen({ members, status }));
    expect([view.status, isEngineDown(view.status)]).toEqual([word, isDown]);
  });
});

describe('a member of a global database', () => {
  test('follows its primary while it is synchronised, at the endpoint that answers', () => {
    const view = clusterView('aurora-global', follower(), global());
    expect([view.source, view.endpoint?.host, view.unfit]).toEqual([OLD, 'readers', undefined]);
    expect(clusterView('aurora-global', seen(), global())).toMatchObject({
      source: undefined,
      endpoint: { host: 'writer' },
    });
  });

  test('that lost its lead and is not synchronised yet follows nobody, and is neither available nor down: it may take writes', () => {
    const { status, source } = clusterView('aurora-global', follower(), global({}, false));
    expect([status, source, isEngineDown(status)]).toEqual([PENDING_RESYNC, undefined, false]);
  });

  test('is what is under way on it, whoever asked', () => {
    const change = { status: 'switching-over', to: NEW, from: OLD };
    const both = [seen(), follower()].map((one) => clusterView('aurora-global', one, global({ change })).status);
    expect(both).toEqual(['switching-over', 'switching-over']);
  });

  test('a binary log source says nothing of a global database', () => {
    expect(clusterView('aurora-global', follower({ source: OLD }), undefined).source).toBeUndefined();
  });
});

describe('what cannot lead is refused by name, with what would make it possible', () => {
  const cases: [string, Partial<ClusterSeen>, GlobalSeen | undefined, string][] = [
    ['headless', { members: [] }, global(), 'new is headless: it has no DB instance. Add one'],
    [
      'no instance that is available',
      { members: [reader('failed')] },
      global(),
      'no DB instance of new is available (two is failed)',
    ],
    [
      'not synchronised yet',
      {},
      global({}, false),
      'new is pending-resync: Aurora has not brought it the volume of ledger yet',
    ],
    ['another version', { engineVersion: '8.0.mysql_aurora.3.09.0' }, global(), 'upgrade the one that is behind'],
    ['no global database', {}, undefined, "new is part of no global database: add it to the leader's"],
    ['another engine', { engine: 'docdb' }, global(), 'new is of engine docdb'],
  ];
  test.each(cases)('%s', (_name, change, its, because) => {
    expect(clusterView('aurora-global', follower(change), its).unfit).toContain(because);
  });

  test('and a pair as a whole before the day', () => {
    const copy = (change = {}) => follower({ source: OLD, ...change });
    expect(pairDoubts('aurora-replica', seen(), copy())).toEqual([]);
    expect(pairDoubts('aurora-global', seen(), follower(), global())).toEqual([]);
    expect(pairDoubts('aurora-replica', seen({ source: 'arn:first' }), copy())).toEqual([
      {
        doubt: 'old is itself a replica of arn:first: a replica of a replica is not failed over to',
        fix: 'Replicate arn:first directly, or promote old first.',
      },
    ]);
    expect(pairDoubts('aurora-replica', seen(), copy({ source: 'arn:first' }))).toEqual([
      {
        doubt: `new follows arn:first, not ${OLD}`,
        fix: expect.stringContaining(`--replication-source-identifier ${OLD}`),
      },
    ]);
    expect(pairDoubts('aurora-global', follower(), seen(), global())).toContainEqual({
      doubt: 'new is no primary of its global database',
      fix: "Name the other one as the pair's primary.",
    });
  });

  test('a secondary that waits for its volume is told apart from a stranger', () => {
    const nobody = `new follows nobody, not ${OLD}`;
    expect(pairDoubts('aurora-global', seen(), follower(), global({}, false))).toEqual([
      {
        doubt: expect.stringContaining('would not let new lead: new is pending-resync'),
        fix: expect.stringContaining('Wait for RDS-EVENT-0241'),
      },
    ]);
    const [first, second] = pairDoubts('aurora-global', seen(), follower(), undefined);
    expect(first).toEqual({ doubt: nobody, fix: expect.stringContaining('--global-cluster-identifier') });
    expect(second?.doubt).toContain('RDS would not let new lead: new is part of no global database');
    // A global database of its own is another's.
    const its = global({
      members: [
        { arn: NEW, isWriter: false, isConnected: true },
        { arn: 'arn:other', isWriter: true, isConnected: true },
      ],
    });
    expect(pairDoubts('aurora-global', seen(), follower(), its)).toEqual([
      { doubt: `new follows arn:other, not ${OLD}`, fix: expect.stringContaining('--global-cluster-identifier') },
    ]);
  });
});

test('a gate stands on it: a cluster that RDS would not let lead uses no epoch', () => {
  const closed = (unfit?: string) =>
    closedGates(GATES, assess(record(), disaster({ candidate: ok({ ...standby, unfit }) }), policy, NOW));
  expect(closed('new is headless')).toContainEqual({ gate: 'G5', whyNot: 'new is headless' });
  expect(closed().map(({ gate }) => gate)).not.toContain('G5');
  // A stranger to the leader's global database follows nobody: what would make it possible is said, and not that alone.
  const stranger = { ...standby, source: undefined, unfit: 'new is part of no global database: add it' };
  const seen = closedGates(GATES, assess(record(), disaster({ candidate: ok(stranger) }), policy, NOW));
  expect(seen).toContainEqual({ gate: 'G5', whyNot: stranger.unfit });
});

test('a leader that is itself a replica is refused by name, with what would make it possible', () => {
  const seen = disaster({ guard: guard(gone, { source: 'arn:first' }) });
  const closed = closedGates(GATES, assess(record(), seen, policy, NOW));
  expect(closed).toContainEqual({
    gate: 'G5',
    whyNot:
      'old is itself a replica of arn:first: a replica of a replica is not failed over to. Replicate that one directly, or promote old first',
  });
});
