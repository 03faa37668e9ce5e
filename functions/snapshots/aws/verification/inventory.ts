import { AddTagsToResourceCommand, type RDSClient } from '@aws-sdk/client-rds';
import type { VerificationPorts } from '../../run/verification/ports.ts';
import { rdsDatabases, rdsSnapshotsToRead } from '../rds-reading.ts';
import { changeAnswer } from './answers.ts';

/** What verifications are chosen from, and where their result is written. */
export const verificationInventory = (
  rds: RDSClient,
): Pick<VerificationPorts, 'databases' | 'snapshots' | 'snapshotTags'> => ({
  databases: rdsDatabases(rds),
  snapshots: rdsSnapshotsToRead(rds),
  snapshotTags: {
    add: async (ResourceName, tags) => {
      try {
        const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
        return { kind: 'done' };
      } catch (error) {
        return changeAnswer(error);
      }
    },
  },
});
