// Aurora global databases: which clusters belong to one, who of them writes, and what is under way (API reference: GlobalCluster,
// GlobalClusterMember, FailoverState).
import type { Context } from './context.ts';
import { membersOf } from './context.ts';
import { arnOf } from './names.ts';
import { RdsRefusal } from './refusal.ts';
import type { Cluster, InstanceRef, Tagged } from './types.ts';

/** A cluster of a global database. `pending-resync`: its volume is not the new primary's yet. */
export type GlobalMember = {
  readonly ref: InstanceRef;
  isWriter: boolean;
  sync: 'connected' | 'pending-resync';
};

/** What is under way; the page's values, of which the SDK's own list misses `switching-over` (API reference, FailoverState). */
export type FailoverState = {
  readonly status: 'pending' | 'failing-over' | 'switching-over' | 'cancelling';
  readonly from: string | undefined;
  readonly to: string;
  readonly isDataLossAllowed: boolean;
};

export type GlobalCluster = Tagged & {
  /** Global: no region is in its ARN. */
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly databaseName: string | undefined;
  readonly encrypted: boolean;
  readonly deletionProtection: boolean;
  readonly bornAt: number;
  status: 'creating' | 'available' | 'deleting';
  members: GlobalMember[];
  failover: FailoverState | undefined;
  /** Where its writer endpoint leads to: after a change a while later than the change. */
  resolvesTo: InstanceRef | undefined;
};

/** What a cluster is beside itself: for those who show it. */
export type Place = {
  readonly globalId: string | undefined;
  /** It takes no writes of its own. */
  readonly isFollower: boolean;
  readonly sourceArn: string | undefined;
  readonly replicaArns: readonly string[];
};

/** The global database of that name; refuses with GlobalClusterNotFoundFault. */
export const globalOf = ({ globals }: Context, id: string): GlobalCluster => {
  const found = globals.get(id.toLowerCase());
  if (found === undefined) throw new RdsRefusal('GlobalClusterNotFoundFault', `Global cluster ${id} not found`, 404);
  return found;
};

/** The refusal of what a global database cannot do now. */
export const invalidGlobalState = (message: string): RdsRefusal =>
  new RdsRefusal('InvalidGlobalClusterStateFault', message);

const isSame = (one: InstanceRef, other: InstanceRef): boolean => one.region === other.region && one.id === other.id;

/** Its part in a global database, if it has one. */
export const partOf = (
  { globals }: Context,
  cluster: InstanceRef,
): { global: GlobalCluster; member: GlobalMember } | undefined => {
  for (const global of globals.values()) {
    const member = global.members.find(({ ref }) => isSame(ref, cluster));
    if (member !== undefined) return { global, member };
  }
  return undefined;
};

/** The cluster that a reference leads to, if it is still there. */
export const clusterAt = ({ regions }: Context, ref: InstanceRef | undefined): Cluster | undefined =>
  ref && regions.get(ref.region)?.clusters.get(ref.id);

/** The cluster that writes. */
export const writerOf = (context: Context, global: GlobalCluster): Cluster | undefined =>
  clusterAt(context, global.members.find(({ isWriter }) => isWriter)?.ref);

/** An instance of it that runs; without one a cluster can neither write nor be asked. */
export const runningMember = (context: Context, cluster: Cluster) =>
  membersOf(context.regions.get(cluster.region)!, cluster).find(({ status }) => status === 'available');

/**
 * Whether a client's commit would be taken now. One that lost its lead in a failover whose write block timed out goes on until it
 * is resynchronised: that is the split brain which AWS's page warns of (Aurora User Guide, aurora-global-database-disaster-recovery).
 */
export const takesWrites = (context: Context, cluster: Cluster): boolean => {
  const part = partOf(context, cluster);
  const isReader = part !== undefined && !part.member.isWriter && part.member.sync === 'connected';
  if (cluster.source !== undefined || isReader || cluster.areWritesBlocked) return false;
  return cluster.status !== 'stopped' && runningMember(context, cluster) !== undefined;
};

export const placeOf = (context: Context, cluster: Cluster): Place => {
  const part = partOf(context, cluster);
  const arn = ({ region, id }: InstanceRef) => arnOf(region, context.account, 'cluster', id);
  const writer = part && !part.member.isWriter ? part.global.members.find(({ isWriter }) => isWriter)?.ref : undefined;
  const source = cluster.source ?? writer;
  return {
    globalId: part?.global.id,
    isFollower: source !== undefined,
    sourceArn: source && arn(source),
    replicaArns: cluster.replicas.map(arn),
  };
};
