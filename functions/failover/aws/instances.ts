import { type DBInstance, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { InstanceView } from '../core/evidence.ts';
import type { Instances } from '../run/ports.ts';
import { rdsClient } from './rds-client.ts';

/** What the RDS API says of the instances of one region. */
export const rdsInstances = (region: string): Instances => {
  const client = rdsClient(region);
  return {
    describe: async (instance) => {
      try {
        const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
        const [found] = DBInstances ?? [];
        return found && viewOf(found);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
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
});
