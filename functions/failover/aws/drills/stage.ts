import {
  CreateDBInstanceReadReplicaCommand,
  CreateDBParameterGroupCommand,
  type DBInstance,
  DeleteDBInstanceCommand,
  DeleteDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { isNotFound } from '../../../../shared/aws/errors.ts';
import type { Drill, Part, Production } from '../../core/drills/drill.ts';
import { drillTags, mayTouch, type Sight } from '../../core/drills/throw-away.ts';
import type { Stage } from '../../run/drills/ports.ts';
import { rdsClient } from '../rds-client.ts';

/** The smallest period that lets an instance have a replica. */
const BACKUP_DAYS = 1;

/**
 * 8 TB: in 8 kB pages the most that RDS's own limits for PostgreSQL's parameter allow, and more than any host has. An engine that
 * cannot start is `incompatible-parameters`, out of which RDS does not bring it by itself (docs: CHAP_Troubleshooting, incompatible parameters).
 */
const MORE_THAN_ANY_HOST_HAS: Readonly<Record<string, [parameter: string, value: string]>> = {
  postgres: ['shared_buffers', '1073741823'],
  mysql: ['innodb_buffer_pool_size', '8796093022208'],
  mariadb: ['innodb_buffer_pool_size', '8796093022208'],
};

/** The parameter with which an engine does not start. Throws for an engine of which none is known. */
const noEngineStarts = ({ Engine = '' }: DBInstance) => {
  const [ParameterName, ParameterValue] = MORE_THAN_ANY_HOST_HAS[Engine] ?? [];
  if (ParameterName === undefined) throw new Error(`no parameter is known that keeps ${Engine} from starting`);
  return { ParameterName, ParameterValue, ApplyMethod: 'pending-reboot' } as const;
};

/** The throw-aways of a drill by the RDS API. The only file of the wing that deletes an instance. */
export const rdsStage = (): Stage => {
  const describe = async (region: string, instance: string): Promise<DBInstance | undefined> => {
    try {
      const found = await rdsClient(region).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
      return found.DBInstances?.[0];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const like = async ({ instance, region }: Production): Promise<DBInstance> => {
    const found = await describe(region, instance);
    if (found === undefined) throw new Error(`RDS knows no instance ${instance}`);
    return found;
  };
  /** A fresh look right before a change: what is not this drill's own is refused. */
  const own = async (drill: Drill, part: Part): Promise<DBInstance> => {
    const { region, instance } = drill[part];
    const found = await describe(region, instance);
    if (found === undefined) throw new Error(`RDS knows no instance ${instance}`);
    const removal = mayTouch(sightOf(found, region), drill, part);
    if (!removal.may) throw new Error(removal.sentence);
    return found;
  };

  return {
    find: async (region, instance) => {
      const found = await describe(region, instance);
      return found && sightOf(found, region);
    },
    findGroup: async (region, name) => {
      try {
        await rdsClient(region).send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName: name }));
        return { name };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    newestSnapshot: async ({ region, instance, resourceId }) => {
      let newest: { id: string; atMs: number } | undefined;
      let Marker: string | undefined;
      do {
        const page = await rdsClient(region).send(
          new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: instance, Marker }),
        );
        Marker = page.Marker;
        const { DBSnapshots = [] } = page;
        for (const { DBSnapshotIdentifier: id, DbiResourceId, Status, SnapshotCreateTime } of DBSnapshots) {
          // A snapshot of an earlier instance of this name is another database.
          if (id === undefined || Status !== 'available' || DbiResourceId !== resourceId) continue;
          const atMs = SnapshotCreateTime?.getTime() ?? 0;
          if (newest === undefined || atMs > newest.atMs) newest = { id, atMs };
        }
      } while (Marker !== undefined);
      return newest;
    },
    makeGroup: async (drill) => {
      const client = rdsClient(drill.group.region);
      const leader = await like(drill.production.leader);
      const { DBParameterGroups } = await client.send(
        new DescribeDBParameterGroupsCommand({
          DBParameterGroupName: leader.DBParameterGroups?.[0]?.DBParameterGroupName,
        }),
      );
      await client.send(
        new CreateDBParameterGroupCommand({
          DBParameterGroupName: drill.group.name,
          DBParameterGroupFamily: DBParameterGroups?.[0]?.DBParameterGroupFamily,
          Description: `Throw-away of a failover drill of ${drill.pair}`,
          Tags: tagsOf(drill),
        }),
      );
    },
    restore: async (drill) => {
      const leader = await like(drill.production.leader);
      await rdsClient(drill.leader.region).send(
        new RestoreDBInstanceFromDBSnapshotCommand({
          DBInstanceIdentifier: drill.leader.instance,
          DBSnapshotIdentifier: drill.snapshot?.id,
          ...placeOf(leader),
          BackupRetentionPeriod: BACKUP_DAYS,
          EnableIAMDatabaseAuthentication: leader.IAMDatabaseAuthenticationEnabled,
          Tags: tagsOf(drill),
        }),
      );
    },
    replicate: async (drill) => {
      const [candidate, source] = await Promise.all([like(drill.production.candidate), like(drill.leader)]);
      await rdsClient(drill.replica.region).send(
        new CreateDBInstanceReadReplicaCommand({
          DBInstanceIdentifier: drill.replica.instance,
          SourceDBInstanceIdentifier: source.DBInstanceArn,
          ...placeOf(candidate),
          ...(candidate.StorageEncrypted && { KmsKeyId: candidate.KmsKeyId }),
          EnableIAMDatabaseAuthentication: candidate.IAMDatabaseAuthenticationEnabled,
          Tags: tagsOf(drill),
        }),
      );
    },
    takeOut: async (drill, fencedSecurityGroupId) => {
      const leader = await own(drill, 'leader');
      const client = rdsClient(drill.leader.region);
      await client.send(
        new ModifyDBParameterGroupCommand({
          DBParameterGroupName: drill.group.name,
          Parameters: [noEngineStarts(leader)],
        }),
      );
      await client.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: drill.leader.instance,
          VpcSecurityGroupIds: [fencedSecurityGroupId],
          DBParameterGroupName: drill.group.name,
          ApplyImmediately: true,
        }),
      );
    },
    reboot: async (drill) => {
      await own(drill, 'leader');
      await rdsClient(drill.leader.region).send(
        new RebootDBInstanceCommand({ DBInstanceIdentifier: drill.leader.instance }),
      );
    },
    remove: async (drill, part) => {
      await own(drill, part);
      const { region, instance } = drill[part];
      await rdsClient(region).send(
        new DeleteDBInstanceCommand({
          DBInstanceIdentifier: instance,
          SkipFinalSnapshot: true,
          DeleteAutomatedBackups: true,
        }),
      );
    },
    removeGroup: async ({ group }) => {
      try {
        await rdsClient(group.region).send(new DeleteDBParameterGroupCommand({ DBParameterGroupName: group.name }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
};

/** Where and on what an instance runs, for another one like it: one zone, nobody from outside, deletable. */
const placeOf = (one: DBInstance) => ({
  DBInstanceClass: one.DBInstanceClass,
  DBSubnetGroupName: one.DBSubnetGroup?.DBSubnetGroupName,
  DBParameterGroupName: one.DBParameterGroups?.[0]?.DBParameterGroupName,
  VpcSecurityGroupIds: (one.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
  MultiAZ: false,
  PubliclyAccessible: false,
  DeletionProtection: false,
  CopyTagsToSnapshot: false,
});

const tagsOf = (drill: Drill) => Object.entries(drillTags(drill)).map(([Key, Value]) => ({ Key, Value }));

const sightOf = (one: DBInstance, region: string): Sight => ({
  instance: one.DBInstanceIdentifier ?? '',
  region,
  resourceId: one.DbiResourceId ?? '',
  status: one.DBInstanceStatus ?? 'unknown',
  tags: Object.fromEntries((one.TagList ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
  createdMs: one.InstanceCreateTime?.getTime(),
  source: one.ReadReplicaSourceDBInstanceIdentifier || undefined,
  endpoint: one.Endpoint?.Address ? { host: one.Endpoint.Address, port: one.Endpoint.Port ?? 5432 } : undefined,
  backupRetentionDays: one.BackupRetentionPeriod ?? 0,
  securityGroups: (one.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId, Status }) => ({
    id: VpcSecurityGroupId ?? '',
    active: Status === 'active',
  })),
  parameterGroup: one.DBParameterGroups?.[0]?.DBParameterGroupName,
});
