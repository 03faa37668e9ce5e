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
  });

  test('with more attributes than the table has indexes is refused', () => {
    const bad = local();
    const rule = { contentType: true };
    bad.objectIndex.buckets[0].attributes = { a: rule, b: rule, c: rule, d: rule };
    expect(problemsOf(bad)).toMatchObject([
      { path: 'objectIndex.buckets', expected: expect.stringContaining('at most 3 attributes') },
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

  test('with a lease fence on a recovery-region-only table is refused', () => {
    const bad = local();
    bad.failover.pairs[0].fence = 'lease';
    expect(problemsOf(bad)[0]).toMatchObject({ path: 'failover.pairs.0.fence', value: '"lease"' });
  });
});
