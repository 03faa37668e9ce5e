import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { policyOf } from '../../functions/failover/run/settings.ts';
import { roles } from '../../resources/roles.ts';
import { parseConfig } from '../../shared/config/load.ts';

// A pair of Aurora clusters in the config: its policy, and what its roles may do.

const local = () => parse(readFileSync(new URL('../../config/local.yml', import.meta.url), 'utf8'));
const configured = (pair: object) => {
  const config = local();
  Object.assign(config.failover.pairs[0], pair);
  return parseConfig(config);
};
const global = configured({ engine: 'aurora-postgresql', kind: 'aurora-global' });
const replicated = configured({ engine: 'aurora-mysql', kind: 'aurora-replica' });
const plain = configured({});

interface Statement {
  Action: string[];
  Resource: (string | { 'Fn::Sub': string })[];
  Condition?: Record<string, Record<string, unknown>>;
}
const statementsOf = (config: typeof plain, place: 'primary' | 'recovery', role: string): Statement[] =>
  (roles(config, place)[role]!.Properties as any).Policies.flatMap((one: any) => one.PolicyDocument.Statement);
/** Action → what it is allowed on, without account and partition; of RDS alone. */
const allowed = (config: typeof plain, place: 'primary' | 'recovery', role: string): Record<string, string[]> => {
  const found: Record<string, string[]> = {};
  for (const { Action, Resource } of statementsOf(config, place, role))
    for (const action of Action.filter((one) => one.startsWith('rds:')))
      found[action] = [
        ...(found[action] ?? []),
        ...Resource.map((one) => (typeof one === 'string' ? one : (one['Fn::Sub'].split(':rds:')[1] ?? ''))).map(
          (one) => one.replace(`\${AWS::AccountId}:`, ''),
        ),
      ];
  return found;
};

test('its kind is part of the policy, and its engine the one whose SQL it speaks', () => {
  const policy = (config: typeof plain) => {
    const { kind, engine } = policyOf(config, config.failover.pairs[0]!);
    return [kind, engine];
  };
  expect([global, replicated, plain].map(policy)).toEqual([
    ['aurora-global', 'postgres'],
    ['aurora-replica', 'mysql'],
    [undefined, 'postgres'],
  ]);
});

test('the guard of a region shuts the door of the cluster there and of what it is rebuilt as, and touches no instance of a pair', () => {
  expect(allowed(replicated, 'primary', 'GuardRole')).toEqual({
    'rds:DescribeDBInstances': ['*'],
    'rds:DescribeDBClusters': ['*'],
    // Throw-aways of drills alone, by their tag.
    'rds:ModifyDBInstance': [`\${AWS::Region}:db:mainstay-drill-*`],
    'rds:ModifyDBCluster': ['eu-west-1:cluster:ledger-primary', 'eu-west-1:cluster:ledger-primary-e*'],
  });
  expect(allowed(global, 'recovery', 'GuardRole')).toMatchObject({
    'rds:DescribeGlobalClusters': ['*'],
    // A global database rebuilds nothing.
    'rds:ModifyDBCluster': ['eu-central-1:cluster:ledger-replica'],
  });
});

test('a lease is noted on the cluster, by its own tag and no other', () => {
  const lease = { fence: 'lease', lease: { table: 'estate-leases', seconds: 9 }, maxLossSeconds: 90 };
  const leased = configured({ engine: 'aurora-postgresql', kind: 'aurora-global', ...lease });
  const tags = statementsOf(leased, 'primary', 'GuardRole').filter(({ Action }) =>
    Action.includes('rds:AddTagsToResource'),
  );
  expect(tags.map(({ Condition }) => Condition)).toEqual([
    { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['mainstay:lease'] } },
  ]);
  expect(allowed(leased, 'primary', 'GuardRole')['rds:AddTagsToResource']).toEqual([
    'eu-west-1:cluster:ledger-primary',
  ]);
  expect(allowed(global, 'primary', 'GuardRole')['rds:AddTagsToResource']).toBeUndefined();
});

const SIDES = [
  ['eu-west-1', 'ledger-primary'],
  ['eu-central-1', 'ledger-replica'],
] as const;
const onBoth = (...paths: ((name: string) => string)[]) =>
  paths.flatMap((path) => SIDES.map(([region, name]) => `${region}:${path(name)}`));
const own = (name: string) => `cluster:${name}`;
const rebuilt = (name: string) => `cluster:${name}-e*`;
const member = (name: string) => `db:${name}-e*`;
const salvage = () => 'cluster-snapshot:salvage-ledger-epoch-*';

