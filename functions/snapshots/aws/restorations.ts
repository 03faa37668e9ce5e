import {
  CopyDBSnapshotCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import { errorText, faultCode, isNotFound, isRefusal } from '../../../shared/aws/errors.ts';
import type { Tags } from '../core/inventory.ts';
import type { Placement } from '../core/restoration/plan.ts';
import type { RestoredDatabase } from '../core/restoration/steps.ts';
import type { MakeAnswer, NewDatabase, Restorations } from '../run/restoration/ports.ts';
import { rdsSnapshotsToRead } from './rds-reading.ts';
import { clusterOf, instanceOf } from './rds-shapes.ts';

/** Restorations on RDS, in one region. */
export const rdsRestorations = (rds: RDSClient): Restorations => {
  const instance = async (id: string): Promise<DBInstance | undefined> =>
    orGone(async () => (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances?.[0]);
  const cluster = async (id: string): Promise<DBCluster | undefined> =>
    orGone(async () => (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }))).DBClusters?.[0]);
  const writerOf = async ({ DBClusterMembers = [] }: DBCluster): Promise<DBInstance | undefined> => {
    const writer = DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter) ?? DBClusterMembers[0];
    return writer?.DBInstanceIdentifier === undefined ? undefined : instance(writer.DBInstanceIdentifier);
  };
  return {
    placement: async (kind, id) => {
      if (kind === 'instance') {
        const one = await instance(id);
        return one && instancePlacement(one);
      }
      const one = await cluster(id);
      return one && clusterPlacement(one, one.DBClusterInstanceClass ?? (await writerOf(one))?.DBInstanceClass);
    },
    find: async (kind, id) => {
      if (kind === 'instance') {
        const one = await instance(id);
        return one && restoredInstance(one);
      }
      const one = await cluster(id);
      return one && restoredCluster(one);
    },
    findSnapshot: rdsSnapshotsToRead(rds).find,
    copyEncrypted: ({ from, name, keyId, tags }) =>
      made(() =>
        rds.send(
          new CopyDBSnapshotCommand({
            SourceDBSnapshotIdentifier: from,
            TargetDBSnapshotIdentifier: name,
            KmsKeyId: keyId,
            Tags: listOf(tags),
          }),
        ),
      ),
    restore: (database) =>
      made(() => (database.form === 'instance' ? restoreInstance(rds, database) : restoreCluster(rds, database))),
    addMember: ({ name, cluster: DBClusterIdentifier, engine, instanceClass, tags }) =>
      made(() =>
        rds.send(
          new CreateDBInstanceCommand({
            DBInstanceIdentifier: name,
            DBClusterIdentifier,
            Engine: engine,
            DBInstanceClass: instanceClass,
            PubliclyAccessible: false,
            Tags: listOf(tags),
          }),
        ),
      ),
  };
};

/** Restorations in a region of the deployment. One attempt more or less does not matter: a second request finds the name taken. */
export const awsRestorations = (region: string): Restorations =>
  rdsRestorations(new RDSClient({ ...clientConfig(region, { maxAttempts: 5 }), retryMode: 'adaptive' }));

// docs: API_RestoreDBInstanceFromDBSnapshot — tags in the request take the place of the source's. Without PubliclyAccessible
// it depends on the subnets; a copy of production is never put on the internet by leaving that open.
const restoreInstance = (rds: RDSClient, database: NewDatabase) =>
  rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: database.name,
      DBSnapshotIdentifier: database.from,
      DBInstanceClass: database.instanceClass,
      DBSubnetGroupName: database.subnetGroup,
      VpcSecurityGroupIds: groupsOf(database),
      DBParameterGroupName: database.parameterGroup,
      PubliclyAccessible: false,
      Tags: listOf(database.tags),
    }),
  );

