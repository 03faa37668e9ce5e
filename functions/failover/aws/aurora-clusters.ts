import {
  type DBCluster,
  DescribeDBClustersCommand,
  type GlobalCluster,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  paginateDescribeGlobalClusters,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { isNotFound } from '../../../shared/aws/errors.ts';
import { type ClusterSeen, clusterView, type GlobalSeen } from '../core/aurora.ts';
import type { InstanceView } from '../core/evidence.ts';
import type { Policy } from '../core/policy.ts';
import type { Databases, Instances } from '../run/ports.ts';
import { LEASED_TAG } from './instances.ts';
import { rdsClient } from './rds-client.ts';

/** What a pair of Aurora clusters is. */
export type AuroraKind = NonNullable<Policy['kind']>;

/** Aurora clusters of one region, as the wing knows DB instances. */
export const auroraInstances = (kind: AuroraKind, region: string): Instances & { all(): Promise<InstanceView[]> } => {
  const client = rdsClient(region);
  return {
    all: () => allClusters(kind, client),
    describe: async (cluster) => {
      const seen = await clusterSeen(client, cluster);
      if (seen === undefined) return undefined;
      const global = kind === 'aurora-global' ? await globalOf(client, seen.arn) : undefined;
      return clusterView(kind, seen, global && globalSeen(global));
    },
  };
};

/** Aurora clusters of any region, as the wing knows databases: one client for each. */
export const auroraDatabases = (kind: AuroraKind): Databases => {
  const regions = new Map<string, Instances>();
  return {
    describe: (region, cluster) => {
      const there = regions.get(region) ?? auroraInstances(kind, region);
      regions.set(region, there);
      return there.describe(cluster);
    },
  };
};

/** Every cluster of the client's region, by two or three lists: those of other engines are there, too, and fit no pair. */
export const allClusters = async (kind: AuroraKind, client: RDSClient): Promise<InstanceView[]> => {
  const [clusters, statuses, globals] = await Promise.all([
    listed(paginateDescribeDBClusters({ client }, {}), ({ DBClusters }) => DBClusters),
    statusesOf(client),
    kind === 'aurora-global' ? listed(globalPages(client), ({ GlobalClusters }) => GlobalClusters) : [],
  ]);
  return clusters.map((one) => {
    const global = globals.find((other) => isPart(other, one.DBClusterArn ?? ''));
    return clusterView(kind, seenOf(one, statuses), global && globalSeen(global));
  });
};

const globalPages = (client: RDSClient) => paginateDescribeGlobalClusters({ client }, {});

const listed = async <Page, One>(pages: AsyncIterable<Page>, on: (page: Page) => One[] | undefined): Promise<One[]> => {
  const found: One[] = [];
  for await (const page of pages) found.push(...(on(page) ?? []));
  return found;
};

/** DB instance → its status: of all, or of one cluster's members (docs: API_DBClusterMember has none). */
const statusesOf = async (client: RDSClient, cluster?: string): Promise<ReadonlyMap<string, string>> => {
  const Filters = cluster === undefined ? undefined : [{ Name: 'db-cluster-id', Values: [cluster] }];
  const pages = paginateDescribeDBInstances({ client }, { Filters });
  const instances = await listed(pages, ({ DBInstances }) => DBInstances);
  return new Map(
    instances.map(({ DBInstanceIdentifier = '', DBInstanceStatus = 'unknown' }) => [
      DBInstanceIdentifier,
      DBInstanceStatus,
    ]),
  );
};

/** Undefined when RDS says that there is none. */
export const findCluster = async (client: RDSClient, cluster: string): Promise<DBCluster | undefined> => {
  try {
    return (await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }))).DBClusters?.[0];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/** The same; throws where there is none. */
export const mustBeCluster = async (client: RDSClient, cluster: string): Promise<DBCluster> => {
  const found = await findCluster(client, cluster);
  if (found === undefined) throw new Error(`RDS knows no cluster ${cluster}`);
  return found;
};

/** The cluster with its members. */
export const clusterSeen = async (client: RDSClient, cluster: string): Promise<ClusterSeen | undefined> => {
  const found = await findCluster(client, cluster);
  return found && seenOf(found, await statusesOf(client, cluster));
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
  for await (const { GlobalClusters = [] } of globalPages(client)) {
    const found = GlobalClusters.find((one) => isPart(one, clusterArn));
    if (found !== undefined) return found;
  }
  return undefined;
};

const isPart = ({ GlobalClusterMembers = [] }: GlobalCluster, clusterArn: string): boolean =>
  GlobalClusterMembers.some(({ DBClusterArn }) => DBClusterArn === clusterArn);

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
