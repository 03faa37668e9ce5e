import {
  CreateDBInstanceReadReplicaCommand,
  type CreateDBInstanceReadReplicaCommandInput,
  type DBInstance,
  DescribeDBInstancesCommand,
  type Tag,
} from '@aws-sdk/client-rds';
import type { Building } from '../run/ports.ts';
import { rdsClient } from './rds-client.ts';

/** Replicas across regions (docs: API_CreateDBInstanceReadReplica): asked for in the target's region, of the source's ARN. */
export const rdsBuilding = (): Building => ({
  replica: async ({ target, source, like, securityGroupIds, tags }) => {
    const [there, here] = [rdsClient(source.region), rdsClient(target.region)];
    try {
      const [of, old] = await Promise.all([describe(there, source.instance), describe(here, like)]);
      if (of.DBInstanceArn === undefined) throw new Error(`RDS gives no ARN for ${source.instance}`);
      await here.send(
        new CreateDBInstanceReadReplicaCommand({
          ...likeThat(old),
          DBInstanceIdentifier: target.instance,
          SourceDBInstanceIdentifier: of.DBInstanceArn,
          VpcSecurityGroupIds: [...securityGroupIds],
          Tags: tagsLike(old, tags),
        }),
      );
    } finally {
      there.destroy();
      here.destroy();
    }
  },
});

const describe = async (client: ReturnType<typeof rdsClient>, instance: string): Promise<DBInstance> => {
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
  const [one] = DBInstances ?? [];
  if (one === undefined) throw new Error(`RDS knows no instance ${instance}`);
  return one;
};

/** RDS takes 50 (docs: USER_Tagging). */
const MOST_TAGS = 50;

/**
 * The old one's tags beside ours: whose it is, what it costs, and that it is to be snapshotted, for it is to lead one day. Of our own
 * marks only that last one: a mark of a lease, a drill or a throw-away is of that very instance. AWS's own cannot be given.
 */
const tagsLike = ({ TagList = [] }: DBInstance, ours: Readonly<Record<string, string>>): Tag[] => {
  const kept = TagList.filter(({ Key = '' }) => !/^(aws:|rds:|mainstay:(?!snapshots(:|$)))/.test(Key));
  const own = Object.entries(ours).map(([Key, Value]) => ({ Key, Value }));
  return [...own, ...kept.slice(0, MOST_TAGS - own.length)];
};

/** What the old primary was, in words of the request. Backups are enabled by the promotion: a replica is created without. */
const likeThat = (old: DBInstance): Omit<CreateDBInstanceReadReplicaCommandInput, 'DBInstanceIdentifier'> => ({
  DBInstanceClass: old.DBInstanceClass,
  DBSubnetGroupName: old.DBSubnetGroup?.DBSubnetGroupName,
  DBParameterGroupName: old.DBParameterGroups?.[0]?.DBParameterGroupName,
  MultiAZ: old.MultiAZ,
  PubliclyAccessible: old.PubliclyAccessible ?? false,
  Port: old.Endpoint?.Port,
  StorageType: old.StorageType,
  AllocatedStorage: old.AllocatedStorage,
  MaxAllocatedStorage: old.MaxAllocatedStorage,
  ...performance(old),
  // A key belongs to a region: the old primary's is of the right one, the source's is not.
  KmsKeyId: old.StorageEncrypted ? old.KmsKeyId : undefined,
  DeletionProtection: old.DeletionProtection,
  CopyTagsToSnapshot: old.CopyTagsToSnapshot,
  AutoMinorVersionUpgrade: old.AutoMinorVersionUpgrade,
  EnableIAMDatabaseAuthentication: old.IAMDatabaseAuthenticationEnabled,
  EnableCloudwatchLogsExports: old.EnabledCloudwatchLogsExports,
  MonitoringInterval: old.MonitoringInterval,
  MonitoringRoleArn: old.MonitoringRoleArn,
  ...(old.PerformanceInsightsEnabled && {
    EnablePerformanceInsights: true,
    PerformanceInsightsKMSKeyId: old.PerformanceInsightsKMSKeyId,
    PerformanceInsightsRetentionPeriod: old.PerformanceInsightsRetentionPeriod,
  }),
  CACertificateIdentifier: old.CACertificateIdentifier,
});

/**
 * gp3 below 400 GiB has a baseline that is described and must not be asked for (docs: CHAP_Storage, gp3); provisioned types
 * need what they were given.
 */
const performance = (old: DBInstance): { Iops?: number; StorageThroughput?: number } => {
  if (old.StorageType === 'gp3' && (old.AllocatedStorage ?? 0) < 400) return {};
  return {
    ...(old.Iops !== undefined && { Iops: old.Iops }),
    ...(old.StorageThroughput ? { StorageThroughput: old.StorageThroughput } : {}),
  };
};
