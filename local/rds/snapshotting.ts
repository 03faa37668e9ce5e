// What takes time in a snapshot's life: it is filled from a database or from another snapshot.
import type { Context } from './context.ts';
import { type Announcement, snapshotEventsOf } from './event-catalogue.ts';
import { parseArn } from './names.ts';
import type { Database, Snapshot, SnapshotFiles } from './types.ts';

/** Copies the database's data into the snapshot; the database is `backing-up` meanwhile, as on AWS. */
export const takeSnapshot = (context: Context, database: Database, snapshot: Snapshot): void => {
  database.status = 'backing-up';
  const isDone = (): void => {
    if (database.status === 'backing-up') database.status = 'available';
  };
  context.begin(async () => {
    await fillFrom(context, database, snapshot);
    isDone();
  }, isDone);
};

/** Fills a snapshot from its database, which stays as it is. */
export const fillFrom = async (context: Context, database: Database, snapshot: Snapshot): Promise<void> => {
  const { announce, clock, provision } = context;
  const events = snapshotEventsOf(snapshot.kind);
  const isManual = snapshot.type === 'manual';
  announce.snapshot(snapshot, isManual ? events.creating : events.automatedCreating);
  const host = database.kind === 'instance' ? database.host : undefined;
  const isFilled = await fill(context, snapshot, 'snapshot', () =>
    host === undefined
      ? undefined
      : provision.snapshot(database as Database & { kind: 'instance' }, folderOf(snapshot)),
  );
  if (!isFilled) return;
  snapshot.createdAt = clock.now();
  snapshot.originalCreatedAt = snapshot.createdAt;
  snapshot.status = 'available';
  announce.snapshot(snapshot, isManual ? events.created : events.automatedCreated);
};

/**
 * Copies of one database's snapshots run one after the other, the others wait without progress (User Guide,
 * USER_CopySnapshot). A copy whose source is deleted meanwhile fails (same page, Limitations).
 */
export const fillCopy = (context: Context, snapshot: Snapshot, source: Snapshot): void => {
  const copies = context.regions.get(snapshot.region)!.copies;
  copies.add(snapshot);
  if (snapshot.status !== 'pending') startCopy(context, snapshot, source);
};

/** Whether a copy of the same database's data is under way into that region. */
export const isQueued = (copies: ReadonlySet<Snapshot>, source: Snapshot): boolean =>
  [...copies].some((copy) => copy.resourceId === source.resourceId);

/** What a copy that does not wait is: documented for cluster snapshots as `copying`. */
export const statusOfCopy = ({ kind }: Snapshot): Snapshot['status'] => (kind === 'cluster' ? 'copying' : 'creating');

const startCopy = (context: Context, snapshot: Snapshot, source: Snapshot): void => {
  const { announce, clock, provision, regions } = context;
  const events = snapshotEventsOf(snapshot.kind);
  const isElsewhere = source.region !== snapshot.region;
  const tell = (elsewhere: Announcement, here: Announcement) =>
    announce.snapshot(snapshot, isElsewhere ? elsewhere : here);
  const isGone = () => regions.get(source.region)?.snapshots[source.kind].get(source.id) !== source;
  const cancel = (): void => {
    snapshot.status = 'failed';
    tell(events.copyCanceled, events.localCopyCanceled);
  };
  const leave = (): void => {
    const { copies } = regions.get(snapshot.region)!;
    copies.delete(snapshot);
    for (const next of copies) {
      if (next.status !== 'pending' || next.resourceId !== snapshot.resourceId) continue;
      const original = sourceOf(context, next);
      if (original !== undefined) {
        startCopy(context, next, original);
        return;
      }
      next.status = 'failed';
      copies.delete(next);
    }
  };
  snapshot.status = statusOfCopy(snapshot);
  snapshot.startedAt = clock.now();
  tell(events.copyStarted, events.localCopyStarted);
  context.begin(
    async () => {
      const isFilled = await fill(context, snapshot, 'copy', () =>
        source.files === undefined ? undefined : provision.copy(source.files, folderOf(snapshot)),
      );
      if (!isFilled || isGone()) cancel();
      else {
        snapshot.createdAt = clock.now();
        snapshot.status = 'available';
        tell(events.copyFinished, events.localCopyFinished);
      }
      leave();
    },
    () => {
      cancel();
      leave();
    },
  );
};

const sourceOf = ({ regions }: Context, { kind, sourceSnapshotArn }: Snapshot): Snapshot | undefined => {
  const arn = sourceSnapshotArn === undefined ? undefined : parseArn(sourceSnapshotArn);
  return arn && regions.get(arn.region)?.snapshots[kind].get(arn.id);
};

/** False when it came to nothing; throws when its files could not be copied. */
const fill = async (
  context: Context,
  snapshot: Snapshot,
  what: 'snapshot' | 'copy',
  copyFiles: () => Promise<SnapshotFiles> | undefined,
): Promise<boolean> => {
  try {
    const [files] = await Promise.all([copyFiles(), context.clock.sleep(snapshot.durationMs)]);
    snapshot.files = files;
  } catch (error) {
    snapshot.status = 'failed';
    throw error;
  }
  const isNothing = context.comesToNothing(what, snapshot.arn);
  if (isNothing) snapshot.status = 'failed';
  return !isNothing;
};

const folderOf = (snapshot: Snapshot): string => `${snapshot.region}-${snapshot.id}`.slice(0, 100);
