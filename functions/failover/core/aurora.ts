import { isEngineDown } from './diagnose.ts';
import type { Endpoint, InstanceView } from './evidence.ts';
import type { Policy } from './policy.ts';

// A pair of Aurora clusters in the words of a pair of instances: what follows whom, whether an engine runs, and what RDS would refuse.

/** A cluster as the RDS API describes it, with its members. */
export interface ClusterSeen {
  cluster: string;
  arn: string;
  resourceId: string;
  /** Of the cluster; its members have their own. */
  status: string;
  engine: string;
  engineVersion: string;
  endpoint?: Endpoint | undefined;
  /** Of a global database's secondary the writer's endpoint leads nowhere (docs: aurora-global-database-connecting). */
  readerEndpoint?: Endpoint | undefined;
  /** The cluster that it replicates by the binary log, by ARN. */
  source?: string | undefined;
  securityGroups: InstanceView['securityGroups'];
  backupRetentionDays: number;
  backupWindow?: string | undefined;
  isLeased?: true | undefined;
  members: readonly { instance: string; status: string; isWriter: boolean }[];
}

/** The global database that it is part of. */
export interface GlobalSeen {
  id: string;
  engineVersion: string;
  members: readonly { arn: string; isWriter: boolean; isConnected: boolean }[];
  /** A failover or switchover that is under way, whoever asked for it. */
  change?: { status: string; to: string; from?: string | undefined } | undefined;
}

/** Of a global database's member that does not have the primary's volume (yet): it may take writes of its own. */
export const PENDING_RESYNC = 'pending-resync';

/** Of a cluster without DB instances, which neither runs nor can be asked. */
export const HEADLESS = 'no-instances';

/** The cluster as gates, fence and phases know a database. `global`: undefined where it is part of none. */
export const clusterView = (kind: Policy['kind'], seen: ClusterSeen, global?: GlobalSeen): InstanceView => {
  const source = kind === 'aurora-global' ? primaryOf(seen, global) : seen.source;
  const unfit = unfitBecause(kind, seen, global);
  return {
    instance: seen.cluster,
    resourceId: seen.resourceId,
    status: statusOf(seen, global),
    endpoint: kind === 'aurora-global' && source !== undefined ? seen.readerEndpoint : seen.endpoint,
    engineVersion: seen.engineVersion,
    source,
    securityGroups: seen.securityGroups,
    backupRetentionDays: seen.backupRetentionDays,
    backupWindow: seen.backupWindow,
    ...(unfit !== undefined && { unfit }),
    ...(seen.isLeased && { isLeased: true as const }),
  };
};

const partIn = (seen: ClusterSeen, global: GlobalSeen | undefined) =>
  global?.members.find(({ arn }) => arn === seen.arn);

/** Whom a secondary follows: only while it is synchronised. One that lost its lead and is not yet follows nobody, and may take writes. */
const primaryOf = (seen: ClusterSeen, global: GlobalSeen | undefined): string | undefined => {
  const part = partIn(seen, global);
  return part === undefined || part.isWriter || !part.isConnected
    ? undefined
    : global?.members.find(({ isWriter }) => isWriter)?.arn;
};

const isResyncing = (seen: ClusterSeen, global: GlobalSeen | undefined): boolean => {
  const part = partIn(seen, global);
  return part !== undefined && !part.isWriter && !part.isConnected;
};

/**
 * One word for a cluster and its members. It says that no engine runs only where every member says so: the fence is proven by it.
 * A writer that is down beside a reader that runs is being replaced by Aurora (docs: Concepts.AuroraHighAvailability).
 */
const statusOf = (seen: ClusterSeen, global: GlobalSeen | undefined): string => {
  if (isResyncing(seen, global)) return PENDING_RESYNC;
  const { change } = global ?? {};
  if (change && [change.to, change.from].includes(seen.arn)) return change.status;
  const running = seen.members.filter(({ status }) => !isEngineDown(status));
  const writer = seen.members.find(({ isWriter }) => isWriter);
  if (seen.status !== 'available' && !isEngineDown(seen.status))
    return seen.status === 'failing-over' ? 'failover' : seen.status;
  if (seen.members.length === 0) return HEADLESS;
  if (running.length === 0) return seen.status === 'available' ? (writer ?? seen.members[0])!.status : seen.status;
  if (writer !== undefined && isEngineDown(writer.status)) return 'failover';
  return writer?.status ?? running.find(({ status }) => status === 'available')?.status ?? running[0]!.status;
};

