// What takes time in a global database's life: failover, switchover, resynchronisation (Aurora User Guide,
// aurora-global-database-disaster-recovery; events: USER_Events.Messages). Statuses of the clusters meanwhile are not documented:
// the unkind ones were chosen, where all that tells is FailoverState.
import { type Context, membersOf } from './context.ts';
import { globalEvents as events, instanceEvents } from './event-catalogue.ts';
import {
  clusterAt,
  type GlobalCluster,
  type GlobalMember,
  invalidGlobalState,
  partOf,
  runningMember,
  writerOf,
} from './global-clusters.ts';
import { shelve } from './records.ts';
import { fillFrom } from './snapshotting.ts';
import type { Cluster } from './types.ts';

/** A region that is out is asked again for its old primary this often. */
const askedAgainMs = 5_000;

/** FailoverGlobalCluster with data loss: whatever the old primary has that did not arrive is lost, but for its snapshot. */
export const failOver = (context: Context, global: GlobalCluster, target: Cluster): void => {
  const { announce, clock, durations } = context;
  const old = writerOf(context, global);
  const state = { from: old?.arn, to: target.arn, isDataLossAllowed: true };
  global.failover = { ...state, status: 'pending' };
  context.begin(
    async () => {
      await clock.sleep(durations.globalNoticeMs);
      global.failover = { ...state, status: 'failing-over' };
      await blockWrites(context, old, target);
      await clock.sleep(durations.globalPromoteMs);
      global.failover = undefined;
      if (runningMember(context, target) === undefined) {
        if (old !== undefined) old.areWritesBlocked = false;
        return announce.database(target, events.failoverFailed(target));
      }
      lead(global, target);
      // The old primary keeps what it has until Aurora makes it a volume anew; the other secondaries follow another one now, too.
      for (const member of global.members) if (!member.isWriter) member.sync = 'pending-resync';
      announce.database(target, events.failoverCompleted(target));
      moveEndpoint(context, global, target);
      for (const member of global.members) if (!member.isWriter) resynchronise(context, member, old);
    },
    () => {
      global.failover = undefined;
    },
  );
};

/** SwitchoverGlobalCluster: nothing is lost, and the old primary follows at once. It is called off when the old primary is out of reach. */
export const switchOver = (context: Context, global: GlobalCluster, target: Cluster): void => {
  const { announce, clock, durations } = context;
  const old = writerOf(context, global);
  if (old === undefined) throw invalidGlobalState(`Global cluster ${global.id} has no primary cluster`);
  const state = { from: old.arn, to: target.arn, isDataLossAllowed: false };
  global.failover = { ...state, status: 'pending' };
  context.begin(
    async () => {
      await clock.sleep(durations.globalNoticeMs);
      global.failover = { ...state, status: 'switching-over' };
      announce.database(target, events.switchoverStarted(target));
      announce.database(target, events.synchronizing);
      await clock.sleep(durations.globalSyncMs);
      if (context.isOut(old.region)) {
        global.failover = { ...state, status: 'cancelling' };
        await clock.sleep(durations.globalNoticeMs);
        global.failover = undefined;
        return announce.database(target, events.switchoverCancelled(target));
      }
      await blockWrites(context, old, target);
      announce.database(old, events.oldPrimaryShutDown(old));
      await clock.sleep(durations.globalPromoteMs);
      global.failover = undefined;
      old.areWritesBlocked = false;
      if (runningMember(context, target) === undefined)
        return announce.database(target, events.switchoverFailed(target));
      lead(global, target);
      announce.database(target, events.newPrimaryPromoted(target));
      announce.database(target, events.switchoverFinished(target));
      moveEndpoint(context, global, target);
    },
    () => {
      global.failover = undefined;
      old.areWritesBlocked = false;
    },
  );
};

const isOf = ({ ref }: GlobalMember, cluster: Cluster): boolean =>
  ref.region === cluster.region && ref.id === cluster.id;

const lead = (global: GlobalCluster, target: Cluster): void => {
  for (const member of global.members) {
    member.isWriter = isOf(member, target);
    if (member.isWriter) member.sync = 'connected';
  }
};

