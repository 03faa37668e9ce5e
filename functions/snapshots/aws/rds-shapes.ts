import type { DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot, Tag } from '@aws-sdk/client-rds';
import type { Database, Snapshot, Tags } from '../core/inventory.ts';

// What RDS's answers say, in our words: the fields that a plan is made from, and no others, for 200,000 snapshots are held at once.

const tagsOf = (list: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** What AWS said, and nothing for what it did not: a field that is missing is no evidence, and 0 or false is some. */
const present = <T extends object>(fields: { [K in keyof T]?: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  ) as unknown as Partial<T>;

// docs: API_DBCluster — for Aurora AllocatedStorage is always 1: its storage has no allocated size, so it says nothing.
const gibOf = (engine: string | undefined, gib: number | undefined): number | undefined =>
  engine?.startsWith('aurora') || !gib ? undefined : gib;

/** A DB instance. */
export const instanceOf = (one: DBInstance): Database => {
  const replicaOf = one.ReadReplicaSourceDBInstanceIdentifier ?? one.ReadReplicaSourceDBClusterIdentifier;
  return {
    kind: 'instance',
    id: one.DBInstanceIdentifier ?? '',
    resourceId: one.DbiResourceId ?? '',
    arn: one.DBInstanceArn ?? '',
    engine: one.Engine ?? '',
    status: one.DBInstanceStatus ?? '',
    tags: tagsOf(one.TagList),
    ...present<Database>({
      memberOf: one.DBClusterIdentifier,
      replicaOf,
      engineVersion: one.EngineVersion,
      allocatedGib: gibOf(one.Engine, one.AllocatedStorage),
      encrypted: one.StorageEncrypted,
      multiAz: one.MultiAZ,
      latestRestorableMs: one.LatestRestorableTime?.getTime(),
      backupRetentionDays: one.BackupRetentionPeriod,
    }),
  };
};

/** A DB cluster: Aurora or Multi-AZ. */
export const clusterOf = (one: DBCluster): Database => ({
  kind: 'cluster',
  id: one.DBClusterIdentifier ?? '',
  resourceId: one.DbClusterResourceId ?? '',
  arn: one.DBClusterArn ?? '',
  engine: one.Engine ?? '',
  status: one.Status ?? '',
  tags: tagsOf(one.TagList),
  ...present<Database>({
    replicaOf: one.ReplicationSourceIdentifier,
    engineVersion: one.EngineVersion,
    allocatedGib: gibOf(one.Engine, one.AllocatedStorage),
    encrypted: one.StorageEncrypted,
    latestRestorableMs: one.LatestRestorableTime?.getTime(),
    backupRetentionDays: one.BackupRetentionPeriod,
  }),
});

/** A DB snapshot. */
export const instanceSnapshotOf = (one: DBSnapshot): Snapshot => ({
  kind: 'instance',
  id: one.DBSnapshotIdentifier ?? '',
  databaseId: one.DBInstanceIdentifier ?? '',
  arn: one.DBSnapshotArn ?? '',
  type: one.SnapshotType ?? '',
  status: one.Status ?? '',
  tags: tagsOf(one.TagList),
  ...present<Snapshot>({
    resourceId: one.DbiResourceId,
    engine: one.Engine,
    createdMs: one.SnapshotCreateTime?.getTime(),
    encrypted: one.Encrypted,
    kmsKeyId: one.KmsKeyId,
    sourceArn: one.SourceDBSnapshotIdentifier,
    optionGroup: customOptionGroup(one.OptionGroupName),
    allocatedGib: gibOf(one.Engine, one.AllocatedStorage),
    percentProgress: one.PercentProgress,
  }),
  ...instanceDataMs(one),
});

// RDS's own option groups are named default:ENGINE-VERSION and are in every region (docs: USER_WorkingWithOptionGroups).
const customOptionGroup = (name: string | undefined): string | undefined =>
  name?.startsWith('default:') ? undefined : name;

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

/** A DB cluster snapshot. */
export const clusterSnapshotOf = (one: DBClusterSnapshot): Snapshot => ({
  kind: 'cluster',
  id: one.DBClusterSnapshotIdentifier ?? '',
  databaseId: one.DBClusterIdentifier ?? '',
  arn: one.DBClusterSnapshotArn ?? '',
  type: one.SnapshotType ?? '',
  status: one.Status ?? '',
  tags: tagsOf(one.TagList),
  ...present<Snapshot>({
    resourceId: one.DbClusterResourceId,
    engine: one.Engine,
    createdMs: one.SnapshotCreateTime?.getTime(),
    encrypted: one.StorageEncrypted,
    kmsKeyId: one.KmsKeyId,
    sourceArn: one.SourceDBClusterSnapshotArn,
    allocatedGib: gibOf(one.Engine, one.AllocatedStorage),
    percentProgress: one.PercentProgress,
  }),
  ...clusterDataMs(one),
});
