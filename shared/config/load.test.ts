import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ConfigError, parseConfig, roleOf } from './load.ts';

const local = () => parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));

const problemsOf = (input: unknown) => {
  try {
    parseConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('a config file', () => {
  test('of the local stage is right, and its defaults are filled in', () => {
    const config = parseConfig(local());
    expect(config.snapshots.tagKey).toBe('mainstay:snapshots');
    expect(roleOf(config, 'eu-central-1')).toBe('recovery');
    expect(roleOf(config, 'us-east-1')).toBeUndefined();
  });

  test('with several mistakes lists all of them, each with path, value and expectation', () => {
    const bad = local();
    bad.account = 111122223333;
    bad.regions.witness = bad.regions.primary;
    bad.snapshots.policy = {};
    bad.failover.pairs[0].dns.ttlSeconds = 3600;
    bad.failover.pairs[0].typo = true;
    delete bad.search.domainEndpoint;
    bad.objectIndex.buckets[0].customer.pattern = '^(';
    const problems = problemsOf(bad);
    expect(problems.map((problem) => problem.path)).toEqual(
      expect.arrayContaining([
        'account',
        'snapshots.policy',
        'failover.pairs.0.dns.ttlSeconds',
        'failover.pairs.0.typo',
        'search.domainEndpoint',
        'objectIndex.buckets.0.customer.pattern',
      ]),
    );
    expect(problems.find((problem) => problem.path === 'failover.pairs.0.dns.ttlSeconds')).toMatchObject({
      value: '3600',
      expected: expect.stringContaining('60 or less'),
    });
    expect(problems.find((problem) => problem.path === 'search.domainEndpoint')?.value).toBe('missing');
    expect(problems.find((problem) => problem.path === 'failover.pairs.0.typo')?.expected).toBe(
      'expected nothing: unknown setting',
    );
  });

  test.each(['aurora', 'oracle-ee', ''])('an engine that cannot fail over is refused by name: %s', (engine) => {
    const bad = local();
    bad.failover.pairs[0].engine = engine;
    expect(problemsOf(bad)).toMatchObject([
      {
        path: 'failover.pairs.0.engine',
        value: JSON.stringify(engine),
        expected: expect.stringContaining('postgres, mysql or mariadb'),
      },
    ]);
  });

  test.each(['mysql', 'mariadb'])('a pair of %s is taken', (engine) => {
    const config = local();
    config.failover.pairs[0].engine = engine;
    expect(parseConfig(config).failover.pairs[0]?.engine).toBe(engine);
  });

  test('with more attributes than the table has indexes is refused', () => {
    const bad = local();
    const rule = { contentType: true };
    bad.objectIndex.buckets[0].attributes = { a: rule, b: rule, c: rule, d: rule };
    expect(problemsOf(bad)).toMatchObject([
      { path: 'objectIndex.buckets', expected: expect.stringContaining('at most 3 attributes') },
    ]);
  });

  test('with a policy that could not say whose an object is names everything that is wrong with it', () => {
    const bad = local();
    const [bucket] = bad.objectIndex.buckets;
    bucket.customer.pattern = '(?<customer>.*)/';
    bucket.attributes = { long: { metadata: 'notes', maxBytes: 500_000 }, kind: { metadata: 'x-amz-meta-kind' } };
    bad.objectIndex.shards = { totals: 65, dates: 0 };
    const problems = problemsOf(bad);
    expect(problems.map(({ path, expected }) => `${path}: ${expected.slice(0, 40)}`)).toEqual(
      expect.arrayContaining([
        'objectIndex.buckets.0.customer.pattern: expected every alternative to be anchore',
        'objectIndex.buckets.0.customer.pattern: expected a group that stops at a "/": am',
        'objectIndex.buckets.0.attributes.long.maxBytes: expected 1024 or less: longer values wou',
        'objectIndex.buckets.0.attributes.kind.metadata: expected the lower-case name of user met',
        'objectIndex.shards.totals: expected 64 or less',
        'objectIndex.shards.dates: expected 1 or more',
      ]),
    );
  });

  test('with a bucket twice is refused', () => {
    const bad = local();
    bad.objectIndex.buckets.push({ ...bad.objectIndex.buckets[0] });
    expect(problemsOf(bad)).toMatchObject([
      { path: 'objectIndex.buckets', expected: expect.stringContaining('each bucket once') },
    ]);
  });

  test('with an attribute that is no rule says what a rule is', () => {
    const bad = local();
    bad.objectIndex.buckets[0].attributes = { a: { pattern: 'x' } };
    expect(problemsOf(bad)[0]?.path).toBe('objectIndex.buckets.0.attributes.a.pattern');
  });

  test('with two roles in one region is refused: a witness must see the region from outside', () => {
    const bad = local();
    bad.regions.witness = bad.regions.primary;
    expect(problemsOf(bad).map((problem) => problem.path)).toEqual(['regions']);
  });

  test('with copies to another partition is refused: RDS copies none there', () => {
    const bad = local();
    bad.snapshots.copies = { policy: { keepDaily: 7 }, kmsKeyId: 'key' };
    bad.regions.recovery = 'cn-north-1';
    expect(problemsOf(bad)).toMatchObject([
      { path: 'regions.recovery', expected: expect.stringContaining('the partition of eu-west-1') },
    ]);
    delete bad.snapshots.copies;
    expect(problemsOf(bad)).toEqual([]);
    bad.snapshots.copies = { policy: { keepDaily: 7 }, kmsKeyId: 'key' };
    bad.regions.primary = 'cn-northwest-1';
    expect(problemsOf(bad)).toEqual([]);
  });

  test('with a lease fence and no lease, or a lease that nobody keeps, is refused', () => {
    const bad = local();
    bad.failover.pairs[0].fence = 'lease';
    expect(problemsOf(bad)).toMatchObject([{ path: 'failover.pairs.0.fence', value: '"lease"' }]);
    bad.failover.pairs[0].fence = 'confirmed';
    bad.failover.pairs[0].lease = { table: 'estate-leases', seconds: 9 };
    expect(problemsOf(bad)).toMatchObject([{ path: 'failover.pairs.0.lease' }]);
  });

  test('with a lease is right when it may lose as much as the wait costs', () => {
    const pair = { fence: 'lease', lease: { table: 'estate-leases', seconds: 9 }, maxLossSeconds: 68, stepSeconds: 1 };
    const good = local();
    Object.assign(good.failover.pairs[0], pair);
    expect(problemsOf(good)).toEqual([]);
    good.failover.pairs[0].maxLossSeconds = 67;
    expect(problemsOf(good)).toMatchObject([
      { path: 'failover.pairs.0.maxLossSeconds', expected: expect.stringContaining('68 or more') },
    ]);
  });

  test('with a lease in a recovery-region-only table, too long for the loss allowed, is refused for both at once', () => {
    const bad = local();
    const lease = { table: 'mainstay-local-failover', seconds: 30 };
    Object.assign(bad.failover.pairs[0], { fence: 'lease', lease, maxLossSeconds: 30 });
    expect(problemsOf(bad).map(({ path, expected }) => [path, expected.slice(0, 43)])).toEqual([
      ['failover.pairs.0.lease', 'expected a global table with strong consist'],
      ['failover.pairs.0.maxLossSeconds', 'expected 110 or more: so much is committed '],
    ]);
    bad.failover.pairs[0].lease = { table: 'x', seconds: 2, region: 'eu-west-1' };
    expect(problemsOf(bad).map(({ path }) => path)).toEqual([
      'failover.pairs.0.lease.table',
      'failover.pairs.0.lease.seconds',
      'failover.pairs.0.lease.region',
    ]);
  });

  test('without an empty group on the side of the replica is right: only what is rebuilt there needs it', () => {
    const good = local();
    delete good.failover.pairs[0].replica.fencedSecurityGroupId;
    expect(problemsOf(good)).toEqual([]);
  });

  test('with two pairs that would hold the same instance is refused, every problem at once', () => {
    const bad = local();
    const [one] = bad.failover.pairs;
    one.replica.fencedSecurityGroupId = one.fencedSecurityGroupId;
    const dns = { ...one.dns, writer: 'other.estate.internal' };
    bad.failover.pairs.push({
      ...{ ...one, name: 'other', dns },
      primary: { instance: 'ledger-primary-e2' },
      replica: { instance: 'ledger-replica', fencedSecurityGroupId: 'sg-0other' },
    });
    bad.failover.pairs.push({
      ...{ ...one, name: 'third', dns: { ...dns, writer: 'third.estate.internal' } },
      primary: { instance: 'ledger-primary-east' },
      replica: { instance: 'third-replica', fencedSecurityGroupId: '' },
    });
    expect(problemsOf(bad).map(({ path, value }) => [path, value])).toEqual([
      ['failover.pairs.2.replica.fencedSecurityGroupId', '""'],
      ['failover.pairs.0.replica', '"sg-0fenced"'],
      ['failover.pairs.1.primary', '"ledger-primary-e2"'],
      ['failover.pairs.1.replica', '"ledger-replica"'],
    ]);
  });

  test('with an instance whose rebuilt name would be too long for RDS is refused', () => {
    const bad = local();
    bad.failover.pairs[0].primary.instance = 'l'.repeat(58);
    bad.failover.pairs[0].replica.instance = 'l'.repeat(57);
    expect(problemsOf(bad)).toMatchObject([
      { path: 'failover.pairs.0.primary.instance', expected: expect.stringContaining('57 characters or fewer') },
    ]);
  });
});
