// How a project of its own uses this world; the README shows this file, and a test runs it.
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { openVirtualClock } from '../virtual-clock.ts';
import { requestHandlerOf } from './in-process.ts';
import { openRdsRecords } from './records-world.ts';

const clock = openVirtualClock({ startMs: Date.UTC(2026, 7, 14, 10) });
const world = openRdsRecords({
  ...{ clock, account: '111122223333', regions: ['eu-west-1'], seed: 1, durations: { snapshotMs: 600_000 } },
  emit: (event) => events.push(event.detail.EventID),
});
const events: string[] = [];
const rds = new RDSClient({
  ...{ region: 'eu-west-1', endpoint: 'http://rds', requestHandler: requestHandlerOf(world.service) },
  credentials: { accessKeyId: '111122223333', secretAccessKey: 'any' },
});

const alpha = { DBInstanceIdentifier: 'alpha', DBInstanceClass: 'db.t4g.micro', Engine: 'postgres' };
await rds.send(new CreateDBInstanceCommand({ ...alpha, MasterUsername: 'master', MasterUserPassword: 'not-a-secret' }));
await clock.advance(60_000);
// Every tenth creation is done, but answered with a 500.
world.admin.faults(7, { actions: { CreateDBSnapshot: { errorAfter: 0.1 } } });
await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'alpha', DBSnapshotIdentifier: 'one' }));
await clock.advance(300_000);
const { DBSnapshots } = await rds.send(new DescribeDBSnapshotsCommand({}));

/** What this example saw: a snapshot that is half done. */
export const seen = { progress: DBSnapshots?.[0]?.PercentProgress, events };
