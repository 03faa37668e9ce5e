// Records as the API shows them (API reference: DBInstance, DBSnapshot, Event).
import { list, type XmlValue } from '../xml.ts';
import { portsOf } from './addresses.ts';
import type { Context } from './context.ts';
import { arnOf } from './names.ts';
import { nameOfSource } from './subscriptions.ts';
import type { Instance, InstanceRef, RdsEvent, Snapshot, Tag } from './types.ts';
import { upkeepXml } from './upkeep.ts';

/** A read replica or its source by name in its own region, by ARN elsewhere (API reference, DBInstance). */
const refXml = (ref: InstanceRef, from: InstanceRef, account: string): string =>
  ref.region === from.region ? ref.id : arnOf(ref.region, account, 'db', ref.id);

export const tagsXml = (tags: readonly Tag[]): XmlValue =>
  list(
    'Tag',
    tags.map((tag) => ({ Key: tag.key, Value: tag.value })),
  );

/** One DBInstance. There is no endpoint and no creation time while it is being created. */
export const instanceXml = ({ account, clock }: Pick<Context, 'account' | 'clock'>, instance: Instance): XmlValue => {
  const { settings, createdAt } = instance;
  const isMade = createdAt !== undefined;
  return {
    DBInstanceIdentifier: instance.id,
    DBInstanceClass: settings.instanceClass,
    Engine: settings.engine,
    DBInstanceStatus: instance.status,
    MasterUsername: settings.masterUsername,
    DBName: settings.databaseName,
    Endpoint: isMade
      ? { Address: instance.endpointName, Port: portsOf(settings.engine).client, HostedZoneId: 'ZLOCALRDS0000' }
      : undefined,
    AllocatedStorage: settings.allocatedStorageGib,
    InstanceCreateTime: isMade ? new Date(createdAt) : undefined,
    PreferredBackupWindow: settings.backupWindow,
    BackupRetentionPeriod: settings.backupRetentionDays,
    DBSecurityGroups: list('DBSecurityGroup', []),
    VpcSecurityGroups: list(
      'VpcSecurityGroupMembership',
      instance.securityGroups.map((group) => ({ VpcSecurityGroupId: group.id, Status: group.status })),
    ),
    DBParameterGroups: list('DBParameterGroup', [
      { DBParameterGroupName: settings.parameterGroup, ParameterApplyStatus: 'in-sync' },
    ]),
    AvailabilityZone: `${instance.region}a`,
    DBSubnetGroup: { DBSubnetGroupName: settings.subnetGroup, SubnetGroupStatus: 'Complete' },
    PreferredMaintenanceWindow: settings.maintenanceWindow,
    PendingModifiedValues: { BackupRetentionPeriod: instance.pendingBackupRetentionDays },
    MultiAZ: settings.multiAz,
    LatestRestorableTime: latestRestorable(instance, clock.now()),
    EngineVersion: settings.engineVersion,
    AutoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
    ReadReplicaSourceDBInstanceIdentifier: instance.source && refXml(instance.source, instance, account),
    ReadReplicaDBInstanceIdentifiers: list(
      'ReadReplicaDBInstanceIdentifier',
      instance.replicas.map((replica) => refXml(replica, instance, account)),
    ),
    OptionGroupMemberships: list('OptionGroupMembership', [
      { OptionGroupName: settings.optionGroup, Status: 'in-sync' },
    ]),
    PubliclyAccessible: settings.publiclyAccessible,
    StatusInfos: list('DBInstanceStatusInfo', statusInfos(instance)),
    StorageType: settings.storageType,
    DbInstancePort: 0,
    DBClusterIdentifier: instance.clusterId,
    StorageEncrypted: settings.encrypted,
    KmsKeyId: settings.kmsKeyId,
    DbiResourceId: instance.resourceId,
    CACertificateIdentifier: 'rds-ca-local',
    CopyTagsToSnapshot: settings.copyTagsToSnapshot,
    ...upkeepXml(settings),
    DBInstanceArn: instance.arn,
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    DeletionProtection: settings.deletionProtection,
    TagList: tagsXml(instance.tags),
  };
};

const fiveMinutesMs = 5 * 60_000;

/** With automated backups on, logs are kept every five minutes (User Guide, USER_PIT): about then is the latest moment. */
export const latestRestorable = (
  database: Pick<Instance, 'settings' | 'createdAt'>,
  nowMs: number,
): Date | undefined => {
  const { createdAt, settings } = database;
  if (createdAt === undefined || settings.backupRetentionDays === 0) return undefined;
  const latestMs = nowMs - fiveMinutesMs;
  return latestMs < createdAt ? undefined : new Date(latestMs - (latestMs % 1_000));
};

const statusInfos = ({ replication }: Instance): XmlValue[] =>
  replication === undefined
    ? []
    : [
        {
          StatusType: 'read replication',
          Normal: replication.state === 'replicating',
          Status: replication.state,
          Message: replication.message,
        },
      ];

/** One DBSnapshot. While it is being created it has progress and no SnapshotCreateTime. */
export const snapshotXml = (snapshot: Snapshot, nowMs: number): XmlValue => {
  const { settings, createdAt, originalCreatedAt } = snapshot;
  return {
    DBSnapshotIdentifier: snapshot.id,
    DBInstanceIdentifier: snapshot.databaseId,
    SnapshotCreateTime: createdAt === undefined ? undefined : new Date(createdAt),
    OriginalSnapshotCreateTime: originalCreatedAt === undefined ? undefined : new Date(originalCreatedAt),
    SnapshotDatabaseTime: originalCreatedAt === undefined ? undefined : new Date(originalCreatedAt),
    Engine: settings.engine,
    EngineVersion: settings.engineVersion,
    AllocatedStorage: settings.allocatedStorageGib,
    OptionGroupName: settings.optionGroup,
    Status: snapshot.status,
    Port: portsOf(settings.engine).client,
    AvailabilityZone: `${snapshot.region}a`,
    MasterUsername: settings.masterUsername,
    SnapshotType: snapshot.type,
    PercentProgress: progress(snapshot, nowMs),
    SourceRegion: snapshot.sourceRegion,
    SourceDBSnapshotIdentifier: snapshot.sourceSnapshotArn,
    StorageType: settings.storageType,
    Encrypted: settings.encrypted,
    KmsKeyId: settings.kmsKeyId,
    DBSnapshotArn: snapshot.arn,
    IAMDatabaseAuthenticationEnabled: settings.iamAuthentication,
    DbiResourceId: snapshot.resourceId,
    TagList: tagsXml(snapshot.tags),
  };
};

/** Percent: none while a copy waits its turn. */
export const progress = ({ status, startedAt, durationMs }: Snapshot, nowMs: number): number => {
  if (status === 'available') return 100;
  if (startedAt === undefined) return 0;
  return Math.max(0, Math.min(99, Math.floor((100 * (nowMs - startedAt)) / Math.max(durationMs, 1))));
};

export const eventXml = (event: RdsEvent): XmlValue => ({
  SourceIdentifier: event.source.id,
  SourceType: nameOfSource(event.source.type),
  Message: event.message,
  EventCategories: list('EventCategory', event.categories),
  Date: new Date(event.at),
  SourceArn: event.source.arn,
});
