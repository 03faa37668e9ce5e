import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ConfigError, parseConfig } from '../../shared/config/load.ts';
import { formerTable, leaseKey, leaseTable, mrscRegions, recordTable } from '../../shared/config/record.ts';

const configured = (record?: object, regions: object = {}, pair: object = {}) => {
  const config = parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
  Object.assign(config.regions, regions);
  if (record !== undefined) config.failover.record = record;
  Object.assign(config.failover.pairs[0], pair);
  return config;
};
const problems = (...args: Parameters<typeof configured>): string[][] => {
  try {
    parseConfig(configured(...args));
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ path, value, expected }) => [path, value, expected.slice(0, 60)]);
    throw error;
  }
  return [];
};
const parsed = (...args: Parameters<typeof configured>) => parseConfig(configured(...args));
const MRSC = { kind: 'mrsc', third: 'eu-west-3' };

describe('the record', () => {
  test('is in the recovery region alone, unless the config says another thing', () => {
    const config = parsed();
    expect([recordTable(config), formerTable(config), mrscRegions(config)]).toEqual([
      'mainstay-local-failover',
      'mainstay-local-failover-global',
      undefined,
    ]);
  });

  test('in mrsc is in a table of its own name, in both regions of the pair and a third one that votes', () => {
    const config = parsed(MRSC);
    expect([recordTable(config), formerTable(config)]).toEqual([
      'mainstay-local-failover-global',
      'mainstay-local-failover',
    ]);
    expect(mrscRegions(config)).toEqual({ replicas: ['eu-central-1', 'eu-west-1'], witness: 'eu-west-3' });
  });

  test("takes the witness's region for the third one where none is named, as voter or as replica", () => {
    const at = { witness: 'eu-west-2' };
    expect(mrscRegions(parsed({ kind: 'mrsc' }, at))?.witness).toBe('eu-west-2');
    expect(mrscRegions(parsed({ kind: 'mrsc', thirdIs: 'replica' }, at))).toEqual({
      replicas: ['eu-central-1', 'eu-west-1', 'eu-west-2'],
    });
  });

  test('stays what it is when a parsed config is parsed again, as the deployed one is', () => {
    expect(parseConfig(JSON.parse(JSON.stringify(parsed(MRSC))))).toEqual(parsed(MRSC));
  });
});

describe('a record is refused', () => {
  test('in an eventually consistent table, by name', () => {
    expect(problems({ kind: 'mrec' })).toEqual([
      ['failover.record.kind', '"mrec"', 'expected dr-only or mrsc: over an eventually consistent tabl'],
    ]);
  });

  test('with a third region outside the set of the pair, the default one too', () => {
    const expected = 'expected eu-west-2 or eu-west-3: a table with strong consist';
    expect(problems({ kind: 'mrsc' })).toEqual([['failover.record.third', '"eu-north-1"', expected]]);
    expect(problems({ kind: 'mrsc', third: 'us-east-1' })).toEqual([
      ['failover.record.third', '"us-east-1"', expected],
    ]);
  });

  test("with a third region that is one of the pair's: three are needed", () => {
    expect(problems({ kind: 'mrsc', third: 'eu-west-1' })).toMatchObject([
      ['failover.record.third', '"eu-west-1"', {}],
    ]);
    expect(problems({ kind: 'mrsc', third: 'eu-central-1' })).toHaveLength(1);
  });

  test('with a pair in two sets, or in none, every problem at once', () => {
    const at = { primary: 'us-east-1', recovery: 'eu-central-1' };
    expect(problems({ kind: 'mrsc', third: 'us-west-2' }, at).map(([path]) => path)).toEqual(['regions.recovery']);
    const none = { primary: 'sa-east-1', recovery: 'eu-north-1', witness: 'eu-west-3' };
    expect(problems({ kind: 'mrsc' }, none).map(([path]) => path)).toEqual(['regions.primary', 'regions.recovery']);
    const one = { primary: 'sa-east-1', recovery: 'eu-central-1' };
    expect(problems({ kind: 'mrsc' }, one).map(([path]) => path)).toEqual(['regions.primary', 'failover.record.third']);
  });

  test('with a replica where no stack of ours has a key', () => {
    expect(problems({ ...MRSC, thirdIs: 'replica' })).toEqual([
      ['failover.record.third', '"eu-west-3"', 'expected eu-north-1, the region of the witness, or thirdIs: '],
    ]);
  });

  test('with settings that are none of its kind', () => {
    expect(problems({ kind: 'dr-only', third: 'eu-west-3' }).map(([path]) => path)).toEqual(['failover.record.third']);
    expect(problems({ kind: 'mrsc', third: 'Paris', thirdIs: 'tail' }).map(([path]) => path)).toEqual([
      'failover.record.third',
      'failover.record.thirdIs',
    ]);
  });
});

describe('a lease', () => {
  const leased = (lease: object) => ({ fence: 'lease', lease, maxLossSeconds: 90 });

  test('without a table is kept beside the record in mrsc, under a key of its own', () => {
    const config = parsed(MRSC, {}, leased({ seconds: 9 }));
    const { lease = { seconds: 0 } } = config.failover.pairs[0] ?? {};
    expect([leaseTable(config, lease), leaseKey(lease, 'ledger')]).toEqual([
      'mainstay-local-failover-global',
      'LEASE#ledger',
    ]);
  });

  test("in its owner's table stays under the key that it has had there", () => {
    const config = parsed(MRSC, {}, leased({ table: 'estate-leases', seconds: 9 }));
    const { lease = { seconds: 0 } } = config.failover.pairs[0] ?? {};
    expect([leaseTable(config, lease), leaseKey(lease, 'ledger')]).toEqual(['estate-leases', 'PAIR#ledger']);
  });

  test('without a table is refused where the record is in one region: it would die with it', () => {
    expect(problems({ kind: 'dr-only' }, {}, leased({ seconds: 9 }))).toEqual([
      ['failover.pairs.0.lease', '{"seconds":9}', 'expected a table, or failover.record: { kind: mrsc }: a tabl'],
    ]);
  });

  test("that names a table of this stack's is refused in either kind", () => {
    const lease = { table: 'mainstay-local-failover-global', seconds: 9 };
    expect(problems(MRSC, {}, leased(lease)).map(([, , expected]) => expected)).toEqual([
      'expected no table: the lease is then kept beside the record',
    ]);
    expect(problems({ kind: 'dr-only' }, {}, leased(lease))).toHaveLength(1);
  });
});