test('the reconciler changes the primary of a global database to either cluster of the pair, and to no other', () => {
  const change = [':global-cluster:*', ...onBoth(own)];
  expect(allowed(global, 'recovery', 'ReconcilerRole')).toEqual({
    'rds:DescribeDBInstances': ['*'],
    'rds:DescribeDBClusters': ['*'],
    'rds:DescribeGlobalClusters': ['*'],
    'rds:DescribeEvents': ['*'],
    'rds:DescribeDBClusterSnapshots': ['*'],
    'rds:FailoverGlobalCluster': change,
    'rds:SwitchoverGlobalCluster': change,
    'rds:StopDBCluster': onBoth(own),
    'rds:CreateDBClusterSnapshot': onBoth(own, salvage),
    'rds:AddTagsToResource': onBoth(salvage),
  });
});

test('the reconciler promotes, saves and stops a replica cluster, and builds one only under the name and with the tag of its pair', () => {
  const groups = (...paths: string[]) => paths.flatMap((path) => SIDES.map(([region]) => `${region}:${path}`));
  expect(allowed(replicated, 'recovery', 'ReconcilerRole')).toEqual({
    'rds:DescribeDBInstances': ['*'],
    'rds:DescribeDBClusters': ['*'],
    'rds:DescribeDBClusterSnapshots': ['*'],
    'rds:PromoteReadReplicaDBCluster': onBoth(own, rebuilt),
    'rds:StopDBCluster': onBoth(own, rebuilt),
    'rds:CreateDBClusterSnapshot': onBoth(own, rebuilt, salvage),
    'rds:CreateDBCluster': [...onBoth(own, rebuilt), ...groups('cluster-pg:*', 'og:*', 'subgrp:*')],
    'rds:CreateDBInstance': [...onBoth(member, rebuilt), ...groups('pg:*', 'og:*', 'subgrp:*')],
    'rds:AddTagsToResource': onBoth(rebuilt, member, salvage),
  });
  const all = statementsOf(replicated, 'recovery', 'ReconcilerRole');
  const tagging = all.filter(
    ({ Action, Resource }) => Action.includes('rds:AddTagsToResource') && JSON.stringify(Resource).includes('-e*'),
  );
  expect(tagging.map(({ Condition }) => Condition)).toEqual([
    { StringEquals: { 'aws:RequestTag/mainstay:failover': ['ledger'] } },
  ]);
  expect(all.filter(({ Action }) => Action.includes('iam:PassRole')).map(({ Condition }) => Condition)).toEqual([
    { StringEquals: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } },
  ]);
  // The pattern fits somebody's `ledger-primary-east`, too: nothing is done to what has not the pair's tag.
  for (const action of ['rds:PromoteReadReplicaDBCluster', 'rds:StopDBCluster'])
    for (const { Action, Resource, Condition } of all)
      if (Action.includes(action) && JSON.stringify(Resource).includes('-e*'))
        expect(Condition).toEqual({ StringEquals: { 'aws:ResourceTag/mainstay:failover': ['ledger'] } });
});

test('beside pairs of instances each has its own grants, and no statement is without a resource', () => {
  const both = local();
  const [one] = both.failover.pairs;
  both.failover.pairs.push({
    ...{ ...one, name: 'orders', engine: 'aurora-mysql', kind: 'aurora-replica' },
    ...{ primary: { instance: 'orders-primary' }, replica: { instance: 'orders-replica' } },
    dns: { ...one.dns, writer: 'orders.estate.internal' },
  });
  const config = parseConfig(both);
  const mixed = allowed(config, 'recovery', 'ReconcilerRole');
  expect(mixed['rds:PromoteReadReplica']).toEqual(
    allowed(plain, 'recovery', 'ReconcilerRole')['rds:PromoteReadReplica'],
  );
  expect(JSON.stringify(mixed['rds:PromoteReadReplicaDBCluster'])).not.toContain('ledger');
  for (const each of [config, global, replicated, plain])
    for (const role of ['GuardRole', 'ReconcilerRole'])
      for (const { Resource } of statementsOf(each, 'recovery', role)) expect(Resource).not.toEqual([]);
});

test('readiness looks at clusters where the config has a pair of them, and changes none', () => {
  const looking = ['rds:DescribeDBInstances', 'rds:DescribeDBClusters'];
  expect(Object.keys(allowed(replicated, 'recovery', 'ReadinessRole'))).toEqual(looking);
  expect(Object.keys(allowed(global, 'recovery', 'ReadinessRole'))).toEqual([...looking, 'rds:DescribeGlobalClusters']);
});

test('without a pair of clusters nobody may do any of it', () => {
  for (const [place, role] of [
    ['primary', 'GuardRole'],
    ['recovery', 'GuardRole'],
    ['recovery', 'ReconcilerRole'],
    ['recovery', 'ReadinessRole'],
  ] as const)
    expect(Object.keys(allowed(plain, place, role)).join(' ')).not.toMatch(/Cluster|DescribeEvents|CreateDBInstance\b/);
});
