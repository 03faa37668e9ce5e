// What takes time in an instance's life. Each function changes the record at once where the API's answer shows it, and sets
// going the rest, which ends in a status and an event.
import { type Context, follow, lengthMs, publishEndpoints } from './context.ts';
import { type Announcement, instanceEvents as events } from './event-catalogue.ts';
import type { Host } from './host.ts';
import { arnOf, endpointNameOf } from './names.ts';
import { engineStarts } from './parameters.ts';
import { fillFrom } from './snapshotting.ts';
import type { Instance, Length, Snapshot } from './types.ts';
import { remove } from './views.ts';

const sevenDaysMs = 7 * 24 * 3_600_000;

/** Brings a new instance up by `make`, and announces it; `failure` is said when it can't be made. */
export const bringUp = (
  context: Context,
  instance: Instance,
  length: Length,
  make: () => Promise<Host>,
  then: () => void = () => {},
  failure: Announcement = events.failed,
): void => {
  const { clock, announce } = context;
  context.begin(
    async () => {
      const making = context.provision.serves(instance) ? make() : undefined;
      const [host] = await Promise.all([making, clock.sleep(lengthMs(context, length))]);
      instance.host = host;
      instance.createdAt = clock.now();
      instance.status = 'available';
      publishEndpoints(context);
      announce.database(instance, events.created);
      then();
    },
    () => fail(context, instance, failure),
  );
};

const fail = ({ announce }: Context, instance: Instance, said: Announcement = events.failed): void => {
  instance.status = 'failed';
  announce.database(instance, said);
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
    if (password !== undefined) {
      if (instance.host !== undefined) await context.provision.resetPassword(instance, password);
      context.announce.database(instance, events.credentialsReset);
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
      if (instance.host) await context.provision.promote(instance);
    });
    await context.provision.detach(instance, source);
    await clock.sleep(durations.promotePhaseMs);
    await reboot(context, instance, durations.promotePhaseMs);
    if (instance.settings.backupRetentionDays > 0) {
      instance.status = 'backing-up';
      announce.database(instance, events.backingUp);
      await clock.sleep(durations.promotePhaseMs);
      announce.database(instance, events.backedUp);
    }
    instance.status = 'available';
    announce.database(instance, events.promoted);
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
  announce.database(instance, events.shutdown);
  await Promise.all([instance.host?.restart(), clock.sleep(durationMs)]);
  announce.database(instance, events.restarted);
};

export const rebootInstance = (context: Context, instance: Instance): void => {
  instance.status = 'rebooting';
  context.begin(
    async () => {
      const { settings, region } = instance;
      if (!engineStarts(context.regions.get(region)!, settings.parameterGroup)) {
        // Out of this state an instance can only be rebooted or deleted (User Guide, accessing-monitoring: incompatible-parameters).
        context.announce.database(instance, events.shutdown);
        await Promise.all([instance.host?.stop(), context.clock.sleep(context.durations.rebootMs)]);
        instance.status = 'incompatible-parameters';
        return;
      }
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
    announce.database(instance, events.stopped);
    clock.at(stoppedAt + sevenDaysMs, () => {
      if (instance.stoppedAt !== stoppedAt || instance.status !== 'stopped') return;
      announce.database(instance, events.startedAfterSevenDays);
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
      context.announce.database(instance, events.started);
    },
    () => fail(context, instance),
  );
};

/** Removes the instance, after its final snapshot if there is to be one; a PostgreSQL replica in another region is left behind with its replication terminated. */
export const deleteInstance = (context: Context, instance: Instance, finalSnapshot: Snapshot | undefined): void => {
  instance.status = 'deleting';
  context.begin(async () => {
    if (finalSnapshot !== undefined) await fillFrom(context, instance, finalSnapshot);
    await Promise.all([instance.host?.discard(), context.clock.sleep(context.durations.deleteMs)]);
    const source = follow(context, instance.source);
    await context.provision.detach(instance, source);
    if (source !== undefined)
      source.replicas = source.replicas.filter((one) => one.id !== instance.id || one.region !== instance.region);
    for (const replica of instance.replicas.map((ref) => follow(context, ref))) {
      if (replica === undefined) continue;
      // User Guide, USER_ReadRepl.XRgn: PostgreSQL replicas are not promoted when their source is deleted.
      replica.replication = { state: 'terminated', message: 'The source DB instance was deleted.' };
      context.announce.database(replica, events.replicationTerminated);
    }
    remove(context, context.regions.get(instance.region)!.instances, instance);
    publishEndpoints(context);
    context.announce.database(instance, events.deleted);
  });
};

/** Gives the instance another name; its identity stays (API reference, ModifyDBInstance: it reboots). */
export const renameInstance = (context: Context, instance: Instance, newId: string): void => {
  instance.status = 'renaming';
  context.begin(async () => {
    await context.clock.sleep(context.durations.modifyMs);
    const { instances, name } = context.regions.get(instance.region)!;
    remove(context, instances, instance);
    instance.id = newId;
    instance.arn = arnOf(name, context.account, 'db', newId);
    instance.endpointName = endpointNameOf(name, newId);
    instances.set(newId, instance);
    await reboot(context, instance, context.durations.rebootMs);
    instance.status = 'available';
  });
};
