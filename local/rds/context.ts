import type { Clock } from '../clock.ts';
import type { Zones } from '../dns/zone.ts';
import type { Directory } from './directory.ts';
import type { Announce } from './events.ts';
import type { GlobalCluster } from './global-clusters.ts';
import type { Keys } from './keys.ts';
import type { Provision } from './provision.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Notification } from './subscriptions.ts';
import type { Cluster, Database, Durations, Instance, InstanceRef, Length, RegionState } from './types.ts';
import type { Ghosts } from './views.ts';
import { words } from './words.ts';

/** What actions and lifecycles work on. */
export type Context = {
  readonly account: string;
  readonly clock: Pick<Clock, 'now' | 'sleep' | 'at'>;
  readonly regions: ReadonlyMap<string, RegionState>;
  /** Aurora global databases: the account's, of no region. */
  readonly globals: Directory<GlobalCluster>;
  /** Whether a region is cut off: what spans regions does not reach it either. */
  isOut(region: string): boolean;
  readonly durations: Durations;
  readonly assumptions: Assumptions;
  readonly announce: Announce;
  readonly securityGroups: SecurityGroups;
  readonly provision: Provision;
  readonly keys: Keys;
  /** From 0 to below 1; the world's own, so that a seed decides all of it. */
  random(): number;
  /** How far lists lag behind, and what they still show. */
  readonly reads: { staleMs: number; readonly ghosts: Ghosts };
  /** Whether a snapshot or a copy that has just been filled comes to nothing. */
  comesToNothing(what: 'snapshot' | 'copy', snapshotArn: string): boolean;
  /** Whether the list moves under its reader: the next page repeats this one's last item. */
  pageRepeats(region: string, action: string): boolean;
  readonly zones: Pick<Zones, 'publish'>;
  /** Publishes to SNS. */
  publish(notification: Notification): void;
  /** Runs what an action has set going. It may fail: `onFailure` says what that means, and the world reports it. */
  begin(task: () => Promise<void>, onFailure?: () => void): void;
};

/** Where AWS's pages leave open what happens: the answers this world gives, changeable at any time. */
export type Assumptions = {
  /** ModifyDBInstance puts new security groups on an instance in `failed`. */
  failedTakesSecurityGroups: boolean;
  /** DescribeAccountAttributes has an entry ManualClusterSnapshots; AWS's example of it has none. */
  clusterQuotaIsListed: boolean;
};

/** One draw of how long something takes. */
export const lengthMs = ({ random }: Pick<Context, 'random'>, length: Length): number =>
  typeof length === 'number' ? length : Math.round(length[0] + (length[1] - length[0]) * random());

/** The instance of that name; refuses with DBInstanceNotFound. */
export const instanceOf = (region: RegionState, id: string): Instance => {
  const instance = region.instances.get(id.toLowerCase());
  if (instance === undefined) throw words.instance.notFound(id);
  return instance;
};

/** The cluster of that name; refuses with DBClusterNotFoundFault. */
export const clusterOf = (region: RegionState, id: string): Cluster => {
  const cluster = region.clusters.get(id.toLowerCase());
  if (cluster === undefined) throw words.cluster.notFound(id);
  return cluster;
};

/** Its members, whatever they do. */
export const membersOf = (region: RegionState, cluster: Cluster): Instance[] =>
  [...region.instances.values()].filter((instance) => instance.clusterId === cluster.id);

/** The instance that a reference leads to, if it is still there. */
export const follow = (context: Context, ref: InstanceRef | undefined): Instance | undefined =>
  ref && context.regions.get(ref.region)?.instances.get(ref.id);

/** Most changes are possible in `available` only (User Guide, accessing-monitoring: status table). */
export const requireAvailable = (database: Database, doing: string): void => {
  if (database.status === 'available' && !database.isPromoting) return;
  const what = database.kind === 'instance' ? 'database instance' : 'DB cluster';
  throw words[database.kind].invalidState(
    `Cannot ${doing} because the ${what} ${database.id} is not currently in the available state.`,
  );
};

const endpointTtlSeconds = 5;

/** Publishes the endpoint names of all instances that have a server. */
export const publishEndpoints = ({ regions, zones }: Context): void => {
  const instances = [...regions.values()].flatMap((region) => [...region.instances.values()]);
  zones.publish('rds.amazonaws.com.', [
    {
      name: 'rds.amazonaws.com.',
      type: 'SOA',
      ttlSeconds: 60,
      values: ['ns.rds.amazonaws.com. admin.rds.amazonaws.com. 1 7200 900 1209600 5'],
    },
    ...instances.flatMap(({ endpointName, host, createdAt }) =>
      host === undefined || createdAt === undefined
        ? []
        : [{ name: `${endpointName}.`, type: 'A' as const, ttlSeconds: endpointTtlSeconds, values: [host.address] }],
    ),
  ]);
};
