import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type Filter,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { Database, Kind, Snapshot } from '../core/inventory.ts';
import type { Databases, Snapshots } from '../run/ports.ts';
import { allPages } from './pages.ts';
import { clusterOf, clusterSnapshotOf, instanceOf, instanceSnapshotOf } from './rds-shapes.ts';

// Besides the quotas, four Describe calls and their pages are all that a run reads: tags come in TagList, so ListTagsForResource is never
// called (it is what throttles a tool like this: one call per database and per snapshot).

const MaxRecords = 100;

/** So many are asked for by name in one call; for more the whole list is cheaper than it is long. */
const MOST_BY_NAME = 20;

/** Databases of both kinds as RDS describes them. */
export const rdsDatabases = (rds: RDSClient): Databases => {
  // Page by page: what is not kept of an answer must not be held while the next ones come.
  const list = (kind: Kind, Filters?: Filter[]): Promise<Database[]> =>
    kind === 'instance'
      ? allPages(
          (Marker) => rds.send(new DescribeDBInstancesCommand({ Filters, MaxRecords, Marker })),
          (page) => page.DBInstances?.map(instanceOf),
          ({ resourceId }) => resourceId || undefined,
        )
      : allPages(
          (Marker) => rds.send(new DescribeDBClustersCommand({ Filters, MaxRecords, Marker })),
          (page) => page.DBClusters?.map(clusterOf),
          ({ resourceId }) => resourceId || undefined,
        );
  return {
    list: (kind) => list(kind),
    withResourceIds: async (kind, resourceIds) => {
      if (resourceIds.length === 0) return [];
      const Name = kind === 'instance' ? 'dbi-resource-id' : 'db-cluster-resource-id';
      const found = await list(
        kind,
        resourceIds.length > MOST_BY_NAME ? undefined : [{ Name, Values: [...resourceIds] }],
      );
      const wanted = new Set(resourceIds);
      return found.filter(({ resourceId }) => wanted.has(resourceId));
    },
  };
};

/** Manual snapshots of both kinds, to look at. */
export const rdsSnapshotsToRead = (rds: RDSClient): Pick<Snapshots, 'list' | 'find'> => ({
  list: (kind): Promise<Snapshot[]> =>
    kind === 'instance'
      ? allPages(
          (Marker) => rds.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual', MaxRecords, Marker })),
          (page) => page.DBSnapshots?.map(instanceSnapshotOf),
          ({ id }) => id,
        )
      : allPages(
          (Marker) => rds.send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'manual', MaxRecords, Marker })),
          (page) => page.DBClusterSnapshots?.map(clusterSnapshotOf),
          ({ id }) => id,
        ),

  find: async (kind, name) => {
    try {
      if (kind === 'instance') {
        const { DBSnapshots } = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name }));
        return DBSnapshots?.map(instanceSnapshotOf)[0];
      }
      const { DBClusterSnapshots } = await rds.send(
        new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name }),
      );
      return DBClusterSnapshots?.map(clusterSnapshotOf)[0];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  },
});
