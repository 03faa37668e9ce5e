import type { Mutant } from './mutant.ts';

// Pairs of Aurora clusters from the config on: what is refused at load, which ports and which SQL a pair has, what IAM allows.

const configs = 'tests/failover/aurora-config.test.ts';
const wired = 'tests/failover/aurora-wiring.test.ts';
const pairs = 'tests/failover/aurora-pair.test.ts';
const ports = 'tests/failover/aurora.test.ts';
const spoken = 'tests/failover/engine-sql.test.ts';

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file, tests }));

export const auroraWiring: readonly Mutant[] = [
  ...mutants(
    'shared/config/clusters.ts',
    [configs],
    [
      {
        id: 'clusters-no-kind',
        removes: 'that an engine of Aurora needs a kind',
        find: "if (kind === 'instance' && isAurora)",
        replace: 'if (false)',
      },
      {
        id: 'clusters-of-instances',
        removes: 'that a kind of Aurora is not for instances',
        find: "if (kind !== 'instance' && !isAurora)",
        replace: 'if (false)',
      },
      {
        id: 'clusters-replica-postgres',
        removes: 'that Aurora PostgreSQL has no replica cluster across regions',
        find: "if (kind === 'aurora-replica' && engine === 'aurora-postgresql')",
        replace: 'if (false)',
      },
      {
        id: 'clusters-global-stop',
        removes: 'that mode stop leads to addresses which a global database changes',
        find: "if (kind === 'aurora-global' && dns.mode === 'stop')",
        replace: 'if (false)',
      },
      {
        id: 'clusters-global-readers',
        removes: 'that a global database has one cluster in a region',
        find: "if (kind === 'aurora-global' && dns.readers !== undefined)",
        replace: 'if (false)',
      },
      {
        id: 'clusters-longest',
        removes: 'that the DB instance of a rebuilt cluster has a name that RDS takes',
        find: 'instance.length > LONGEST_REPLICA_CLUSTER',
        replace: 'false',
      },
    ],
  ),
  ...mutants(
    'functions/failover/core/gates.ts',
    ['functions/failover/core/aurora.test.ts'],
    [
      {
        id: 'clusters-stranger',
        removes: 'that a stranger to the global database is told what would make it possible',
        find: 'if (candidate.unfit !== undefined)',
        replace: 'if (candidate.unfit !== undefined && candidate.source !== undefined)',
      },
      {
        id: 'clusters-replica-of-replica',
        removes: 'that a replica of a replica is not failed over to',
        find: 'if (primary?.source !== undefined)',
        replace: 'if (false)',
      },
    ],
  ),
  ...mutants(
    'functions/failover/core/drills/order.ts',
    ['functions/failover/core/drills/order.test.ts'],
    [
      {
        id: 'clusters-no-drill',
        removes: 'that no DB instances are made for a drill of clusters',
        find: 'if (policy.kind !== undefined)',
        replace: 'if (false)',
      },
    ],
  ),
  ...mutants(
    'functions/failover/run/settings.ts',
    [wired],
    [
      {
        id: 'clusters-policy-kind',
        removes: 'that the kind of the config is the one that decisions are taken by',
        find: "kind: pair.kind === 'instance' ? undefined : pair.kind,",
        replace: 'kind: undefined,',
      },
    ],
  ),
  ...mutants(
    'functions/failover/run/guard-tick.ts',
    ['tests/failover/guard-tick.test.ts'],
    [
      {
        id: 'clusters-own-list',
        removes: 'that a leader is looked for among what its pair is made of',
        find: 'await all.get(policy.kind)',
        replace: 'await all.get(undefined)',
      },
    ],
  ),
  ...mutants(
    'functions/failover/aws/aurora-clusters.ts',
    [ports],
    [
      {
        id: 'clusters-listed-global',
        removes: 'that a listed secondary follows its primary',
        find: "kind === 'aurora-global' ? listed(",
        replace: 'false ? listed(',
      },
    ],
  ),
  ...mutants(
    'functions/failover/aws/compose.ts',
    [pairs],
    [
      {
        id: 'clusters-storage',
        removes: "that Aurora's word for its attempt at the old primary's storage is asked for",
        find: '        storage: auroraStorage(),\n',
        replace: '',
      },
      {
        id: 'clusters-building',
        removes: 'that a replica of a cluster is a cluster',
        find: 'building: auroraBuilding(),',
        replace: 'building: rdsBuilding(),',
      },
    ],
  ),
  ...mutants(
    'functions/failover/aws/engine-sql.ts',
    [spoken],
    [
      {
        id: 'clusters-sql-leader',
        removes: "that the leader of a global database tells its volume's position",
        find: "if (kind === 'aurora-global') return auroraGlobalPrimarySql(",
        replace: 'if (false) return auroraGlobalPrimarySql(',
      },
      {
        id: 'clusters-sql-follower',
        removes: 'that a secondary of a global database is not asked for a receiver that it has not',
        find: "if (kind === 'aurora-global') return auroraGlobalReplicaSql(",
        replace: 'if (false) return auroraGlobalReplicaSql(',
      },
    ],
  ),
  ...mutants(
    'resources/failover-clusters.ts',
    [wired],
    [
      {
        id: 'clusters-grant-tag',
        removes: "that IAM allows nothing on what the pattern of rebuilt names fits without its pair's tag",
        find: "{ ...condition, StringEquals: { 'aws:ResourceTag/mainstay:failover': namesOf(rebuilt) } }",
        replace: 'condition',
      },
      {
        id: 'clusters-grant-tagging',
        removes: 'that only what is built for a pair is tagged',
        find: "StringEquals: { 'aws:RequestTag/mainstay:failover': namesOf(pairs) },",
        replace: '',
      },
      {
        id: 'clusters-grant-monitoring',
        removes: 'that a role is handed to the monitoring of RDS alone',
        find: "StringEquals: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' },",
        replace: '',
      },
      {
        id: 'clusters-grant-lease-tag',
        removes: 'that the guard puts its own tag on a cluster, and no other',
        find: "condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['mainstay:lease'] } },",
        replace: '',
      },
      {
        id: 'clusters-grant-side',
        removes: 'that the guard of a region touches the clusters of its own',
        find: "['rds:ModifyDBCluster'], { sides: [side] }",
        replace: "['rds:ModifyDBCluster'], {}",
      },
    ],
  ),
];