const ENGINES: Readonly<Record<NonNullable<Policy['kind']>, readonly string[]>> = {
  'aurora-replica': ['aurora-mysql'],
  'aurora-global': ['aurora-mysql', 'aurora-postgresql'],
};

/** Why RDS would refuse to let it lead, with what would make it possible (docs: aurora-global-database-disaster-recovery). */
const unfitBecause = (kind: Policy['kind'], seen: ClusterSeen, global: GlobalSeen | undefined): string | undefined => {
  const { cluster, engine, engineVersion, members } = seen;
  const engines = kind === undefined ? [] : ENGINES[kind];
  if (!engines.includes(engine))
    return `${cluster} is of engine ${engine}, and a pair of kind ${kind ?? 'instances'} is of ${engines.join(' or ') || 'none'}${kind === 'aurora-replica' && engine === 'aurora-postgresql' ? ': make it a global database' : ''}`;
  if (members.length === 0)
    return `${cluster} is headless: it has no DB instance. Add one: aws rds create-db-instance --db-cluster-identifier ${cluster} …`;
  if (!members.some(({ status }) => status === 'available'))
    return `no DB instance of ${cluster} is available (${members.map(({ instance, status }) => `${instance} is ${status}`).join(', ')})`;
  if (kind !== 'aurora-global') return undefined;
  if (global === undefined) return `${cluster} is part of no global database: add it to the leader's`;
  if (isResyncing(seen, global))
    return `${cluster} is ${PENDING_RESYNC}: Aurora has not brought it the volume of ${global.id} yet. Wait for RDS-EVENT-0241; if it never comes, remove it from there and add it anew`;
  return global.engineVersion === engineVersion
    ? undefined
    : `${cluster} runs engine version ${engineVersion}, its global database ${global.id} ${global.engineVersion}: upgrade the one that is behind`;
};

/** What speaks against a pair, and what would end it. */
export interface PairDoubt {
  doubt: string;
  fix: string;
}

/**
 * What the two of a pair must be to each other; empty where nothing speaks against the pair. For readiness, before the day: gates
 * see the same through the views.
 */
export const pairDoubts = (
  kind: NonNullable<Policy['kind']>,
  leader: ClusterSeen,
  follower: ClusterSeen,
  global?: GlobalSeen,
): PairDoubt[] => {
  const { source, unfit } = clusterView(kind, follower, global);
  const found: (PairDoubt | false)[] = [
    kind === 'aurora-replica' &&
      leader.source !== undefined && {
        doubt: `${leader.cluster} is itself a replica of ${leader.source}: a replica of a replica is not failed over to`,
        fix: `Replicate ${leader.source} directly, or promote ${leader.cluster} first.`,
      },
    kind === 'aurora-global' &&
      primaryOf(leader, global) !== undefined && {
        doubt: `${leader.cluster} is no primary of its global database`,
        fix: "Name the other one as the pair's primary.",
      },
    source !== leader.arn &&
      !isResyncing(follower, global) && {
        doubt: `${follower.cluster} follows ${source ?? 'nobody'}, not ${leader.arn}`,
        fix: followBy(kind, leader),
      },
    unfit !== undefined && { doubt: `RDS would not let ${follower.cluster} lead: ${unfit}`, fix: `${unfit}.` },
  ];
  return found.filter((one) => one !== false);
};

const followBy = (kind: NonNullable<Policy['kind']>, leader: ClusterSeen): string =>
  kind === 'aurora-replica'
    ? `Make a replica cluster of it and name that one: aws rds create-db-cluster --replication-source-identifier ${leader.arn} ….`
    : `Add a cluster of ${leader.cluster}'s global database there and name that one: aws rds create-db-cluster --global-cluster-identifier ….`;
