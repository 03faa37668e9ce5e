import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { policyOf, recordPlan, recordRegions } from '../../functions/failover/run/settings.ts';
import { failoverRecord } from '../../resources/failover-record.ts';
import { fromConfig } from '../../resources/from-config.ts';
import { roles } from '../../resources/roles.ts';
import { parseConfig } from '../../shared/config/load.ts';

const configured = (record?: object, pair: object = {}, regions: object = {}) => {
  const config = parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
  Object.assign(config.regions, regions);
  if (record !== undefined) config.failover.record = record;
  Object.assign(config.failover.pairs[0], pair);
  return parseConfig(config);
};
const MRSC = { kind: 'mrsc', third: 'eu-west-3' };
const LEASED = { fence: 'lease', lease: { seconds: 9 }, maxLossSeconds: 90 };
const alone = configured();
const global = configured(MRSC, LEASED);
const allReplicas = configured({ kind: 'mrsc', thirdIs: 'replica' }, {}, { witness: 'eu-west-2' });

type Statement = { Action: string[]; Resource: { 'Fn::Sub'?: string }[]; Condition?: object };
type Role = { Policies: { PolicyDocument: { Statement: Statement[] } }[] };
const statements = (config: typeof alone, place: 'primary' | 'recovery' | 'witness', role: string): Statement[] =>
  (roles(config, place)[role]?.Properties as Role | undefined)?.Policies[0]?.PolicyDocument.Statement ?? [];
/** Region and table of every grant of one action on a table. */
const tablesOf = (...asked: [...Parameters<typeof statements>, string]) => {
  const [config, place, role, action] = asked;
  return statements(config, place, role)
    .filter(({ Action }) => Action.includes(action))
    .flatMap(({ Resource }) => Resource.map((one) => one['Fn::Sub'] ?? ''))
    .map((arn) => {
      const [, region = '', table = ''] = /:dynamodb:(\$\{AWS::Region\}|[a-z0-9-]+):.*table\/(.*)/.exec(arn) ?? [];
      return `${region.startsWith('$') ? 'its own' : region} ${table}`;
    });
};

describe('the table of the record', () => {
  test('in dr-only is a table of the recovery region, kept, protected, recoverable and under our key', () => {
    expect(fromConfig(alone, 'recovery')).toMatchObject({
      FailoverRecords: {
        Type: 'AWS::DynamoDB::Table',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          TableName: 'mainstay-local-failover',
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { KMSMasterKeyId: { Ref: 'MainstayKey' } },
        },
      },
    });
  });

  test('in mrsc is one table over three regions, each replica kept, protected, recoverable and under the key of its region', () => {
    const { FailoverGlobalRecords: table, ...others } = failoverRecord(global);
    expect(others).toEqual({});
    const replica = {
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { KMSMasterKeyId: 'alias/mainstay-local' },
    };
    expect(table).toMatchObject({
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      DependsOn: ['MainstayKeyAlias'],
      Properties: {
        TableName: 'mainstay-local-failover-global',
        MultiRegionConsistency: 'STRONG',
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        Replicas: [
          { Region: 'eu-central-1', ...replica },
          { Region: 'eu-west-1', ...replica },
        ],
        GlobalTableWitnesses: [{ Region: 'eu-west-3' }],
      },
    });
  });

  test('in mrsc has no expiry and no streams: the one it may not have, the other it does not need', () => {
    expect(Object.keys(failoverRecord(global).FailoverGlobalRecords?.Properties ?? {}).sort()).toEqual([
      'AttributeDefinitions',
      'BillingMode',
      'GlobalTableWitnesses',
      'KeySchema',
      'MultiRegionConsistency',
      'Replicas',
      'SSESpecification',
      'TableName',
    ]);
  });

  test('with a third replica has three of them and no witness', () => {
    const { Properties } = failoverRecord(allReplicas).FailoverGlobalRecords ?? {};
    expect((Properties?.Replicas as { Region: string }[] | undefined)?.map(({ Region }) => Region)).toEqual([
      'eu-central-1',
      'eu-west-1',
      'eu-west-2',
    ]);
    expect(Properties).not.toHaveProperty('GlobalTableWitnesses');
  });

  test.each(['primary', 'witness'] as const)('is made by one stack: the %s one has none', (place) => {
    expect(JSON.stringify(fromConfig(global, place))).not.toContain('DynamoDB::');
  });
});

test('the policy and readiness know the table that the lease and the record are in', () => {
  const [pair] = global.failover.pairs;
  expect(pair && policyOf(global, pair).lease).toEqual({ table: 'mainstay-local-failover-global', seconds: 9 });
  expect(recordPlan(global)).toEqual({
    kind: 'mrsc',
    table: 'mainstay-local-failover-global',
    replicas: ['eu-central-1', 'eu-west-1'],
    witness: 'eu-west-3',
  });
  expect(recordPlan(alone)).toEqual({
    kind: 'dr-only',
    table: 'mainstay-local-failover',
    replicas: ['eu-central-1'],
  });
});

