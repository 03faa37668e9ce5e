import type { RDSClient } from '@aws-sdk/client-rds';
import type { Snapshots } from '../run/ports.ts';
import { rdsSnapshotsToCreate } from './rds-creating.ts';
import { rdsSnapshotsToDelete } from './rds-deleting.ts';
import { rdsSnapshotsToRead } from './rds-reading.ts';

/**
 * Manual snapshots of both kinds. An answer to a change is a value; only reading throws. Each part is a file of its own, for a
 * function's bundle holds the calls that its role allows, and no others.
 */
export const rdsSnapshots = (rds: RDSClient): Snapshots => ({
  ...rdsSnapshotsToRead(rds),
  ...rdsSnapshotsToCreate(rds),
  ...rdsSnapshotsToDelete(rds),
});
