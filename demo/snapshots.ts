import {
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import type { Database } from '../functions/snapshots/core/inventory.ts';
import { snapshotName } from '../functions/snapshots/core/names.ts';
import { tagsFor } from '../functions/snapshots/core/tags.ts';
import { databaseAt } from './database.ts';
import { clientOf, type Finding, invoke, mainstay, type Stage, until } from './stage.ts';

const HOUR_MS = 3_600_000;
const HISTORY_HOURS = 48;
const THROWAWAY = 'demo-restored';

/** The schedule fires; a live PostgreSQL's data is in the snapshot; restored beside, its rows are counted. */
export const snapshots = async (stage: Stage): Promise<Finding[]> => {
  const region = stage.config.regions.primary;
  const rds = new RDSClient(clientOf(stage, region));
  const instance = stage.config.failover.pairs[0]?.primary.instance ?? '';
  const live = await databaseAt(stage, region, instance);
  await live.query('INSERT INTO ledger (number) SELECT -n FROM generate_series(1, 20000) AS n ON CONFLICT DO NOTHING');
  const before = await live.query<{ rows: string }>('SELECT count(*) AS rows FROM ledger WHERE number < 0');
  await live.close();

  plantHistory(stage, instance);
  const existing = (await own(rds)).length;
  const slotMs = Math.ceil(stage.aws.clock.now() / HOUR_MS) * HOUR_MS;
  stage.say(`snapshots: the clock moves to ${new Date(slotMs).toISOString()}, and the schedule fires`);
  await stage.aws.clock.advance(slotMs - stage.aws.clock.now() + 1);
  const made = await until(
    'the snapshot',
    60,
    () => own(rds),
    (all) => all.length === existing + 1 && all.every(({ Status }) => Status === 'available'),
  );
  await invoke(stage, 'primary', 'snapshots', {
    kind: 'schedule',
    scheduledTime: new Date(slotMs).toISOString().replace('.000Z', 'Z'),
  });
  const after = await own(rds);
  const slot = new Date(slotMs).toISOString().replace('.000Z', 'Z');
  const newest = made.find(({ TagList }) =>
    TagList?.some(({ Key, Value }) => Key === 'mainstay:slot' && Value === slot),
  );

  await rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: THROWAWAY,
      DBSnapshotIdentifier: newest?.DBSnapshotIdentifier ?? '',
    }),
  );
  const restored = async () =>
    (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: THROWAWAY }))).DBInstances?.[0];
  await until('the restored instance', 60, restored, (one) => one?.DBInstanceStatus === 'available');
  const copy = await databaseAt(stage, region, THROWAWAY);
  const counted = await copy.query<{ rows: string }>('SELECT count(*) AS rows FROM ledger WHERE number < 0');
  await copy.close();
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: THROWAWAY, SkipFinalSnapshot: true }));

  const plan = await mainstay(stage, 'snapshots', 'plan', '--at', new Date(slotMs + 60_000).toISOString());
  return [
    {
      wing: 'snapshots',
      did: `hourly schedule fired, and was delivered twice: ${newest?.DBSnapshotIdentifier}`,
      check: `${after.length - existing} new snapshot; restored beside: ${counted[0]?.rows} rows of ${before[0]?.rows}`,
      ok: after.length === existing + 1 && counted[0]?.rows === before[0]?.rows,
    },
    {
      wing: 'snapshots',
      did: `retention planned: keep ${plan.keep.length}, remove ${plan.remove.length}; expiry is ${plan.expiry}`,
      check: `${after.length} snapshots before, ${(await own(rds)).length} after: nothing is deleted until armed`,
      ok: plan.remove.length > 0 && (await own(rds)).length === after.length,
    },
  ];
};

/** Two days of hourly snapshots, as earlier runs would have left them. */
const plantHistory = ({ aws, config }: Stage, instanceId: string): void => {
  const region = config.regions.primary;
  const { resourceId } = aws.rds.admin.instance(region, instanceId);
  const database = {
    kind: 'instance',
    id: instanceId,
    resourceId,
    arn: `arn:aws:rds:${region}:${aws.account}:db:${instanceId}`,
    tags: {},
  } as Database;
  const newestSlotMs = Math.floor(aws.clock.now() / HOUR_MS) * HOUR_MS;
  for (let age = 0; age < HISTORY_HOURS; age += 1) {
    const slotMs = newestSlotMs - age * HOUR_MS;
    const id = snapshotName(config.snapshots.prefix, instanceId, resourceId, slotMs);
    const tags = Object.entries(tagsFor(database, id, slotMs, `mainstay-${config.stage}`)).map(([key, value]) => ({
      key,
      value,
    }));
    aws.rds.admin.plantSnapshot(region, { id, instanceId, resourceId, createdAt: slotMs + 60_000, tags });
  }
};

const own = async (rds: RDSClient) =>
  (
    (await rds.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual', MaxRecords: 100 }))).DBSnapshots ?? []
  ).sort((a, b) => (a.SnapshotCreateTime?.getTime() ?? 0) - (b.SnapshotCreateTime?.getTime() ?? 0));
