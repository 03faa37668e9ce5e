import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ConfigError, parseConfig } from '../../shared/config/load.ts';

// What a config file may ask of Aurora clusters, and how it is refused what cannot be.

const configured = (pair: object, dns: object = {}) => {
  const config = parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
  const [one] = config.failover.pairs;
  Object.assign(one, pair, { dns: { ...one.dns, ...dns } });
  return config;
};
const refusals = (pair: object, dns: object = {}): [path: string, expected: string][] => {
  try {
    parseConfig(configured(pair, dns));
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ path, expected }) => [path.replace('failover.pairs.0.', ''), expected]);
    throw error;
  }
  return [];
};

test.each([
  ['aurora-mysql', 'aurora-replica'],
  ['aurora-mysql', 'aurora-global'],
  ['aurora-postgresql', 'aurora-global'],
])('a pair of %s clusters of kind %s is taken', (engine, kind) => {
  expect(parseConfig(configured({ engine, kind })).failover.pairs[0]).toMatchObject({ engine, kind });
});

test('a pair is of DB instances unless it says otherwise', () => {
  expect(parseConfig(configured({})).failover.pairs[0]?.kind).toBe('instance');
});

test('an engine of Aurora without a kind is refused, with the kinds that it has', () => {
  expect(refusals({ engine: 'aurora-mysql' })).toEqual([
    ['kind', expect.stringContaining('expected aurora-global or aurora-replica beside engine aurora-mysql')],
  ]);
  expect(refusals({ engine: 'aurora-postgresql' })).toEqual([
    ['kind', expect.stringMatching(/^expected aurora-global beside engine aurora-postgresql/)],
  ]);
});

test.each(['postgres', 'mysql', 'mariadb'])('a kind of Aurora with instances of %s is refused', (engine) => {
  for (const kind of ['aurora-replica', 'aurora-global'])
    expect(refusals({ engine, kind })).toEqual([
      ['engine', expect.stringContaining(`Leave kind out for instances of ${engine}`)],
    ]);
});

test('Aurora PostgreSQL as a replica cluster is refused, with the command that makes a global database of it', () => {
  expect(refusals({ engine: 'aurora-postgresql', kind: 'aurora-replica' })).toEqual([
    ['kind', expect.stringMatching(/^expected aurora-global: .*aws rds create-global-cluster/)],
  ]);
});

test('what a global database cannot do is refused, all of it at once', () => {
  const readers = [{ instance: 'reports', region: 'recovery' }];
  const dns = { mode: 'stop', reader: 'ledger-ro.estate.internal', readers };
  expect(refusals({ engine: 'aurora-mysql', kind: 'aurora-global' }, dns)).toEqual([
    ['dns', expect.stringContaining('expected mode swap for a global database')],
    ['dns', expect.stringContaining("expected no readers beside the pair's own")],
  ]);
  expect(refusals({ engine: 'aurora-mysql', kind: 'aurora-replica' }, dns)).toEqual([]);
});

test('a replica cluster leaves room for the name of what is rebuilt, and of its DB instance', () => {
  const named = (letters: number, kind: string) =>
    refusals({ engine: 'aurora-mysql', kind, primary: { instance: 'l'.repeat(letters) } });
  expect(named(55, 'aurora-replica')).toEqual([]);
  expect(named(56, 'aurora-replica')).toEqual([['primary', expect.stringContaining('55 characters or fewer')]]);
  // Nothing of a global database is rebuilt.
  expect(named(56, 'aurora-global')).toEqual([]);
});

test('a pair of clusters can be leased', () => {
  const lease = { fence: 'lease', lease: { table: 'estate-leases', seconds: 9 }, maxLossSeconds: 90 };
  expect(refusals({ engine: 'aurora-mysql', kind: 'aurora-global', ...lease })).toEqual([]);
});
