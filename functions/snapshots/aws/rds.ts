import {
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type Filter,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { errorText, isNotFound } from '../../../shared/aws/errors.ts';
import type { Database, Kind, Quota, Snapshot } from '../core/inventory.ts';
import type { CreateAnswer, Databases, Quotas, Snapshots } from '../run/ports.ts';
import { createAnswer, deleteAnswer, quotaMeaning } from './answers.ts';
import { allPages } from './pages.ts';
import { clusterOf, clusterSnapshotOf, instanceOf, instanceSnapshotOf } from './rds-shapes.ts';

// Five Describe calls and their pages are all that a run reads: tags come in TagList, so ListTagsForResource is never
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

/** Manual snapshots of both kinds. An answer to a change is a value; only reading throws. */
export const rdsSnapshots = (rds: RDSClient): Snapshots => ({
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
      const answer = createAnswer(error);
      return answer.kind === 'quota-full' ? whichQuota(rds, kind, error, answer) : answer;
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

/** What "quota exceeded" was about. A text that says neither is settled by the account's own figures; without those, no more is asked for. */
const whichQuota = async (rds: RDSClient, kind: Kind, error: unknown, full: CreateAnswer): Promise<CreateAnswer> => {
  const meaning = quotaMeaning(error);
  const passes: CreateAnswer = { kind: 'wrong-state', detail: errorText(error) };
  if (meaning !== 'unclear') return meaning === 'manual-quota' ? full : passes;
  try {
    const quota = (await rdsQuotas(rds).read()).find((one) => one.kind === kind);
    return quota !== undefined && quota.used < quota.max ? passes : full;
  } catch {
    return full;
  }
};

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
