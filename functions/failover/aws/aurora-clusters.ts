import {
  type DBCluster,
  DescribeDBClustersCommand,
  type GlobalCluster,
  paginateDescribeDBInstances,
  paginateDescribeGlobalClusters,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { isNotFound } from '../../../shared/aws/errors.ts';
import { type ClusterSeen, clusterView, type GlobalSeen } from '../core/aurora.ts';
import type { Policy } from '../core/policy.ts';
import type { Databases } from '../run/ports.ts';
import { LEASED_TAG } from './instances.ts';
import { rdsClient } from './rds-client.ts';

/** What a pair of Aurora clusters is; the config takes none yet (shared/config/schema.ts). */
export type AuroraKind = NonNullable<Policy['kind']>;

/** Aurora clusters of any region, as the wing knows databases. */
export const auroraDatabases = (kind: AuroraKind): Databases => ({
  describe: async (region, cluster) => {
    const client = rdsClient(region);
    try {
      const seen = await clusterSeen(client, cluster);
      if (seen === undefined) return undefined;
      const global = kind === 'aurora-global' ? await globalOf(client, seen.arn) : undefined;
      return clusterView(kind, seen, global && globalSeen(global));
    } finally {
      client.destroy();
    }
  },
});

/** Undefined when RDS says that there is none. */
export const findCluster = async (client: RDSClient, cluster: string): Promise<DBCluster | undefined> => {
  try {
    return (await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }))).DBClusters?.[0];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/** The cluster with its members: their statuses are instances' (docs: API_DBClusterMember has none). */
export const clusterSeen = async (client: RDSClient, cluster: string): Promise<ClusterSeen | undefined> => {
  const found = await findCluster(client, cluster);
  if (found === undefined) return undefined;
  const statuses = new Map<string, string>();
  const Filters = [{ Name: 'db-cluster-id', Values: [cluster] }];
  for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, { Filters }))
    for (const one of DBInstances) statuses.set(one.DBInstanceIdentifier ?? '', one.DBInstanceStatus ?? 'unknown');
  return seenOf(found, statuses);
};

const seenOf = (one: DBCluster, statuses: ReadonlyMap<string, string>): ClusterSeen => {
  const at = (host: string | undefined) => (host ? { host, port: one.Port ?? 0 } : undefined);
  return {
    cluster: one.DBClusterIdentifier ?? '',
    arn: one.DBClusterArn ?? '',
    resourceId: one.DbClusterResourceId ?? '',
    status: one.Status ?? 'unknown',
    engine: one.Engine ?? '',
    engineVersion: one.EngineVersion ?? '',
    endpoint: at(one.Endpoint),
    readerEndpoint: at(one.ReaderEndpoint),
    source: one.ReplicationSourceIdentifier || undefined,
    securityGroups: (one.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId, Status }) => ({
      id: VpcSecurityGroupId ?? '',
      active: Status === 'active',
    })),
    backupRetentionDays: one.BackupRetentionPeriod ?? 0,
    backupWindow: one.PreferredBackupWindow,
    members: (one.DBClusterMembers ?? []).map(({ DBInstanceIdentifier = '', IsClusterWriter }) => ({
      instance: DBInstanceIdentifier,
      status: statuses.get(DBInstanceIdentifier) ?? 'unknown',
      isWriter: IsClusterWriter ?? false,
    })),
    ...(one.TagList?.some(({ Key }) => Key === LEASED_TAG) && { isLeased: true as const }),
  };
};

/** The global database that a cluster is part of, asked in whatever region answers: it is of the account (docs: API_GlobalCluster). */
export const globalOf = async (client: RDSClient, clusterArn: string): Promise<GlobalCluster | undefined> => {
  for await (const { GlobalClusters = [] } of paginateDescribeGlobalClusters({ client }, {})) {
    const found = GlobalClusters.find(({ GlobalClusterMembers = [] }) =>
      GlobalClusterMembers.some(({ DBClusterArn }) => DBClusterArn === clusterArn),
    );
    if (found !== undefined) return found;
  }
  return undefined;
};

export const globalSeen = (one: GlobalCluster): GlobalSeen => ({
  id: one.GlobalClusterIdentifier ?? '',
  engineVersion: one.EngineVersion ?? '',
  members: (one.GlobalClusterMembers ?? []).map(({ DBClusterArn = '', IsWriter, SynchronizationStatus }) => ({
    arn: DBClusterArn,
    isWriter: IsWriter ?? false,
    isConnected: SynchronizationStatus === 'connected',
  })),
  // Empty unless something was asked for (docs: API_GlobalCluster, FailoverState).
  ...(one.FailoverState?.Status && {
    change: {
      status: one.FailoverState.Status,
      to: one.FailoverState.ToDbClusterArn ?? '',
      from: one.FailoverState.FromDbClusterArn,
    },
  }),
});
