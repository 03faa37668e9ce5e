import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Database } from '../functions/snapshots/core/inventory.ts';
import { snapshotName } from '../functions/snapshots/core/names.ts';
import { tagsFor } from '../functions/snapshots/core/tags.ts';
import { databaseAt } from './database.ts';
import { clientOf, type Finding, invoke, mainstay, type Stage, until } from './stage.ts';

const HOUR_MS = 3_600_000;
const HISTORY_HOURS = 48;
const RESTORED = 'demo-restored';

/** The schedule fires; a live PostgreSQL's data is in the snapshot: copied to the other region, proven by a throw-away, restored beside and counted. */
export const snapshots = async (stage: Stage): Promise<Finding[]> => {
  const { primary, recovery } = stage.config.regions;
  const rds = new RDSClient(clientOf(stage, primary));
  const instance = stage.config.failover.pairs[0]?.primary.instance ?? '';
  const live = await databaseAt(stage, primary, instance);
  await live.query('INSERT INTO ledger (number) SELECT -n FROM generate_series(1, 20000) AS n ON CONFLICT DO NOTHING');
  const before = await live.query<{ rows: string }>('SELECT count(*) AS rows FROM ledger WHERE number < 0');
  await live.close();

  plantHistory(stage, instance);
  const existing = (await manual(rds)).length;
  const slotMs = Math.ceil(stage.aws.clock.now() / HOUR_MS) * HOUR_MS;
  const slot = new Date(slotMs).toISOString().replace('.000Z', 'Z');
  stage.say(`snapshots: the clock moves to ${slot}, and the schedule fires`);
  await stage.aws.clock.advance(slotMs - stage.aws.clock.now() + 1);
  const made = await until(
    'the snapshot',
    60,
    () => manual(rds),
    (all) => all.length === existing + 1 && all.every(({ Status }) => Status === 'available'),
  );
  await invoke(stage, 'primary', 'snapshots', { kind: 'schedule', scheduledTime: slot });
  const after = await manual(rds);
  const newest = made.find(
    ({ TagList }) => TagList?.some(({ Key, Value }) => Key === 'mainstay:slot' && Value === slot) === true,
  );
  const snapshot = newest?.DBSnapshotIdentifier ?? '';

  stage.say(`snapshots: ${snapshot} is copied to ${recovery}`);
  await invoke(stage, 'recovery', 'copies', { kind: 'schedule', scheduledTime: slot });
  await invoke(stage, 'recovery', 'copies', { kind: 'schedule', scheduledTime: slot });
  const elsewhere = new RDSClient(clientOf(stage, recovery));
  const copies = await until(
    'the copy',
    90,
    () => manual(elsewhere),
    (all) =>
      all.some(({ DBSnapshotIdentifier, Status }) => DBSnapshotIdentifier === snapshot && Status === 'available'),
  );
  const copied = copies.filter(({ SourceDBSnapshotIdentifier: source }) => source?.endsWith(`:${snapshot}`));

  stage.say(`snapshots: ${snapshot} is restored to a throw-away database and checked`);
  const verified = await mainstay(stage, 'snapshots', 'verify', instance, '--wait', '--at', slot);
  const left = (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances?.filter(({ TagList }) =>
    TagList?.some(({ Key }) => Key === 'mainstay:throw-away'),
  );

  stage.say(`snapshots: ${snapshot} is restored beside, as an engineer would`);
  const restored = await mainstay(stage, 'snapshots', 'restore', snapshot, '--to', RESTORED, '--yes');
  const beside = await databaseAt(stage, primary, RESTORED);
  const counted = await beside.query<{ rows: string }>('SELECT count(*) AS rows FROM ledger WHERE number < 0');
  await beside.close();

  const plan = await mainstay(stage, 'snapshots', 'plan', '--at', new Date(slotMs + 60_000).toISOString());
  return [
    {
      wing: 'snapshots',
      did: `hourly schedule fired, and was delivered twice: ${snapshot}`,
      check: `${after.length - existing} new snapshot`,
      ok: after.length === existing + 1,
    },
    {
      wing: 'snapshots',
      did: `copied to ${recovery}, asked for twice`,
      check: `${copied.length} copy there, ${copied[0]?.Encrypted ? 'encrypted' : 'not encrypted'}`,
      ok: copied.length === 1 && copied[0]?.Encrypted === true,
    },
    {
      wing: 'snapshots',
      did: `restored to a throw-away database, its rows asked for over TLS: ${verified.ended?.result}`,
      check: `${left?.length} throw-away databases left`,
      ok: verified.ended?.result === 'ok' && left?.length === 0,
    },
    {
      wing: 'snapshots',
      did: `mainstay snapshots restore ${snapshot} --to ${RESTORED}: ${restored.kind}`,
      check: `${counted[0]?.rows} rows of ${before[0]?.rows}`,
      ok: restored.kind === 'done' && counted[0]?.rows === before[0]?.rows,
    },
    {
      wing: 'snapshots',
      did: `retention planned: keep ${plan.keep.length}, remove ${plan.remove.length}; expiry is ${plan.expiry}`,
      check: `${after.length} snapshots before, ${(await manual(rds)).length} after: nothing is deleted until armed`,
      ok: plan.remove.length > 0 && (await manual(rds)).length === after.length,
    },
  ];
};

/** Two days of hourly snapshots, as earlier runs would have left them; the newest was proven to restore, so that no schedule tries one without data. */
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
    const tags = Object.entries({
      ...tagsFor(database, id, slotMs, `mainstay-${config.stage}`),
      ...(age === 0 && {
        'mainstay:verified': 'ok',
        'mainstay:verified-at': new Date(slotMs).toISOString().replace('.000Z', 'Z'),
      }),
    }).map(([key, value]) => ({ key, value }));
    aws.rds.admin.plantSnapshot(region, { id, instanceId, resourceId, createdAt: slotMs + 60_000, tags });
  }
};

const manual = async (rds: RDSClient) =>
  (
    (await rds.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual', MaxRecords: 100 }))).DBSnapshots ?? []
  ).sort((a, b) => (a.SnapshotCreateTime?.getTime() ?? 0) - (b.SnapshotCreateTime?.getTime() ?? 0));
