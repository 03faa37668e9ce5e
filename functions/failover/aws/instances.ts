import {
  type DBInstance,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { isNotFound } from '../../../shared/aws/errors.ts';
import type { InstanceView } from '../core/evidence.ts';
import type { Instances } from '../run/ports.ts';

/** DB instances of one region by the RDS API, with short timeouts: a slow answer is no answer. */
export const rdsInstances = (region: string): Instances => {
  const client = new RDSClient(
    clientConfig(region, { requestTimeoutMs: 4_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );
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
    promote: async (instance, { retentionDays }) => {
      await client.send(
        new PromoteReadReplicaCommand({ DBInstanceIdentifier: instance, BackupRetentionPeriod: retentionDays }),
      );
    },
    // Works while the host is down, outlives its restart, and needs no EC2 call (docs: API_ModifyDBInstance).
    setSecurityGroups: async (instance, securityGroupIds) => {
      await client.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: instance,
          VpcSecurityGroupIds: [...securityGroupIds],
          ApplyImmediately: true,
        }),
      );
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
