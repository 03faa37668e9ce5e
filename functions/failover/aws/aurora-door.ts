import { AddTagsToResourceCommand, ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import type { Door } from '../run/ports.ts';
import { type AuroraKind, allClusters, mustBeCluster } from './aurora-clusters.ts';
import { LEASED_TAG } from './instances.ts';
import { rdsClient } from './rds-client.ts';

/** The network fence of a cluster: its members have its groups (docs: API_ModifyDBCluster, VpcSecurityGroupIds). */
export const auroraDoor = (kind: AuroraKind, region: string): Door => {
  const client = rdsClient(region);
  return {
    setSecurityGroups: async (cluster, groups) => {
      await client.send(
        new ModifyDBClusterCommand({
          DBClusterIdentifier: cluster,
          VpcSecurityGroupIds: [...groups],
          ApplyImmediately: true,
        }),
      );
    },
    leased: async () => (await allClusters(kind, client)).filter(({ isLeased }) => isLeased),
    markLeased: async (cluster) => {
      const { DBClusterArn } = await mustBeCluster(client, cluster);
      await client.send(
        new AddTagsToResourceCommand({ ResourceName: DBClusterArn, Tags: [{ Key: LEASED_TAG, Value: 'kept' }] }),
      );
    },
  };
};
