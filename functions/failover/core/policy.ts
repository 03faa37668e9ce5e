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
}

/** What a pair's owner has decided, in the units of the config file. */
export interface Policy {
  pair: string;
  mode: 'observe' | 'approve' | 'armed';
  fence: 'confirmed' | 'lease' | 'none';
  /** The table that the lease is kept in, and how long it holds without renewal. */
  lease?: { table: string; seconds: number } | undefined;
  primary: { instance: string; region: string };
  replica: { instance: string; region: string };
  applicationRoles: readonly string[];
  fencedSecurityGroupId: string;
  names: NamesPolicy;
  /** Secrets whose host follows the leader, beside DNS. */
  secondChannel?: { secretIds: readonly string[] } | undefined;
  /** How long the failure must have lasted, seen by two vantage points, before anything is done. */
  confirmSeconds: number;
  /** How long RDS is given to heal a dead process, a Multi-AZ failover or a reboot by itself. */
  selfHealSeconds: number;
  maxLossSeconds: number;
  cooldownSeconds: number;
  stepSeconds: number;
}

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
