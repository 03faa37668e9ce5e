import { isDrillInstance, pairOf } from './drills/drill.ts';

export interface NamesPolicy {
  zoneId: string;
  writer: string;
  ttlSeconds: number;
  /** `swap` (default): records are replaced in one batch. `stop`, standby takes over primary: a health check chooses between two. */
  mode?: 'swap' | 'stop' | undefined;
  /** Who is asked what the name leads to: the servers of a public zone (default), or the resolver of the replica's VPC. */
  zone?: 'public' | 'private' | undefined;
  /** One weighted record per reader. */
  reader?: string | undefined;
  /** Replicas beside the pair's own that are read from as long as they follow the leader. */
  readers?: readonly Target[] | undefined;
}

/** One instance in one region: who is asked, who is told. */
export interface Target {
  instance: string;
  region: string;
}

/** What a pair's owner has decided, in the units of the config file. */
export interface Policy {
  pair: string;
  /** Whose SQL it speaks: PostgreSQL's unless said, and of Aurora that of MySQL or PostgreSQL. */
  engine?: 'postgres' | 'mysql' | 'mariadb' | undefined;
  /** What the pair is made of where that is not DB instances: Aurora clusters (core/aurora.ts), whose identifiers are its targets'. */
  kind?: 'aurora-replica' | 'aurora-global' | undefined;
  mode: 'observe' | 'approve' | 'armed';
  fence: 'confirmed' | 'lease' | 'none';
  /** The table that the lease is kept in, and how long it holds without renewal. */
  lease?: { table: string; seconds: number } | undefined;
  /** Who leads and who follows before anything has happened: afterwards the record says it. */
  primary: Target;
  replica: Target;
  applicationRoles: readonly string[];
  /** Region → the security group without rules that fences an instance there. */
  fencedSecurityGroups: Readonly<Record<string, string>>;
  names: NamesPolicy;
  /** Secrets and parameters whose host follows the leader, beside DNS. */
  secondChannel?:
    | { secretIds?: readonly string[] | undefined; parameterNames?: readonly string[] | undefined }
    | undefined;
  /** How long the failure must have lasted, seen by two vantage points, before anything is done. */
  confirmSeconds: number;
  /** How long RDS is given to heal a dead process, a Multi-AZ failover or a reboot by itself. */
  selfHealSeconds: number;
  maxLossSeconds: number;
  cooldownSeconds: number;
  stepSeconds: number;
}

/** The name that the config gives to the pair's instance of a region; undefined for a region that is not the pair's. */
export const nameIn = ({ primary, replica }: Pick<Policy, 'primary' | 'replica'>, region: string): string | undefined =>
  [primary, replica].find((one) => one.region === region)?.instance;

/** The name of an instance that was built anew in an epoch. The config refuses names that leave no room for it. */
export const rebuiltName = (name: string, epoch: number): string => `${name}-e${epoch}`;

/** On what was built anew, with its pair's name: IAM lets nothing be done to one without it (resources/roles.ts). */
export const PAIR_TAG = 'mainstay:failover';

/**
 * True for the pair's own instance of a region, and for one that was built anew in its place: nobody else is touched. An order of
 * a drill is about a drill's instance, and never about the pair's.
 */
export const isOfPair = (
  policy: Pick<Policy, 'pair' | 'primary' | 'replica'>,
  { instance, region }: Target,
): boolean => {
  const name = nameIn(policy, region);
  if (name === undefined) return false;
  if (pairOf(policy.pair) !== policy.pair) return isDrillInstance(pairOf(policy.pair), instance);
  return isNamed(instance, name);
};

/** True for this name of the config, and for what was built anew under it. */
export const isNamed = (instance: string, name: string): boolean =>
  instance === name || (instance.startsWith(`${name}-e`) && /^\d{1,9}$/.test(instance.slice(name.length + 2)));

/** Evidence older than this decides nothing. */
export const MAX_EVIDENCE_AGE_MS = 20_000;

/** A replica that heard from its source this recently is receiving. Only the age of the last message counts: the status
 * word keeps saying `streaming` for 60 s after a black hole (wal_receiver_timeout). */
export const receivingWithinMs = (policy: Pick<Policy, 'confirmSeconds'>): number =>
  Math.min(15, Math.max(2, policy.confirmSeconds)) * 1000;

/** A healthy link is never silent for this long: a keepalive is due after 30 s (half of wal_sender_timeout). */
export const LINK_SILENT_MS = 65_000;

/** Clocks of two regions may differ by this much; it is added to every bound that compares them. */
export const CLOCK_SKEW_MS = 2_000;

/** A promotion that was asked for, and of which nothing is to be seen after this long, is asked for again. */
export const PROMOTE_AGAIN_AFTER_MS = 60_000;

/** A command to the guard is worth nothing after this long: a worker that froze and woke must not fence or open anything. */
export const COMMAND_LIFETIME_MS = 15_000;

/** A quiet pair is looked at this often, so that an idle primary's heartbeat is never older. */
export const quietGapMs = ({ stepSeconds, maxLossSeconds }: Pick<Policy, 'stepSeconds' | 'maxLossSeconds'>): number =>
  Math.max(stepSeconds * 1000, Math.min(60_000, (maxLossSeconds * 1000) / 3));
