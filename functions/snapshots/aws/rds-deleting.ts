import { DeleteDBClusterSnapshotCommand, DeleteDBSnapshotCommand, type RDSClient } from '@aws-sdk/client-rds';
import type { Snapshots } from '../run/ports.ts';
import { deleteAnswer } from './answers.ts';

/** Deletes manual snapshots. An answer is a value. */
export const rdsSnapshotsToDelete = (rds: RDSClient): Pick<Snapshots, 'delete'> => ({
  delete: async (kind, name) => {
    try {
      await (kind === 'instance'
        ? rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: name }))
        : rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: name })));
      return { kind: 'deleted' };
    } catch (error) {
      return deleteAnswer(error);
    }
  },
});