test('who reads the record asks its own region first, where the record is there, then the recovery region', () => {
  expect(recordRegions(alone, 'eu-north-1')).toEqual(['eu-central-1']);
  expect(recordRegions(global, 'eu-north-1')).toEqual(['eu-central-1', 'eu-west-1']);
  expect(recordRegions(allReplicas, 'eu-west-2')).toEqual(['eu-west-2', 'eu-central-1', 'eu-west-1']);
});

describe('in mrsc', () => {
  test('the reconciler writes the record in its own region, and only looks into the table of before', () => {
    expect(tablesOf(global, 'recovery', 'ReconcilerRole', 'dynamodb:PutItem')).toEqual([
      'its own mainstay-local-failover-global',
      'eu-central-1 mainstay-local-failover-global',
    ]);
    expect(tablesOf(global, 'recovery', 'ReconcilerRole', 'dynamodb:GetItem')).toContain(
      'its own mainstay-local-failover',
    );
    expect(tablesOf(alone, 'recovery', 'ReconcilerRole', 'dynamodb:PutItem')).toEqual([
      'its own mainstay-local-failover',
    ]);
  });

  test.each([
    ['primary', 'eu-west-1'],
    ['recovery', 'eu-central-1'],
  ] as const)('the guard of the %s region writes its lease in its own replica, and no record', (place, region) => {
    const writes = statements(global, place, 'GuardRole').filter(({ Action }) => Action.includes('dynamodb:PutItem'));
    expect(writes).toHaveLength(1);
    expect(JSON.stringify(writes[0]?.Resource)).toContain(`:dynamodb:${region}:`);
    expect(writes[0]?.Condition).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['LEASE#ledger'] },
    });
  });

  test('the guard may use the key of its region, for the table asks for its leave; beside an own table of yours it may not', () => {
    const keys = (config: typeof alone) => JSON.stringify(statements(config, 'primary', 'GuardRole'));
    expect(keys(global)).toContain('kms:GenerateDataKey');
    const yours = configured(MRSC, { ...LEASED, lease: { table: 'estate-leases', seconds: 9 } });
    expect(keys(yours)).not.toContain('kms:');
    expect(keys(yours)).not.toContain('failover-global');
  });

  test('of two pairs, one with a table of its own, neither guard may write what is the record of the other', () => {
    const two = parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
    two.failover.record = MRSC;
    Object.assign(two.failover.pairs[0], LEASED);
    const [one] = two.failover.pairs;
    two.failover.pairs.push({
      ...one,
      name: 'orders',
      primary: { instance: 'orders-primary' },
      replica: { instance: 'orders-replica' },
      dns: { ...one.dns, writer: 'orders.estate.internal' },
      lease: { table: 'estate-leases', seconds: 9 },
    });
    const writes = statements(parseConfig(two), 'primary', 'GuardRole').filter(({ Action }) =>
      Action.includes('dynamodb:PutItem'),
    );
    expect(writes.map(({ Resource, Condition }) => [Resource[0]?.['Fn::Sub']?.split('table/')[1], Condition])).toEqual([
      ['mainstay-local-failover-global', { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['LEASE#ledger'] } }],
      ['estate-leases', { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['PAIR#orders'] } }],
    ]);
  });

  test('the witness reads the record in either region of the pair, or in its own, and writes none', () => {
    expect(tablesOf(global, 'witness', 'WitnessRole', 'dynamodb:GetItem')).toEqual([
      'eu-central-1 mainstay-local-failover-global',
      'eu-west-1 mainstay-local-failover-global',
    ]);
    expect(tablesOf(allReplicas, 'witness', 'WitnessRole', 'dynamodb:GetItem')).toContain(
      'eu-west-2 mainstay-local-failover-global',
    );
    expect(tablesOf(alone, 'witness', 'WitnessRole', 'dynamodb:GetItem')).toEqual([
      'eu-central-1 mainstay-local-failover',
    ]);
    expect(tablesOf(global, 'witness', 'WitnessRole', 'dynamodb:PutItem')).toEqual([]);
  });

  test("drills and readiness keep their own items in the record's table, and the drill no pair's", () => {
    for (const role of ['DrillsRole', 'ReadinessRole']) {
      const tables = tablesOf(global, 'recovery', role, 'dynamodb:PutItem');
      expect(tables).toEqual(['its own mainstay-local-failover-global']);
    }
    expect(JSON.stringify(statements(global, 'recovery', 'DrillsRole'))).not.toContain('LEASE#');
  });
});
