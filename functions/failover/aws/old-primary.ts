import { CreateDBSnapshotCommand, DescribeDBSnapshotsCommand, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import type { OldPrimary } from '../run/ports.ts';
import { rdsInstances } from './instances.ts';
import { rdsClient } from './rds-client.ts';

/** The old primary, asked and told in its own region. A region that is out of reach throws: it is told later. */
export const rdsOldPrimary = (): OldPrimary => ({
  describe: (region, instance) => rdsInstances(region).describe(instance),
  snapshot: async (region, of, name, tags) => {
    const client = rdsClient(region);
    try {
      await client.send(
        new CreateDBSnapshotCommand({
          DBInstanceIdentifier: of.instance,
          DBSnapshotIdentifier: name,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      );
    } catch (error) {
      // docs: API_CreateDBSnapshot, Errors. A name that is taken is ours only when it is of this very instance.
      if ((error as Error).name !== 'DBSnapshotAlreadyExistsFault') throw error;
      const { DBSnapshots } = await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name }));
      if (DBSnapshots?.[0]?.DbiResourceId !== of.resourceId) throw error;
    }
  },
  // Refused while the instance is the source of a replica (docs: USER_StopInstance): tried again.
  stop: async (region, instance) => {
    await rdsClient(region).send(new StopDBInstanceCommand({ DBInstanceIdentifier: instance }));
  },
});
