import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { Building } from '../run/ports.ts';
import { mustBeCluster } from './aurora-clusters.ts';
import { mustBeInstance } from './building.ts';
import { rdsClient } from './rds-client.ts';
import { tagsLike, watchedLike } from './twin.ts';

/** A replica cluster that follows a new leader, with one DB instance. A global database builds nothing. */
export const auroraBuilding = (): Building => ({
  replica: async ({ target, source, like, securityGroupIds, tags }) => {
    const [there, here] = [rdsClient(source.region), rdsClient(target.region)];
    try {
      const [of, old] = await Promise.all([mustBeCluster(there, source.instance), mustBeCluster(here, like)]);
      await unlessThere('DBClusterAlreadyExistsFault', () =>
        here.send(
          new CreateDBClusterCommand({
            DBClusterIdentifier: target.instance,
            ReplicationSourceIdentifier: of.DBClusterArn,
            Engine: of.Engine,
            Port: old.Port,
            DBSubnetGroupName: old.DBSubnetGroup,
            DBClusterParameterGroupName: old.DBClusterParameterGroup,
            VpcSecurityGroupIds: [...securityGroupIds],
            // A key belongs to a region: the old primary's is of the right one.
            KmsKeyId: old.StorageEncrypted ? old.KmsKeyId : undefined,
            DeletionProtection: old.DeletionProtection,
            CopyTagsToSnapshot: old.CopyTagsToSnapshot,
            EnableIAMDatabaseAuthentication: old.IAMDatabaseAuthenticationEnabled,
            EnableCloudwatchLogsExports: old.EnabledCloudwatchLogsExports,
            Tags: tagsLike(old, tags),
          }),
        ),
      );
      // Without an instance it is headless, and can neither be asked nor lead.
      const member = await writerOf(here, old);
      await unlessThere('DBInstanceAlreadyExistsFault', () =>
        here.send(
          new CreateDBInstanceCommand({
            DBInstanceIdentifier: `${target.instance}-1`,
            DBClusterIdentifier: target.instance,
            Engine: of.Engine,
            DBInstanceClass: member.DBInstanceClass,
            DBParameterGroupName: member.DBParameterGroups?.[0]?.DBParameterGroupName,
            PubliclyAccessible: member.PubliclyAccessible ?? false,
            ...watchedLike(member),
            Tags: tagsLike(member, tags),
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

const writerOf = async (client: RDSClient, { DBClusterMembers = [] }: DBCluster): Promise<DBInstance> => {
  const like = DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter) ?? DBClusterMembers[0];
  if (like?.DBInstanceIdentifier === undefined) throw new Error('the old primary has no DB instance to build like');
  return mustBeInstance(client, like.DBInstanceIdentifier);
};
