import {
  CreateDBInstanceCommand,
  type DBCluster,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import type { VerificationSettings } from '../../core/policy.ts';
import { throwAwayTags } from '../../core/verification/throw-away.ts';
import type { Claim, RestoreAnswer, ThrowAways } from '../../run/verification/ports.ts';
import { restoreAnswer } from './answers.ts';

// What is made here is a copy of somebody's production data: in the isolated subnets, behind the one security group, with our
// tags and no others, and as small as RDS makes it.

/** Makes throw-away databases out of snapshots. RDS itself refuses a name that is taken. */
export const makeThrowAways = (
  rds: RDSClient,
  settings: VerificationSettings,
  stack: string,
): Pick<ThrowAways, 'restore' | 'addMember'> => {
  const place = {
    DBSubnetGroupName: settings.subnetGroup,
    VpcSecurityGroupIds: [...settings.securityGroupIds],
  };
  const tagsOf = ({ record }: Claim) =>
    Object.entries(throwAwayTags(stack, record.name)).map(([Key, Value]) => ({ Key, Value }));
  const quiet = { CopyTagsToSnapshot: false, DeletionProtection: false } as const;

  const restoreInstance = async (claim: Claim): Promise<RestoreAnswer> => {
    const { record, entry } = claim;
    const { DBInstance } = await rds.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: entry.id,
        ...(record.source.kind === 'instance'
          ? { DBSnapshotIdentifier: record.snapshot.id }
          : { DBClusterSnapshotIdentifier: record.snapshot.id }),
        DBInstanceClass: settings.instanceClass,
        ...place,
        ...quiet,
        PubliclyAccessible: false,
        MultiAZ: false,
        AutoMinorVersionUpgrade: false,
        // docs: API_RestoreDBInstanceFromDBSnapshot — 0 takes no backups; RDS Custom cannot be without.
        ...(!record.source.engine.startsWith('custom-') && { BackupRetentionPeriod: 0 }),
        Tags: tagsOf(claim),
      }),
    );
    return { kind: 'made', resourceId: DBInstance?.DbiResourceId };
  };

  const restoreCluster = async (claim: Claim): Promise<RestoreAnswer> => {
    const { record, entry } = claim;
    // Without its own version RDS would take the newest: an upgrade is not what is to be proven.
    const { DBClusterSnapshots } = await rds.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: record.snapshot.id }),
    );
    const [snapshot] = DBClusterSnapshots ?? [];
    const source = await sourceCluster(rds, record.source.id);
    const { DBCluster } = await rds.send(
      new RestoreDBClusterFromSnapshotCommand({
        DBClusterIdentifier: entry.id,
        SnapshotIdentifier: record.snapshot.id,
        Engine: snapshot?.Engine ?? record.source.engine,
        EngineVersion: snapshot?.EngineVersion,
        ...place,
        ...quiet,
        ...(source?.ServerlessV2ScalingConfiguration && {
          ServerlessV2ScalingConfiguration: source.ServerlessV2ScalingConfiguration,
        }),
        // docs: API_RestoreDBClusterFromSnapshot — 1 day is the least; they go with the cluster.
        BackupRetentionPeriod: 1,
        Tags: tagsOf(claim),
      }),
    );
    return { kind: 'made', resourceId: DBCluster?.DbClusterResourceId };
  };

  const addMember = async (claim: Claim): Promise<RestoreAnswer> => {
    const { record, entry } = claim;
    const DBInstanceClass = settings.instanceClass ?? (await classOfMembers(rds, record.source.id));
    if (DBInstanceClass === undefined)
      return {
        kind: 'refused',
        detail: `the class of ${record.source.id}'s instances is not to be seen: set verification.instanceClass`,
      };
    const { DBInstance } = await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: entry.id,
        DBClusterIdentifier: record.throwAways[0]?.id,
        Engine: record.source.engine,
        DBInstanceClass,
        DBSubnetGroupName: settings.subnetGroup,
        PubliclyAccessible: false,
        AutoMinorVersionUpgrade: false,
        Tags: tagsOf(claim),
      }),
    );
    return { kind: 'made', resourceId: DBInstance?.DbiResourceId };
  };

  const answered = async (call: Promise<RestoreAnswer>): Promise<RestoreAnswer> => {
    try {
      return await call;
    } catch (error) {
      return restoreAnswer(error);
    }
  };
  return {
    restore: (claim) => answered(claim.entry.kind === 'instance' ? restoreInstance(claim) : restoreCluster(claim)),
    addMember: (claim) => answered(addMember(claim)),
  };
};

const sourceCluster = async (rds: RDSClient, id: string): Promise<DBCluster | undefined> => {
  try {
    return (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }))).DBClusters?.[0];
  } catch {
    // It may be gone: its snapshot is what counts.
    return undefined;
  }
};

const classOfMembers = async (rds: RDSClient, cluster: string): Promise<string | undefined> => {
  const { DBInstances } = await rds.send(
    new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [cluster] }] }),
  );
  return DBInstances?.[0]?.DBInstanceClass;
};
