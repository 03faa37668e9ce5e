import { AddTagsToResourceCommand, DescribeDBInstancesCommand, ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import type { Door } from '../run/ports.ts';
import { allOf, LEASED_TAG } from './instances.ts';
import { rdsClient } from './rds-client.ts';

/** The network fence. It works while the host is down, outlives its restart, and needs no EC2 call (docs: API_ModifyDBInstance). */
export const rdsDoor = (region: string): Door => {
  const client = rdsClient(region);
  return {
    setSecurityGroups: async (instance, securityGroupIds) => {
      await client.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: instance,
          VpcSecurityGroupIds: [...securityGroupIds],
          ApplyImmediately: true,
        }),
      );
    },
    leased: async () => (await allOf(client)).filter(({ isLeased }) => isLeased),
    markLeased: async (instance) => {
      const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
      await client.send(
        new AddTagsToResourceCommand({
          ResourceName: DBInstances?.[0]?.DBInstanceArn,
          Tags: [{ Key: LEASED_TAG, Value: 'kept' }],
        }),
      );
    },
  };
};