/**
 * The storage of the old primary is told to take no more writes. Best effort: where its region is out of reach the attempt times
 * out and the failover goes on. The event is the old primary's where it is reached, else the new one's; of an instance either way.
 */
const blockWrites = async (context: Context, old: Cluster | undefined, target: Cluster): Promise<void> => {
  const { announce, clock, durations, regions } = context;
  await clock.sleep(durations.globalBlockMs);
  const isReached = old !== undefined && !context.isOut(old.region);
  if (isReached) old.areWritesBlocked = true;
  const teller = isReached ? old : target;
  const [instance] = membersOf(regions.get(teller.region)!, teller);
  if (instance === undefined || old === undefined) return;
  announce.database(instance, isReached ? events.writesBlocked(old) : events.writesNotBlocked(old));
};

/** DNS changes are told of when Aurora has seen them. */
const moveEndpoint = (context: Context, global: GlobalCluster, target: Cluster): void => {
  context.begin(async () => {
    await context.clock.sleep(context.durations.globalDnsMs);
    global.resolvesTo = { region: target.region, id: target.id };
    context.announce.database(target, events.endpointMoved);
  });
};

/**
 * Once its region is back: a snapshot of what the old primary had, a new volume, and it follows. The instances are down meanwhile.
 * A member that was removed before is left as it is.
 */
const resynchronise = (context: Context, member: GlobalMember, old: Cluster | undefined): void => {
  const { announce, clock, durations, regions } = context;
  context.begin(async () => {
    while (context.isOut(member.ref.region)) await clock.sleep(askedAgainMs);
    const cluster = clusterAt(context, member.ref);
    const isStill = () => cluster !== undefined && partOf(context, cluster)?.member === member && !member.isWriter;
    if (cluster === undefined || !isStill()) return;
    const instances = membersOf(regions.get(cluster.region)!, cluster);
    cluster.areWritesBlocked = true;
    for (const instance of instances) {
      instance.status = 'rebooting';
      announce.database(instance, instanceEvents.shutdown);
    }
    announce.database(cluster, events.resyncStarted(cluster));
    if (cluster === old) await keepWhatItHad(context, cluster);
    await clock.sleep(durations.globalResyncMs);
    if (!isStill()) return;
    for (const instance of instances) {
      instance.status = 'available';
      announce.database(instance, instanceEvents.restarted);
    }
    member.sync = 'connected';
    cluster.areWritesBlocked = false;
    announce.database(cluster, events.resyncFinished(cluster));
  });
};

/** `rds:unplanned-global-failover-…`: a system snapshot with the commits that the new primary does not have. */
const keepWhatItHad = async (context: Context, cluster: Cluster): Promise<void> => {
  const stamp = new Date(context.clock.now()).toISOString().slice(0, 16).replaceAll(/[T:]/g, '-');
  const snapshot = shelve(
    context,
    context.regions.get(cluster.region)!,
    'automated',
    `rds:unplanned-global-failover-${cluster.id}-${stamp}`,
    {
      ...{ kind: 'cluster', databaseId: cluster.id, resourceId: cluster.resourceId, settings: cluster.settings },
      ...{ tags: cluster.tags, length: context.durations.snapshotMs },
    },
  );
  await fillFrom(context, cluster, snapshot);
};

/** RemoveFromGlobalCluster: a secondary becomes a cluster of its own that takes writes; RDS-EVENT-0228 is not on AWS's page, AWS's own sample waits for it. */
export const detach = (context: Context, global: GlobalCluster, cluster: Cluster): void => {
  const { announce, clock, durations } = context;
  const isWriter = writerOf(context, global) === cluster;
  cluster.status = 'promoting';
  context.begin(async () => {
    await clock.sleep(durations.globalPromoteMs);
    global.members = global.members.filter((member) => !isOf(member, cluster));
    if (global.members.length === 0) global.resolvesTo = undefined;
    cluster.areWritesBlocked = false;
    if (cluster.status === 'promoting') cluster.status = 'available';
    if (!isWriter) announce.database(cluster, events.detached);
  });
};
