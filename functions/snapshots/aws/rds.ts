import {
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  type DBCluster,
  type DBClusterSnapshot,
  type DBInstance,
  type DBSnapshot,
  DeleteDBClusterSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type RDSClient,
  type Tag,
} from '@aws-sdk/client-rds';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { Database, Quota, Snapshot, Tags } from '../core/inventory.ts';
import type { Databases, Quotas, Snapshots } from '../run/ports.ts';
import { createAnswer, deleteAnswer } from './answers.ts';
import { allPages } from './pages.ts';

// Five Describe calls and their pages are all that a run reads: tags come in TagList, so ListTagsForResource is never
// called (it is what throttles a tool like this: one call per database and per snapshot).

const MaxRecords = 100;

/** Databases of both kinds as RDS describes them. */
export const rdsDatabases = (rds: RDSClient): Databases => ({
  list: async (kind) =>
    kind === 'instance'
      ? (
          await allPages(
            (Marker) => rds.send(new DescribeDBInstancesCommand({ MaxRecords, Marker })),
            (page) => page.DBInstances,
          )
        ).map(instanceOf)
      : (
          await allPages(
            (Marker) => rds.send(new DescribeDBClustersCommand({ MaxRecords, Marker })),
            (page) => page.DBClusters,
          )
        ).map(clusterOf),
});

/** Manual snapshots of both kinds. An answer to a change is a value; only reading throws. */
export const rdsSnapshots = (rds: RDSClient): Snapshots => ({
  list: async (kind) =>
    kind === 'instance'
      ? (
          await allPages(
            (Marker) => rds.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual', MaxRecords, Marker })),
            (page) => page.DBSnapshots,
          )
        ).map(instanceSnapshotOf)
      : (
          await allPages(
            (Marker) => rds.send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'manual', MaxRecords, Marker })),
            (page) => page.DBClusterSnapshots,
          )
        ).map(clusterSnapshotOf),

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

  create: async ({ kind, databaseId, name, tags }) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    try {
      await (kind === 'instance'
        ? rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: databaseId, DBSnapshotIdentifier: name, Tags }))
        : rds.send(
            new CreateDBClusterSnapshotCommand({
              DBClusterIdentifier: databaseId,
              DBClusterSnapshotIdentifier: name,
              Tags,
            }),
          ));
      return { kind: 'created' };
    } catch (error) {
      return createAnswer(error);
    }
  },

  delete: async (kind, name) => {
    try {
      await (kind === 'instance'
        ? rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: name }))
        : rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: name })));
      return { kind: 'deleted' };
    } catch (error) {
      return deleteAnswer(error);
    }
  },
});

const QUOTAS = { ManualSnapshots: 'instance', ManualClusterSnapshots: 'cluster' } as const;

/** The two quotas of manual snapshots (docs: API_DescribeAccountAttributes; either name may be missing). */
export const rdsQuotas = (rds: RDSClient): Quotas => ({
  read: async () => {
    const { AccountQuotas } = await rds.send(new DescribeAccountAttributesCommand({}));
    return (AccountQuotas ?? []).flatMap(({ AccountQuotaName, Used, Max }): Quota[] => {
      const kind = QUOTAS[AccountQuotaName as keyof typeof QUOTAS];
      return kind === undefined || Max === undefined ? [] : [{ kind, max: Max, used: Used ?? 0 }];
    });
  },
});

const tagsOf = (list: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

const instanceOf = (one: DBInstance): Database => {
  const replicaOf = one.ReadReplicaSourceDBInstanceIdentifier ?? one.ReadReplicaSourceDBClusterIdentifier;
  return {
    kind: 'instance',
    id: one.DBInstanceIdentifier ?? '',
    resourceId: one.DbiResourceId ?? '',
    arn: one.DBInstanceArn ?? '',
    engine: one.Engine ?? '',
    status: one.DBInstanceStatus ?? '',
    tags: tagsOf(one.TagList),
    ...(one.DBClusterIdentifier && { memberOf: one.DBClusterIdentifier }),
    ...(replicaOf && { replicaOf }),
  };
};

const clusterOf = (one: DBCluster): Database => ({
  kind: 'cluster',
  id: one.DBClusterIdentifier ?? '',
  resourceId: one.DbClusterResourceId ?? '',
  arn: one.DBClusterArn ?? '',
  engine: one.Engine ?? '',
  status: one.Status ?? '',
  tags: tagsOf(one.TagList),
  ...(one.ReplicationSourceIdentifier && { replicaOf: one.ReplicationSourceIdentifier }),
});

const instanceSnapshotOf = (one: DBSnapshot): Snapshot => ({
  kind: 'instance',
  id: one.DBSnapshotIdentifier ?? '',
  databaseId: one.DBInstanceIdentifier ?? '',
  ...(one.DbiResourceId && { resourceId: one.DbiResourceId }),
  arn: one.DBSnapshotArn ?? '',
  type: one.SnapshotType ?? '',
  status: one.Status ?? '',
  tags: tagsOf(one.TagList),
  ...instanceDataMs(one),
});

// docs: API_DBSnapshot — SnapshotDatabaseTime is the newest transaction in it; OriginalSnapshotCreateTime does not change when copied.
const instanceDataMs = ({ SnapshotDatabaseTime, OriginalSnapshotCreateTime }: DBSnapshot): Pick<Snapshot, 'dataMs'> => {
  const moment = SnapshotDatabaseTime ?? OriginalSnapshotCreateTime;
  return moment === undefined ? {} : { dataMs: moment.getTime() };
};

// A cluster snapshot has only SnapshotCreateTime, and a copy's is the copy's own (docs: API_DBClusterSnapshot).
const clusterDataMs = (one: DBClusterSnapshot): Pick<Snapshot, 'dataMs'> =>
  one.SnapshotCreateTime === undefined || one.SourceDBClusterSnapshotArn
    ? {}
    : { dataMs: one.SnapshotCreateTime.getTime() };

const clusterSnapshotOf = (one: DBClusterSnapshot): Snapshot => ({
  kind: 'cluster',
  id: one.DBClusterSnapshotIdentifier ?? '',
  databaseId: one.DBClusterIdentifier ?? '',
  ...(one.DbClusterResourceId && { resourceId: one.DbClusterResourceId }),
  arn: one.DBClusterSnapshotArn ?? '',
  type: one.SnapshotType ?? '',
  status: one.Status ?? '',
  tags: tagsOf(one.TagList),
  ...clusterDataMs(one),
});
