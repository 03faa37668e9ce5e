import { type DBCluster, paginateDescribeDBInstances, type RDSClient } from '@aws-sdk/client-rds';
import { type ClusterSeen, clusterView } from '../core/aurora.ts';
import { PAIR_TAG } from '../core/policy.ts';
import type { InstanceShape } from '../core/readiness.ts';
import type { Shapes } from '../run/ports.ts';
import { type AuroraKind, clusterSeen, findCluster, globalOf, globalSeen } from './aurora-clusters.ts';
import { rdsClient } from './rds-client.ts';

/** The clusters of one region, each with what its twin should equal on the day. */
export const auroraShapes =
  (kind: AuroraKind) =>
  (region: string): Shapes => ({
    shape: async (cluster) => {
      const client = rdsClient(region);
      try {
        const found = await findCluster(client, cluster);
        const seen = found && (await clusterSeen(client, cluster));
        if (found === undefined || seen === undefined) return undefined;
        const global = kind === 'aurora-global' ? await globalOf(client, seen.arn) : undefined;
        const its = global && globalSeen(global);
        return {
          ...shapeOf(found, await classesOf(client, seen)),
          ...clusterView(kind, seen, its),
          cluster: { seen, global: its },
        };
      } finally {
        client.destroy();
      }
    },
  });

const shapeOf = (one: DBCluster, instanceClass: string): Omit<InstanceShape, keyof ReturnType<typeof clusterView>> => ({
  arn: one.DBClusterArn ?? '',
  pairTag: one.TagList?.find(({ Key }) => Key === PAIR_TAG)?.Value,
  instanceClass,
  // A cluster's volume grows by itself (docs: Aurora.Overview.StorageReliability).
  storageGb: 0,
  parameterGroup: one.DBClusterParameterGroup
    ? {
        name: one.DBClusterParameterGroup,
        // docs: API_DBClusterMember, DBClusterParameterGroupStatus.
        inSync: (one.DBClusterMembers ?? []).every(
          ({ DBClusterParameterGroupStatus = 'in-sync' }) => DBClusterParameterGroupStatus === 'in-sync',
        ),
      }
    : undefined,
  isMultiAz: (one.DBClusterMembers ?? []).length > 1,
  isProtected: one.DeletionProtection ?? false,
  kmsKey: one.StorageEncrypted ? one.KmsKeyId : undefined,
});

/** The class of the writer; of a cluster without one the classes of its readers, any of which may be promoted. */
const classesOf = async (client: RDSClient, { cluster, members }: ClusterSeen): Promise<string> => {
  const classes = new Map<string, string>();
  const Filters = [{ Name: 'db-cluster-id', Values: [cluster] }];
  for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, { Filters }))
    for (const one of DBInstances) classes.set(one.DBInstanceIdentifier ?? '', one.DBInstanceClass ?? 'unknown');
  const writer = members.find(({ isWriter }) => isWriter);
  const asked = writer === undefined ? members : [writer];
  const found = new Set(asked.map(({ instance }) => classes.get(instance) ?? 'unknown'));
  return [...found].sort().join(' and ') || 'none';
};
