import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { leastLossSeconds as inTheWing } from '../../functions/failover/core/lease.ts';
import { policyOf } from '../../functions/failover/run/settings.ts';
import { roles } from '../../resources/roles.ts';
import { leastLossSeconds as inTheConfig } from '../../shared/config/lease.ts';
import { parseConfig } from '../../shared/config/load.ts';

const configured = (pair: object) => {
  const config = parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
  Object.assign(config.failover.pairs[0], pair);
  return parseConfig(config);
};
const leased = configured({
  fence: 'lease',
  lease: { table: 'estate-leases', seconds: 9 },
  maxLossSeconds: 90,
});
const grants = (config: typeof leased, region: 'primary' | 'recovery', role: string) =>
  JSON.stringify(roles(config, region)[role]);

test('the loss that the config asks for is the one that the wait costs', () => {
  for (let seconds = 3; seconds <= 30; seconds += 0.5)
    for (const step of [0.2, 1, 5, 20]) expect(inTheConfig(seconds, step)).toBe(inTheWing(seconds, step));
});

test('the lease of the config is the policy', () => {
  const [pair] = leased.failover.pairs;
  expect(pair && policyOf(leased, pair).lease).toEqual({ table: 'estate-leases', seconds: 9 });
});

test.each([
  ['primary', 'GuardRole', 'eu-west-1'],
  ['recovery', 'GuardRole', 'eu-central-1'],
  ['recovery', 'ReconcilerRole', 'eu-central-1'],
] as const)(
  'in the %s region %s may read and write the leases of its pairs, in its own replica alone',
  (place, role, region) => {
    const granted = grants(leased, place, role);
    expect(granted).toContain(`arn:\${AWS::Partition}:dynamodb:${region}:\${AWS::AccountId}:table/estate-leases`);
    expect(granted).toContain('"dynamodb:LeadingKeys":["PAIR#ledger"]');
    expect(granted).toContain('"dynamodb:DescribeTable"');
    expect(granted.match(/table\/estate-leases/g)).toHaveLength(2);
  },
);

test('the guard may put its own tag on its instances, and no other', () => {
  expect(grants(leased, 'primary', 'GuardRole')).toContain('"aws:TagKeys":["mainstay:lease"]');
});

test('without a lease nobody may do any of it', () => {
  const plain = configured({});
  expect(grants(plain, 'primary', 'GuardRole')).not.toMatch(/dynamodb|AddTags/);
  expect(grants(plain, 'recovery', 'ReconcilerRole')).not.toContain('estate-leases');
});
