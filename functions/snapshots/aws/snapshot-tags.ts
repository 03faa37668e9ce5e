import { AddTagsToResourceCommand, type RDSClient, RemoveTagsFromResourceCommand } from '@aws-sdk/client-rds';
import type { Tags } from '../core/inventory.ts';

/** Tags on a snapshot, by its ARN. Throws what RDS says. */
export interface SnapshotTags {
  put(arn: string, tags: Tags): Promise<void>;
  remove(arn: string, keys: readonly string[]): Promise<void>;
}

/** On RDS, in the snapshot's own region. */
export const rdsSnapshotTags = (rds: RDSClient): SnapshotTags => ({
  put: async (ResourceName, tags) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
  },
  remove: async (ResourceName, keys) => {
    if (keys.length > 0) await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: [...keys] }));
  },
});
