import {
  CreateDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import type { OldPrimary } from '../run/ports.ts';
import { type AuroraKind, auroraDatabases } from './aurora-clusters.ts';
import { rdsClient } from './rds-client.ts';

/** The old primary cluster. A global database's is neither stopped nor saved by us: Aurora takes its snapshot, and adds it back. */
export const auroraOldPrimary = (kind: AuroraKind): OldPrimary => ({
  describe: auroraDatabases(kind).describe,
  snapshot: async (region, of, name, tags) => {
    const client = rdsClient(region);
    try {
      await client.send(
        new CreateDBClusterSnapshotCommand({
          DBClusterIdentifier: of.instance,
          DBClusterSnapshotIdentifier: name,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      );
    } catch (error) {
      // docs: API_CreateDBClusterSnapshot, Errors. A name that is taken is ours only when it is of this very cluster.
      if ((error as Error).name !== 'DBClusterSnapshotAlreadyExistsFault') throw error;
      const { DBClusterSnapshots } = await client.send(
        new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name }),
      );
      if (DBClusterSnapshots?.[0]?.DbClusterResourceId !== of.resourceId) throw error;
    }
  },
  // Refused while it replicates across regions (docs: aurora-cluster-stop-start): tried again.
  stop: async (region, cluster) => {
    await rdsClient(region).send(new StopDBClusterCommand({ DBClusterIdentifier: cluster }));
  },
});
