// What takes time in an instance's life. Each function changes the record at once where the API's answer shows it, and sets
// going the rest, which ends in a status and an event.
import { promoteCluster } from '../engines/postgres.ts';
import { type Context, follow, hasServer, publishEndpoints } from './context.ts';
import { instanceEvents as events, snapshotEvents } from './event-catalogue.ts';
import type { Host } from './host.ts';
import { resetMasterPassword } from './roles.ts';
import type { Instance, Snapshot } from './types.ts';

const sevenDaysMs = 7 * 24 * 3_600_000;

/** Brings a new instance up by `make`, and announces it. */
export const bringUp = (
  context: Context,
  instance: Instance,
  durationMs: number,
  make: () => Promise<Host>,
  then: () => void = () => {},
): void => {
  const { clock, announce } = context;
  context.begin(
    async () => {
      const making = hasServer(instance) ? make() : Promise.resolve(undefined);
      const [host] = await Promise.all([making, clock.sleep(durationMs)]);
      instance.host = host;
      instance.createdAt = clock.now();
      instance.status = 'available';
      publishEndpoints(context);
      announce.instance(instance, events.created);
      then();
    },
    () => fail(context, instance),
  );
};

const fail = ({ announce }: Context, instance: Instance): void => {
  instance.status = 'failed';
  announce.instance(instance, events.failed);
};

/** Copies the instance's data into the snapshot; the instance is `backing-up` meanwhile, as on AWS. */
export const takeSnapshot = (context: Context, instance: Instance, snapshot: Snapshot): void => {
  instance.status = 'backing-up';
  const isDone = (): void => {
    if (instance.status === 'backing-up') instance.status = 'available';
  };
  context.begin(async () => {
    await fillSnapshot(context, instance, snapshot);
    isDone();
  }, isDone);
};

const fillSnapshot = async (context: Context, instance: Instance, snapshot: Snapshot): Promise<void> => {
  const { clock, announce } = context;
  announce.snapshot(snapshot, snapshotEvents.creating);
  try {
    const copying =
      instance.host && context.provision.snapshot(instance, `${snapshot.region}-${snapshot.id}`.slice(0, 100));
    const [files] = await Promise.all([copying, clock.sleep(snapshot.durationMs)]);
    snapshot.files = files;
  } catch (error) {
    snapshot.status = 'failed';
    throw error;
  }
  snapshot.createdAt = clock.now();
  snapshot.originalCreatedAt = snapshot.createdAt;
  snapshot.status = 'available';
  announce.snapshot(snapshot, snapshotEvents.created);
};

/** Applies security groups (and a new master password) after a while; until then the old groups decide. */
export const applyChanges = (
  context: Context,
  instance: Instance,
  changes: { groups: readonly string[] | undefined; password: string | undefined },
): void => {
  const { groups, password } = changes;
  if (groups !== undefined) {
    instance.securityGroups = [
      ...instance.securityGroups
        .filter((old) => !groups.includes(old.id))
        .map(({ id }) => ({ id, status: 'removing' as const })),
      ...groups.map((id) => ({
        id,
        status: instance.securityGroups.some((old) => old.id === id) ? ('active' as const) : ('adding' as const),
      })),
    ];
  }
  context.begin(async () => {
    if (instance.status !== 'failed') {
      instance.status = password === undefined ? 'modifying' : 'resetting-master-credentials';
    }
    await context.clock.sleep(context.durations.modifyMs);
    if (groups !== undefined) {
      instance.securityGroups = groups.map((id) => ({ id, status: 'active' }));
      instance.host?.recheck();
    }
    if (password !== undefined && instance.host !== undefined) {
      await resetMasterPassword(instance.host.cluster, instance.settings.masterUsername, password);
      context.announce.instance(instance, events.credentialsReset);
    }
    if (instance.status === 'modifying' || instance.status === 'resetting-master-credentials')
      instance.status = 'available';
  });
};

/**
 * The documented course of PromoteReadReplica: replication ends, the instance reboots, then it is available (API reference and
 * User Guide, USER_ReadRepl.Promote). The order of statuses is not documented: this one is the unkind one, where `available`
 * is seen before the promotion began and again before the source is cleared.
 */
