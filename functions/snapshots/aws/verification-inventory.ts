import {
  AddTagsToResourceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { VerificationPorts } from '../run/verification-ports.ts';
import { allPages } from './pages.ts';
import { clusterOf, clusterSnapshotOf, instanceOf, instanceSnapshotOf } from './rds-shapes.ts';
import { changeAnswer } from './verification-answers.ts';

// Apart from rds.ts, for this function's role can create and delete no snapshot, and its bundle holds no such call.

const MaxRecords = 100;

/** What verifications are chosen from, and where their result is written. */
export const verificationInventory = (
  rds: RDSClient,
): Pick<VerificationPorts, 'databases' | 'snapshots' | 'snapshotTags'> => ({
  databases: {
    list: async (kind) =>
      kind === 'instance'
        ? (
            await allPages(
              (Marker) => rds.send(new DescribeDBInstancesCommand({ MaxRecords, Marker })),
              (page) => page.DBInstances,
              ({ DbiResourceId }) => DbiResourceId,
            )
          ).map(instanceOf)
        : (
            await allPages(
              (Marker) => rds.send(new DescribeDBClustersCommand({ MaxRecords, Marker })),
              (page) => page.DBClusters,
              ({ DbClusterResourceId }) => DbClusterResourceId,
            )
          ).map(clusterOf),
  },
  snapshots: {
    list: async (kind) =>
      kind === 'instance'
        ? (
            await allPages(
              (Marker) => rds.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual', MaxRecords, Marker })),
              (page) => page.DBSnapshots,
              ({ DBSnapshotIdentifier }) => DBSnapshotIdentifier,
            )
          ).map(instanceSnapshotOf)
        : (
            await allPages(
              (Marker) =>
                rds.send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'manual', MaxRecords, Marker })),
              (page) => page.DBClusterSnapshots,
              ({ DBClusterSnapshotIdentifier }) => DBClusterSnapshotIdentifier,
            )
          ).map(clusterSnapshotOf),
  },
  snapshotTags: {
    add: async (ResourceName, tags) => {
      try {
        const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
        return { kind: 'done' };
      } catch (error) {
        return changeAnswer(error);
      }
    },
  },
});
