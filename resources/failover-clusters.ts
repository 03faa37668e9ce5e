import type { Config, PairConfig } from '../shared/config/schema.ts';

// What guard and reconciler may do with Aurora clusters: as with instances (roles.ts), each with the pair's own and with what is built
// in their place. Without a pair of clusters in the config there is none of it.

interface Statement {
  Effect: 'Allow';
  Action: string[];
  Resource: unknown[];
  Condition?: Record<string, Record<string, unknown>>;
}
type Side = 'primary' | 'recovery';
type Kind = Exclude<PairConfig['kind'], 'instance'>;

const KINDS: readonly Kind[] = ['aurora-replica', 'aurora-global'];
const SIDES: readonly Side[] = ['primary', 'recovery'];

const arn = (path: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${path}` });
/** Nothing is allowed on no resource: such a statement is none. */
const allow = (Action: string[], Resource: unknown[], Condition?: Statement['Condition']): Statement[] =>
  Resource.length === 0 ? [] : [{ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) }];

const pairsOf = ({ failover }: Config, kinds: readonly Kind[] = KINDS): PairConfig[] =>
  failover.pairs.filter(({ kind }) => kinds.some((one) => one === kind));

const nameOf = (pair: PairConfig, side: Side): string => pair[side === 'primary' ? 'primary' : 'replica'].instance;

const arnsOf = (
  { regions }: Config,
  pairs: readonly PairConfig[],
  sides: readonly Side[],
  path: (name: string) => string,
) =>
  sides.flatMap((side) =>
    pairs.map((pair) => arn(`rds:${regions[side]}:\${AWS::AccountId}:${path(nameOf(pair, side))}`)),
  );

/**
 * Actions on the pairs' clusters, and on what replica clusters are rebuilt as, `<name>-e<epoch>`, where it carries its pair's tag
 * (roles.ts says why). A global database builds nothing.
 */
const onClusters = (
  config: Config,
  actions: string[],
  { pairs = pairsOf(config), sides = SIDES, condition = {} as NonNullable<Statement['Condition']> },
): Statement[] => {
  const rebuilt = pairs.filter(({ kind }) => kind === 'aurora-replica');
  const own = arnsOf(config, pairs, sides, (name) => `cluster:${name}`);
  return [
    ...allow(actions, own, Object.keys(condition).length > 0 ? condition : undefined),
    ...allow(
      actions,
      arnsOf(config, rebuilt, sides, (name) => `cluster:${name}-e*`),
      { ...condition, StringEquals: { 'aws:ResourceTag/mainstay:failover': namesOf(rebuilt) } },
    ),
  ];
};

const namesOf = (pairs: readonly PairConfig[]): string[] => pairs.map(({ name }) => name);

/** What is asked of RDS about clusters: its Describe calls take no resource (docs: list_amazonrds). */
export const clustersSeen = (config: Config): Statement[] => [
  ...(pairsOf(config).length > 0 ? allow(['rds:DescribeDBClusters'], ['*']) : []),
  ...(pairsOf(config, ['aurora-global']).length > 0 ? allow(['rds:DescribeGlobalClusters'], ['*']) : []),
];

/** The guard of a region: an empty security group, and its own tag on what has kept a lease. Never a promotion, never a deletion. */
export const clustersGuarded = (config: Config, side: Side): Statement[] => [
  ...clustersSeen(config),
  ...onClusters(config, ['rds:ModifyDBCluster'], { sides: [side] }),
  ...onClusters(config, ['rds:AddTagsToResource'], {
    pairs: pairsOf(config).filter(({ lease }) => lease !== undefined),
    sides: [side],
    condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['mainstay:lease'] } },
  }),
];

/** The reconciler: who leads, and what becomes of who led, in either region. Nothing is deleted. */
export const clusterLeadership = (config: Config): Statement[] => [
  ...clustersSeen(config),
  ...changingPrimaries(config, pairsOf(config, ['aurora-global'])),
  ...replicating(config, pairsOf(config, ['aurora-replica'])),
  ...retiring(config, pairsOf(config)),
];

/** Global database and target are both resources of the call; the database's name is not in the config, its members' are (docs: list_amazonrds). */
const changingPrimaries = (config: Config, pairs: readonly PairConfig[]): Statement[] =>
  pairs.length === 0
    ? []
    : [
        ...allow(
          ['rds:FailoverGlobalCluster', 'rds:SwitchoverGlobalCluster'],
          [
            arn(`rds::\${AWS::AccountId}:global-cluster:*`),
            ...arnsOf(config, pairs, SIDES, (name) => `cluster:${name}`),
          ],
        ),
        // What Aurora says of its attempt at the old primary's storage.
        ...allow(['rds:DescribeEvents'], ['*']),
      ];

const inBoth = ({ regions }: Config, service: string, path: string) =>
  SIDES.map((side) => arn(`${service}:${regions[side]}:\${AWS::AccountId}:${path}`));

/** A replica cluster is promoted, and another one of the new leader is built with one DB instance. */
const replicating = (config: Config, pairs: PairConfig[]): Statement[] => {
  if (pairs.length === 0) return [];
  const surroundings = (...paths: string[]) => paths.flatMap((path) => inBoth(config, 'rds', path));
  const rebuilt = arnsOf(config, pairs, SIDES, (name) => `cluster:${name}-e*`);
  const members = arnsOf(config, pairs, SIDES, (name) => `db:${name}-e*`);
  return [
    ...onClusters(config, ['rds:PromoteReadReplicaDBCluster'], { pairs }),
    // The leader is the source of a call that is signed for its region, too (docs: API_CreateDBCluster, PreSignedUrl).
    ...allow(
      ['rds:CreateDBCluster'],
      [
        ...arnsOf(config, pairs, SIDES, (name) => `cluster:${name}`),
        ...rebuilt,
        ...surroundings('cluster-pg:*', 'og:*', 'subgrp:*'),
      ],
    ),
    ...allow(['rds:CreateDBInstance'], [...members, ...rebuilt, ...surroundings('pg:*', 'og:*', 'subgrp:*')]),
    // What is to be built has no tag yet: the request brings it.
    ...allow(['rds:AddTagsToResource'], [...rebuilt, ...members], {
      StringEquals: { 'aws:RequestTag/mainstay:failover': namesOf(pairs) },
    }),
    // The key of the old one, and of the source: by a grant to RDS and to nobody else (docs: Overview.Encryption.Keys).
    ...allow(['kms:DescribeKey'], inBoth(config, 'kms', 'key/*')),
    ...allow(['kms:CreateGrant'], inBoth(config, 'kms', 'key/*'), { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
    // Enhanced Monitoring as the old one had it: its role is handed to RDS (docs: list_amazonrds, dependent actions).
    ...allow(['iam:PassRole'], [arn(`iam::\${AWS::AccountId}:role/*`)], {
      StringEquals: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' },
    }),
  ];
};

/** Who led is saved and stopped: of a global database one that a person took out of it. */
const retiring = (config: Config, pairs: PairConfig[]): Statement[] => {
  if (pairs.length === 0) return [];
  const salvages = pairs.flatMap(({ name }) => inBoth(config, 'rds', `cluster-snapshot:salvage-${name}-epoch-*`));
  return [
    ...onClusters(config, ['rds:StopDBCluster', 'rds:CreateDBClusterSnapshot'], { pairs }),
    ...allow(['rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'], salvages),
    ...allow(['rds:DescribeDBClusterSnapshots'], ['*']),
  ];
};
