import {
  type DBInstance,
  DescribeDBInstancesCommand,
  paginateDescribeDBInstances,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { InstanceView } from '../core/evidence.ts';
import { PAIR_TAG } from '../core/policy.ts';
import type { InstanceShape } from '../core/readiness.ts';
import type { Databases, Instances, Shapes } from '../run/ports.ts';
import { rdsClient } from './rds-client.ts';

/** On an instance whose guard has once renewed its lease. */
export const LEASED_TAG = 'mainstay:lease';

/** What the RDS API says of the instances of one region. */
export const rdsInstances = (region: string): Instances & Shapes & { all(): Promise<InstanceView[]> } => {
  const client = rdsClient(region);
  const find = async (instance: string): Promise<DBInstance | undefined> => {
    try {
      return (await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }))).DBInstances?.[0];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    all: () => allOf(client),
    describe: async (instance) => {
      const found = await find(instance);
      return found && viewOf(found);
    },
    shape: async (instance) => {
      const found = await find(instance);
      return found && shapeOf(found);
    },
  };
};

/** Every DB instance of the client's region. */
export const allOf = async (client: RDSClient): Promise<InstanceView[]> => {
  const found: InstanceView[] = [];
  for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, {}))
    found.push(...DBInstances.map(viewOf));
  return found;
};

/** What the RDS API says of the instances of any region: one client for each. */
export const rdsDatabases = (): Databases => {
  const regions = new Map<string, Instances>();
  return {
    describe: (region, instance) => {
      const there = regions.get(region) ?? rdsInstances(region);
      regions.set(region, there);
      return there.describe(instance);
    },
  };
};

/** RDS's description with what a twin should equal. */
export const shapeOf = (one: DBInstance): InstanceShape => {
  const [group] = one.DBParameterGroups ?? [];
  return {
    ...viewOf(one),
    arn: one.DBInstanceArn ?? '',
    pairTag: one.TagList?.find(({ Key }) => Key === PAIR_TAG)?.Value,
    instanceClass: one.DBInstanceClass ?? 'unknown',
    storageGb: one.AllocatedStorage ?? 0,
    parameterGroup: group && {
      name: group.DBParameterGroupName ?? '',
      inSync: group.ParameterApplyStatus === 'in-sync',
    },
    isMultiAz: one.MultiAZ ?? false,
    isProtected: one.DeletionProtection ?? false,
    kmsKey: one.StorageEncrypted ? one.KmsKeyId : undefined,
  };
};

/** RDS's description in our words. */
export const viewOf = (one: DBInstance): InstanceView => ({
  instance: one.DBInstanceIdentifier ?? '',
  resourceId: one.DbiResourceId ?? '',
  status: one.DBInstanceStatus ?? 'unknown',
  endpoint: one.Endpoint?.Address ? { host: one.Endpoint.Address, port: one.Endpoint.Port ?? 5432 } : undefined,
  engineVersion: one.EngineVersion ?? '',
  source: one.ReadReplicaSourceDBInstanceIdentifier || undefined,
  securityGroups: (one.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId, Status }) => ({
    id: VpcSecurityGroupId ?? '',
    active: Status === 'active',
  })),
  backupRetentionDays: one.BackupRetentionPeriod ?? 0,
  backupWindow: one.PreferredBackupWindow,
  ...(one.TagList?.some(({ Key }) => Key === LEASED_TAG) && { isLeased: true as const }),
});
