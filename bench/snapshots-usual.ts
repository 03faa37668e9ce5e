import {
  CreateDBSnapshotCommand,
  type DBInstance,
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';

// The usual approach, as a model of our own of what awslabs/rds-snapshot-tool asks of RDS in an hour (commit ff30fe8, sharing
// and copying left out): one function takes, one deletes; each reads all pages of its own, and asks for the tags of every
// database and of every manual snapshot, one by one.

const HOUR_MS = 3_600_000;

/** One hour: takes a snapshot of each tagged database, deletes its own that are older than `keepHours`. */
export const usualHour = async (
  rds: RDSClient,
  nowMs: number,
  keepHours: number,
): Promise<{ created: number; deleted: number }> => ({
  created: await take(rds, nowMs),
  deleted: await expire(rds, nowMs, keepHours),
});

const take = async (rds: RDSClient, nowMs: number): Promise<number> => {
  const instances: DBInstance[] = [];
  let Marker: string | undefined;
  do {
    const page = await rds.send(new DescribeDBInstancesCommand({ Marker }));
    instances.push(...(page.DBInstances ?? []));
    Marker = page.Marker;
  } while (Marker !== undefined);
  const chosen: DBInstance[] = [];
  for (const instance of instances) {
    const tags = await tagsOf(rds, instance.DBInstanceArn ?? '');
    if (tags.get('CopyDBSnapshot') === 'True') chosen.push(instance);
  }
  // Asked for, to see which are due; all are, in a steady hour.
  await everySnapshot(rds);
  const stamp = new Date(nowMs).toISOString().slice(0, 16).replace(/[T:]/g, '-');
  for (const { DBInstanceIdentifier = '' } of chosen) {
    await rds.send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier,
        DBSnapshotIdentifier: `${DBInstanceIdentifier}-${stamp}`,
        Tags: [{ Key: 'CreatedBy', Value: 'Snapshot Tool for RDS' }],
      }),
    );
  }
  return chosen.length;
};

const expire = async (rds: RDSClient, nowMs: number, keepHours: number): Promise<number> => {
  let deleted = 0;
  for (const snapshot of await everySnapshot(rds)) {
    if (snapshot.SnapshotType !== 'manual' || snapshot.Status !== 'available') continue;
    const tags = await tagsOf(rds, snapshot.DBSnapshotArn ?? '');
    if (tags.get('CreatedBy') !== 'Snapshot Tool for RDS') continue;
    if (nowMs - (snapshot.SnapshotCreateTime?.getTime() ?? nowMs) <= keepHours * HOUR_MS) continue;
    await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: snapshot.DBSnapshotIdentifier }));
    deleted += 1;
  }
  return deleted;
};

const everySnapshot = async (rds: RDSClient): Promise<DBSnapshot[]> => {
  const snapshots: DBSnapshot[] = [];
  let Marker: string | undefined;
  do {
    const page = await rds.send(new DescribeDBSnapshotsCommand({ Marker }));
    snapshots.push(...(page.DBSnapshots ?? []));
    Marker = page.Marker;
  } while (Marker !== undefined);
  return snapshots;
};

const tagsOf = async (rds: RDSClient, ResourceName: string): Promise<Map<string, string>> => {
  const { TagList } = await rds.send(new ListTagsForResourceCommand({ ResourceName }));
  return new Map((TagList ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
};
