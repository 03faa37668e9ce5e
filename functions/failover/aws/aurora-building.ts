import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { Building } from '../run/ports.ts';
import { mustBeCluster } from './aurora-clusters.ts';
import { rdsClient } from './rds-client.ts';

/** A replica cluster that follows a new leader, with one DB instance. A global database builds nothing. */
export const auroraBuilding = (): Building => ({
  replica: async ({ target, source, like, securityGroupIds, tags }) => {
    const [there, here] = [rdsClient(source.region), rdsClient(target.region)];
    try {
      const [of, old] = await Promise.all([mustBeCluster(there, source.instance), mustBeCluster(here, like)]);
      const own = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await unlessThere('DBClusterAlreadyExistsFault', () =>
        here.send(
          new CreateDBClusterCommand({
            DBClusterIdentifier: target.instance,
            ReplicationSourceIdentifier: of.DBClusterArn,
            Engine: of.Engine,
            DBSubnetGroupName: old.DBSubnetGroup,
            DBClusterParameterGroupName: old.DBClusterParameterGroup,
            VpcSecurityGroupIds: [...securityGroupIds],
            // A key belongs to a region: the old primary's is of the right one.
            KmsKeyId: old.StorageEncrypted ? old.KmsKeyId : undefined,
            DeletionProtection: old.DeletionProtection,
            CopyTagsToSnapshot: old.CopyTagsToSnapshot,
            EnableIAMDatabaseAuthentication: old.IAMDatabaseAuthenticationEnabled,
            Tags: own,
          }),
        ),
      );
      // Without an instance it is headless, and can neither be asked nor lead.
      await unlessThere('DBInstanceAlreadyExistsFault', async () =>
        here.send(
          new CreateDBInstanceCommand({
            DBInstanceIdentifier: `${target.instance}-1`,
            DBClusterIdentifier: target.instance,
            Engine: of.Engine,
            DBInstanceClass: await classOf(here, old),
            Tags: own,
          }),
        ),
      );
    } finally {
      there.destroy();
      here.destroy();
    }
  },
});

/** Half of an earlier order may have been carried out. */
const unlessThere = async (name: string, order: () => Promise<unknown>): Promise<void> => {
  try {
    await order();
  } catch (error) {
    if ((error as Error).name !== name) throw error;
  }
};

const classOf = async (client: RDSClient, { DBClusterMembers = [] }: DBCluster): Promise<string | undefined> => {
  const like = DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter) ?? DBClusterMembers[0];
  if (like?.DBInstanceIdentifier === undefined) throw new Error('the old primary has no DB instance to build like');
  const { DBInstances } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: like.DBInstanceIdentifier }),
  );
  return DBInstances?.[0]?.DBInstanceClass;
};