export const promote = (context: Context, instance: Instance): void => {
  const { clock, announce, durations } = context;
  const source = follow(context, instance.source);
  instance.isPromoting = true;
  context.begin(async () => {
    await clock.sleep(durations.promoteNoticeMs);
    instance.status = 'modifying';
    await untilDone(context, async () => {
      if (instance.host) await promoteCluster(instance.host.cluster);
    });
    await context.provision.detach(instance, source);
    await clock.sleep(durations.promotePhaseMs);
    await reboot(context, instance, durations.promotePhaseMs);
    if (instance.settings.backupRetentionDays > 0) {
      instance.status = 'backing-up';
      announce.instance(instance, events.backingUp);
      await clock.sleep(durations.promotePhaseMs);
      announce.instance(instance, events.backedUp);
    }
    instance.status = 'available';
    announce.instance(instance, events.promoted);
    await clock.sleep(durations.promoteClearMs);
    instance.source = undefined;
    instance.replication = undefined;
    instance.isPromoting = false;
    if (source !== undefined)
      source.replicas = source.replicas.filter((one) => one.id !== instance.id || one.region !== instance.region);
  });
};

/** A server that died meanwhile is restarted by RDS: the step is taken again, as long as that may need. */
const untilDone = async ({ clock }: Context, step: () => Promise<void>, attempts = 40): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      if (attempt === attempts) throw error;
      await clock.sleep(500);
    }
  }
};

/** Restarts the server for real; the status is the caller's when it is over. */
const reboot = async ({ clock, announce }: Context, instance: Instance, durationMs: number): Promise<void> => {
  instance.status = 'rebooting';
  announce.instance(instance, events.shutdown);
  await Promise.all([instance.host?.restart(), clock.sleep(durationMs)]);
  announce.instance(instance, events.restarted);
};

export const rebootInstance = (context: Context, instance: Instance): void => {
  instance.status = 'rebooting';
  context.begin(
    async () => {
      await reboot(context, instance, context.durations.rebootMs);
      instance.status = 'available';
    },
    () => fail(context, instance),
  );
};

/** Stops the server; RDS starts it again after seven days (User Guide, USER_StopInstance). */
export const stopInstance = (context: Context, instance: Instance): void => {
  const { clock, announce } = context;
  instance.status = 'stopping';
  context.begin(async () => {
    await Promise.all([instance.host?.stop(), clock.sleep(context.durations.stopMs)]);
    instance.status = 'stopped';
    const stoppedAt = clock.now();
    instance.stoppedAt = stoppedAt;
    announce.instance(instance, events.stopped);
    clock.at(stoppedAt + sevenDaysMs, () => {
      if (instance.stoppedAt !== stoppedAt || instance.status !== 'stopped') return;
      announce.instance(instance, events.startedAfterSevenDays);
      startInstance(context, instance);
    });
  });
};

export const startInstance = (context: Context, instance: Instance): void => {
  instance.status = 'starting';
  instance.stoppedAt = undefined;
  context.begin(
    async () => {
      await Promise.all([instance.host?.start(), context.clock.sleep(context.durations.startMs)]);
      instance.status = 'available';
      context.announce.instance(instance, events.started);
    },
    () => fail(context, instance),
  );
};

/** Removes the instance, after its final snapshot if there is to be one; a PostgreSQL replica in another region is left behind with its replication terminated. */
export const deleteInstance = (context: Context, instance: Instance, finalSnapshot: Snapshot | undefined): void => {
  instance.status = 'deleting';
  context.begin(async () => {
    if (finalSnapshot !== undefined) await fillSnapshot(context, instance, finalSnapshot);
    await Promise.all([instance.host?.discard(), context.clock.sleep(context.durations.deleteMs)]);
    const source = follow(context, instance.source);
    await context.provision.detach(instance, source);
    if (source !== undefined)
      source.replicas = source.replicas.filter((one) => one.id !== instance.id || one.region !== instance.region);
    for (const replica of instance.replicas.map((ref) => follow(context, ref))) {
      if (replica === undefined) continue;
      // User Guide, USER_ReadRepl.XRgn: PostgreSQL replicas are not promoted when their source is deleted.
      replica.replication = { state: 'terminated', message: 'The source DB instance was deleted.' };
      context.announce.instance(replica, events.replicationTerminated);
    }
    context.regions.get(instance.region)?.instances.delete(instance.id);
    publishEndpoints(context);
    context.announce.instance(instance, events.deleted);
  });
};