// docs: API_RestoreDBClusterFromSnapshot — Engine must be given, and without EngineVersion it becomes the region's default:
// the snapshot's own are asked for first. DBClusterInstanceClass is for Multi-AZ clusters only.
const restoreCluster = async (rds: RDSClient, database: NewDatabase) => {
  const { DBClusterSnapshots } = await rds.send(
    new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: database.from }),
  );
  const { Engine, EngineVersion } = DBClusterSnapshots?.[0] ?? {};
  return rds.send(
    new RestoreDBClusterFromSnapshotCommand({
      DBClusterIdentifier: database.name,
      SnapshotIdentifier: database.from,
      Engine,
      EngineVersion,
      KmsKeyId: database.keyId,
      DBSubnetGroupName: database.subnetGroup,
      VpcSecurityGroupIds: groupsOf(database),
      DBClusterParameterGroupName: database.parameterGroup,
      ...(database.form === 'multi-az-cluster' && {
        DBClusterInstanceClass: database.instanceClass,
        PubliclyAccessible: false,
      }),
      Tags: listOf(database.tags),
    }),
  );
};

const groupsOf = ({ securityGroupIds }: NewDatabase): string[] | undefined =>
  securityGroupIds === undefined || securityGroupIds.length === 0 ? undefined : [...securityGroupIds];

const listOf = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const orGone = async <T>(ask: () => Promise<T | undefined>): Promise<T | undefined> => {
  try {
    return await ask();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

const made = async (ask: () => Promise<unknown>): Promise<MakeAnswer> => {
  try {
    await ask();
    return { kind: 'asked' };
  } catch (error) {
    const detail = errorText(error);
    if (/AlreadyExists$/.test(faultCode(error))) return { kind: 'already-exists' };
    return isRefusal(error) ? { kind: 'refused', detail } : { kind: 'unknown', detail };
  }
};

// A default parameter group is every engine's own; only another one is worth taking along (docs: USER_RestoreFromSnapshot).
const chosenGroup = (name: string | undefined): Pick<Placement, 'parameterGroup'> =>
  name === undefined || /^default[.:]/.test(name) ? {} : { parameterGroup: name };

const securityGroups = (list: DBInstance['VpcSecurityGroups']): Pick<Placement, 'securityGroupIds'> => {
  const ids = (list ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []);
  return ids.length === 0 ? {} : { securityGroupIds: ids };
};

const instancePlacement = (one: DBInstance): Placement => ({
  ...(one.DBInstanceClass && { instanceClass: one.DBInstanceClass }),
  ...(one.DBSubnetGroup?.DBSubnetGroupName && { subnetGroup: one.DBSubnetGroup.DBSubnetGroupName }),
  ...securityGroups(one.VpcSecurityGroups),
  ...chosenGroup(one.DBParameterGroups?.[0]?.DBParameterGroupName),
  multiAz: one.MultiAZ === true,
});

const clusterPlacement = (one: DBCluster, instanceClass: string | undefined): Placement => ({
  ...(instanceClass && { instanceClass }),
  ...(one.DBSubnetGroup && { subnetGroup: one.DBSubnetGroup }),
  ...securityGroups(one.VpcSecurityGroups),
  ...chosenGroup(one.DBClusterParameterGroup),
  multiAz: one.MultiAZ === true,
});

const restoredInstance = (one: DBInstance): RestoredDatabase => ({
  ...instanceOf(one),
  ...endpointOf(one.Endpoint?.Address, one.Endpoint?.Port),
  ...percentOf(one.PercentProgress),
});

const restoredCluster = (one: DBCluster): RestoredDatabase => ({
  ...clusterOf(one),
  ...endpointOf(one.Endpoint, one.Port),
  ...percentOf(one.PercentProgress),
});

const endpointOf = (host: string | undefined, port: number | undefined): Pick<RestoredDatabase, 'endpoint'> =>
  host === undefined || port === undefined ? {} : { endpoint: { host, port } };

const percentOf = (text: string | undefined): Pick<RestoredDatabase, 'percentProgress'> => {
  const percent = Number.parseInt(text ?? '', 10);
  return Number.isNaN(percent) ? {} : { percentProgress: percent };
};
