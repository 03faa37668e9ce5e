// What the two kinds of databases and of their snapshots are called on the wire (API reference: the errors of each action).
import { RdsRefusal } from './refusal.ts';
import type { Kind } from './types.ts';

type Words = {
  /** In ARNs. */
  readonly arn: 'db' | 'cluster';
  readonly snapshotArn: 'snapshot' | 'cluster-snapshot';
  readonly databaseParameter: string;
  readonly snapshotParameter: string;
  readonly sourceParameter: string;
  readonly targetParameter: string;
  readonly resourcePrefix: string;
  readonly longestSnapshot: number;
  readonly quotaName: 'manualSnapshots' | 'manualClusterSnapshots';
  notFound(id: string): RdsRefusal;
  invalidState(message: string): RdsRefusal;
  snapshotNotFound(id: string): RdsRefusal;
  snapshotExists(id: string): RdsRefusal;
  invalidSnapshotState(message: string): RdsRefusal;
};

const taken = (id: string): string =>
  `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`;

export const words: Readonly<Record<Kind, Words>> = {
  instance: {
    arn: 'db',
    snapshotArn: 'snapshot',
    databaseParameter: 'DBInstanceIdentifier',
    snapshotParameter: 'DBSnapshotIdentifier',
    sourceParameter: 'SourceDBSnapshotIdentifier',
    targetParameter: 'TargetDBSnapshotIdentifier',
    resourcePrefix: 'db-',
    longestSnapshot: 255,
    quotaName: 'manualSnapshots',
    notFound: (id) => new RdsRefusal('DBInstanceNotFound', `DBInstance ${id} not found.`, 404),
    invalidState: (message) => new RdsRefusal('InvalidDBInstanceState', message),
    snapshotNotFound: (id) => new RdsRefusal('DBSnapshotNotFound', `DBSnapshot not found: ${id}`, 404),
    snapshotExists: (id) => new RdsRefusal('DBSnapshotAlreadyExists', taken(id)),
    invalidSnapshotState: (message) => new RdsRefusal('InvalidDBSnapshotState', message),
  },
  cluster: {
    arn: 'cluster',
    snapshotArn: 'cluster-snapshot',
    databaseParameter: 'DBClusterIdentifier',
    snapshotParameter: 'DBClusterSnapshotIdentifier',
    sourceParameter: 'SourceDBClusterSnapshotIdentifier',
    targetParameter: 'TargetDBClusterSnapshotIdentifier',
    resourcePrefix: 'cluster-',
    // API reference, CreateDBClusterSnapshot: 1 to 63.
    longestSnapshot: 63,
    quotaName: 'manualClusterSnapshots',
    notFound: (id) => new RdsRefusal('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404),
    invalidState: (message) => new RdsRefusal('InvalidDBClusterStateFault', message),
    snapshotNotFound: (id) =>
      new RdsRefusal('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot not found: ${id}`, 404),
    snapshotExists: (id) => new RdsRefusal('DBClusterSnapshotAlreadyExistsFault', taken(id)),
    invalidSnapshotState: (message) => new RdsRefusal('InvalidDBClusterSnapshotStateFault', message),
  },
};
