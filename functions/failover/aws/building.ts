import {
  CreateDBInstanceReadReplicaCommand,
  type CreateDBInstanceReadReplicaCommandInput,
  type DBInstance,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { Building } from '../run/ports.ts';
import { rdsClient } from './rds-client.ts';
import { tagsLike, watchedLike } from './twin.ts';

/** Replicas across regions (docs: API_CreateDBInstanceReadReplica): asked for in the target's region, of the source's ARN. */
export const rdsBuilding = (): Building => ({
  replica: async ({ target, source, like, securityGroupIds, tags }) => {
    const [there, here] = [rdsClient(source.region), rdsClient(target.region)];
    try {
      const [of, old] = await Promise.all([mustBeInstance(there, source.instance), mustBeInstance(here, like)]);
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

/** A DB instance as RDS describes it. Throws where there is none. */
export const mustBeInstance = async (client: RDSClient, instance: string): Promise<DBInstance> => {
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
  const [one] = DBInstances ?? [];
  if (one === undefined) throw new Error(`RDS knows no instance ${instance}`);
  return one;
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
  EnableIAMDatabaseAuthentication: old.IAMDatabaseAuthenticationEnabled,
  EnableCloudwatchLogsExports: old.EnabledCloudwatchLogsExports,
  ...watchedLike(old),
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
