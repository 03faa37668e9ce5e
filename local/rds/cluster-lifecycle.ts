// What takes time in a cluster's life. Clusters are records: only their statuses change.
import { type Context, lengthMs, membersOf } from './context.ts';
import { clusterEvents as events, instanceEvents } from './event-catalogue.ts';
import { clusterAt } from './global-clusters.ts';
import { bringUp, deleteInstance } from './lifecycle.ts';
import { addInstance } from './records.ts';
import { fillFrom } from './snapshotting.ts';
import type { Cluster, InstanceRef, Length, Snapshot } from './types.ts';
import { remove } from './views.ts';

/** Brings a new cluster up, and announces it. */
export const bringUpCluster = (
  context: Context,
  cluster: Cluster,
  length: Length,
  then: () => void = () => {},
): void => {
  context.begin(async () => {
    await context.clock.sleep(lengthMs(context, length));
    cluster.createdAt = context.clock.now();
    cluster.status = 'available';
    context.announce.database(cluster, events.created);
    then();
  });
};

/** A Multi-AZ cluster comes with a writer and two readers (User Guide, multi-az-db-clusters-concepts). */
export const addThreeMembers = (context: Context, cluster: Cluster): void => {
  const region = context.regions.get(cluster.region)!;
  for (const number of [1, 2, 3]) {
    const member = addInstance(context, region, {
      id: `${cluster.id}-instance-${number}`,
      settings: { ...cluster.settings },
      tags: cluster.tags,
      securityGroups: cluster.securityGroups,
      clusterId: cluster.id,
    });
    bringUp(context, member, context.durations.createMs, () => Promise.reject(new Error('a member has no server')));
  }
};

/** Shows a status for a while, then `available`, or whatever `end` is. */
const pass = (
  context: Context,
  cluster: Cluster,
  status: Cluster['status'],
  lastsMs: number,
  end: Cluster['status'],
  then: () => void,
): void => {
  cluster.status = status;
  context.begin(async () => {
    await context.clock.sleep(lastsMs);
    if (cluster.status !== status) return;
    cluster.status = end;
    then();
  });
};

/** Applies a change; a new master password is announced. */
export const modifyCluster = (context: Context, cluster: Cluster, isPassword: boolean): void =>
  pass(
    ...([context, cluster, isPassword ? 'resetting-master-credentials' : 'modifying'] as const),
    ...([context.durations.modifyMs, 'available'] as const),
    () => {
      if (isPassword) context.announce.database(cluster, events.credentialsReset);
    },
  );

/** Its members go with it (User Guide, aurora-cluster-stop-start). */
export const stopCluster = (context: Context, cluster: Cluster): void => {
  const members = membersOf(context.regions.get(cluster.region)!, cluster);
  for (const member of members) member.status = 'stopping';
  pass(context, cluster, 'stopping', context.durations.stopMs, 'stopped', () => {
    for (const member of members) member.status = 'stopped';
    context.announce.database(cluster, events.stopped);
  });
};

export const startCluster = (context: Context, cluster: Cluster): void => {
  const members = membersOf(context.regions.get(cluster.region)!, cluster);
  for (const member of members) member.status = 'starting';
  pass(context, cluster, 'starting', context.durations.startMs, 'available', () => {
    for (const member of members) member.status = 'available';
    context.announce.database(cluster, events.started);
  });
};

/**
 * PromoteReadReplicaDBCluster: its instances are rebooted before they are available (Aurora User Guide,
 * AuroraMySQL.Replication.CrossRegion.Promote). As with instances, `available` is seen before it begins and once more before the
 * source is cleared: the order is not documented.
 */
export const promoteCluster = (context: Context, cluster: Cluster): void => {
  const { announce, clock, durations } = context;
  const source = clusterAt(context, cluster.source);
  cluster.isPromoting = true;
  context.begin(async () => {
    await clock.sleep(durations.promoteNoticeMs);
    cluster.status = 'promoting';
    const members = membersOf(context.regions.get(cluster.region)!, cluster);
    for (const member of members) {
      member.status = 'rebooting';
      announce.database(member, instanceEvents.shutdown);
    }
    await clock.sleep(durations.promotePhaseMs);
    for (const member of members) {
      member.status = 'available';
      announce.database(member, instanceEvents.restarted);
    }
    cluster.status = 'available';
    await clock.sleep(durations.promoteClearMs);
    cluster.source = undefined;
    cluster.isPromoting = false;
    if (source !== undefined) source.replicas = source.replicas.filter((one) => !isAt(one, cluster));
  });
};

const isAt = (ref: InstanceRef, { region, id }: InstanceRef): boolean => ref.region === region && ref.id === id;

/** Removes the cluster, after its final snapshot if there is to be one; a Multi-AZ cluster's members go with it. */
export const deleteCluster = (context: Context, cluster: Cluster, finalSnapshot: Snapshot | undefined): void => {
  const region = context.regions.get(cluster.region)!;
  cluster.status = 'deleting';
  for (const member of membersOf(region, cluster)) deleteInstance(context, member, undefined);
  context.begin(async () => {
    if (finalSnapshot !== undefined) await fillFrom(context, cluster, finalSnapshot);
    await context.clock.sleep(context.durations.deleteMs);
    const source = clusterAt(context, cluster.source);
    if (source !== undefined) source.replicas = source.replicas.filter((one) => !isAt(one, cluster));
    remove(context, region.clusters, cluster);
    context.announce.database(cluster, events.deleted);
  });
};
