import {
  AddTagsToResourceCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBInstancesCommand,
  ModifyDBClusterCommand,
  paginateDescribeDBClusters,
  paginateDescribeEvents,
  type RDSClient,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { clusterView } from '../core/aurora.ts';
import type { InstanceView } from '../core/evidence.ts';
import type { Building, Door, OldPrimary, StorageEvents } from '../run/ports.ts';
import { type AuroraKind, auroraDatabases, clusterSeen, findCluster } from './aurora-clusters.ts';
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
    leased: async () => {
      const found: InstanceView[] = [];
      for await (const { DBClusters = [] } of paginateDescribeDBClusters({ client }, {})) {
        for (const { DBClusterIdentifier = '', TagList = [] } of DBClusters) {
          if (!TagList.some(({ Key }) => Key === LEASED_TAG)) continue;
          const seen = await clusterSeen(client, DBClusterIdentifier);
          if (seen !== undefined) found.push(clusterView(kind, seen));
        }
      }
      return found;
    },
    markLeased: async (cluster) => {
      const { DBClusterArn } = await mustBe(client, cluster);
      await client.send(
        new AddTagsToResourceCommand({ ResourceName: DBClusterArn, Tags: [{ Key: LEASED_TAG, Value: 'kept' }] }),
      );
    },
  };
};

const mustBe = async (client: RDSClient, cluster: string): Promise<DBCluster> => {
  const found = await findCluster(client, cluster);
  if (found === undefined) throw new Error(`RDS knows no cluster ${cluster}`);
  return found;
};

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

/** A replica cluster that follows a new leader, with one DB instance. A global database builds nothing. */
export const auroraBuilding = (): Building => ({
  replica: async ({ target, source, like, securityGroupIds, tags }) => {
    const [there, here] = [rdsClient(source.region), rdsClient(target.region)];
    try {
      const [of, old] = await Promise.all([mustBe(there, source.instance), mustBe(here, like)]);
      const own = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await unlessThere('DBClusterAlreadyExistsFault', () =>
        here.send(
          new CreateDBClusterCommand({
            DBClusterIdentifier: target.instance,
            ReplicationSourceIdentifier: of.DBClusterArn,
            Engine: of.Engine,
            DBSubnetGroupName: old.DBSubnetGroup,
            DBClusterParameterGroupName: old.DBClusterParameterGroup,
            VpcSecurityGroupIds: [...securityGroupIds],
            // A key belongs to a region: the old primary's is of the right one.
            KmsKeyId: old.StorageEncrypted ? old.KmsKeyId : undefined,
            DeletionProtection: old.DeletionProtection,
            CopyTagsToSnapshot: old.CopyTagsToSnapshot,
            EnableIAMDatabaseAuthentication: old.IAMDatabaseAuthenticationEnabled,
            Tags: own,
          }),
        ),
      );
      // Without an instance it is headless, and can neither be asked nor lead.
      await unlessThere('DBInstanceAlreadyExistsFault', async () =>
        here.send(
          new CreateDBInstanceCommand({
            DBInstanceIdentifier: `${target.instance}-1`,
            DBClusterIdentifier: target.instance,
            Engine: of.Engine,
            DBInstanceClass: await classOf(here, old),
            Tags: own,
          }),
        ),
      );
    } finally {
      there.destroy();
      here.destroy();
    }
  },
});

/** Half of an earlier order may have been carried out. */
const unlessThere = async (name: string, order: () => Promise<unknown>): Promise<void> => {
  try {
    await order();
  } catch (error) {
    if ((error as Error).name !== name) throw error;
  }
};

const classOf = async (client: RDSClient, { DBClusterMembers = [] }: DBCluster): Promise<string | undefined> => {
  const like = DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter) ?? DBClusterMembers[0];
  if (like?.DBInstanceIdentifier === undefined) throw new Error('the old primary has no DB instance to build like');
  const { DBInstances } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: like.DBInstanceIdentifier }),
  );
  return DBInstances?.[0]?.DBInstanceClass;
};

// docs: USER_Events.Messages (Aurora), RDS-EVENT-0390 and 0391. DescribeEvents has no ids: the message is read.
const BLOCK = /^Attempt to block writes for DB cluster (\S+) in Region (\S+?) (succeeded|timed out)\.?$/;

/** What Aurora said of its attempt at the old primary's storage: an event of a DB instance, in either region. */
export const auroraStorage = (): StorageEvents => ({
  block: async (region, of, sinceMs) => {
    const client = rdsClient(region);
    const asked = { SourceType: 'db-instance' as const, StartTime: new Date(sinceMs) };
    let said: 'blocked' | 'timed-out' | 'not-told' = 'not-told';
    for await (const { Events = [] } of paginateDescribeEvents({ client }, asked)) {
      for (const { Message = '' } of Events) {
        const [, cluster, where, how] = BLOCK.exec(Message) ?? [];
        if (cluster === of.instance && where === of.region) said = how === 'succeeded' ? 'blocked' : 'timed-out';
      }
    }
    return said;
  },
});
