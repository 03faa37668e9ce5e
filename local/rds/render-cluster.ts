// Clusters and their snapshots as the API shows them (API reference: DBCluster, DBClusterSnapshot).
import { list, type XmlValue } from '../xml.ts';
import type { Place } from './global-clusters.ts';
import { latestRestorable, progress, tagsXml } from './render.ts';
import type { Cluster, Instance, Snapshot } from './types.ts';
import { exportsXml } from './upkeep.ts';

const port = (engine: string): number => (engine.includes('postgres') ? 5432 : 3306);

const alone: Place = { globalId: undefined, isFollower: false, sourceArn: undefined, replicaArns: [] };

/** A cluster's own endpoints: of the writer, and of the readers. Their names are kept through every change of roles. */
export const clusterHost = ({ id, region }: Pick<Cluster, 'id' | 'region'>, kind = 'cluster-'): string =>
  `${id}.${kind}c9example.${region}.rds.amazonaws.com`;

/** One DBCluster. The first member that is there writes; none of a cluster that follows another one. */
export const clusterXml = (
  cluster: Cluster,
  members: readonly Instance[],
  nowMs: number,
  place: Place = alone,
): XmlValue => {
  const { id, settings, createdAt } = cluster;
  return {
    DBClusterIdentifier: id,
    DBClusterArn: cluster.arn,
    DbClusterResourceId: cluster.resourceId,
    Status: cluster.status,
    Engine: settings.engine,
    EngineVersion: settings.engineVersion,
    EngineMode: 'provisioned',
    Endpoint: clusterHost(cluster),
    ReaderEndpoint: clusterHost(cluster, 'cluster-ro-'),
    Port: port(settings.engine),
    AllocatedStorage: cluster.isMultiAz ? settings.allocatedStorageGib : 1,
    DBClusterInstanceClass: cluster.isMultiAz ? settings.instanceClass : undefined,
    StorageType: cluster.isMultiAz ? settings.storageType : undefined,
    MultiAZ: cluster.isMultiAz || members.length > 1,
    MasterUsername: settings.masterUsername,
    DatabaseName: settings.databaseName,
    DBSubnetGroup: settings.subnetGroup,
    DBClusterParameterGroup: settings.parameterGroup,
    BackupRetentionPeriod: settings.backupRetentionDays,
    PreferredBackupWindow: settings.backupWindow,
    PreferredMaintenanceWindow: settings.maintenanceWindow,
    ClusterCreateTime: createdAt === undefined ? undefined : new Date(createdAt),
    EarliestRestorableTime: createdAt === undefined ? undefined : new Date(createdAt),
    LatestRestorableTime: latestRestorable(cluster, nowMs),
    DBClusterMembers: list(
      'DBClusterMember',
      members.map((member, index) => ({
        DBInstanceIdentifier: member.id,
        IsClusterWriter: index === 0 && !place.isFollower,
        DBClusterParameterGroupStatus: 'in-sync',
        PromotionTier: 1,
      })),
    ),
    VpcSecurityGroups: list(
      'VpcSecurityGroupMembership',
      cluster.securityGroups.map((group) => ({ VpcSecurityGroupId: group, Status: 'active' })),
    ),
    StorageEncrypted: settings.encrypted,
    KmsKeyId: settings.kmsKeyId,
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    PubliclyAccessible: cluster.isMultiAz ? settings.publiclyAccessible : undefined,
    CopyTagsToSnapshot: settings.copyTagsToSnapshot,
    DeletionProtection: settings.deletionProtection,
    EnabledCloudwatchLogsExports: exportsXml(settings),
    ReplicationSourceIdentifier: place.sourceArn,
    ReadReplicaIdentifiers: list('ReadReplicaIdentifier', place.replicaArns),
    GlobalClusterIdentifier: place.globalId,
    TagList: tagsXml(cluster.tags),
  };
};

/** One DBClusterSnapshot: it has a creation time of its own only, whatever it was copied from. */
export const clusterSnapshotXml = (snapshot: Snapshot, nowMs: number): XmlValue => {
  const { settings, createdAt } = snapshot;
  return {
    DBClusterSnapshotIdentifier: snapshot.id,
    DBClusterIdentifier: snapshot.databaseId,
    DBClusterSnapshotArn: snapshot.arn,
    DbClusterResourceId: snapshot.resourceId,
    SnapshotCreateTime: createdAt === undefined ? undefined : new Date(createdAt),
    Engine: settings.engine,
    EngineVersion: settings.engineVersion,
    EngineMode: 'provisioned',
    AllocatedStorage: settings.allocatedStorageGib,
    Status: snapshot.status,
    Port: 0,
    MasterUsername: settings.masterUsername,
    SnapshotType: snapshot.type,
    PercentProgress: progress(snapshot, nowMs),
    StorageEncrypted: settings.encrypted,
    KmsKeyId: settings.kmsKeyId,
    SourceDBClusterSnapshotArn: snapshot.sourceSnapshotArn,
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    TagList: tagsXml(snapshot.tags),
  };
};
