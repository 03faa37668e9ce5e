import type { Endpoint } from './evidence.ts';
import type { LeaseSeen } from './lease.ts';
import type { HoldReason, OldStep, Step } from './phases.ts';
import type { Target } from './policy.ts';
import type { Streak } from './streak.ts';

/** The shape below; a record of a newer shape is left alone (a deploy was rolled back in mid-incident). */
export const SCHEMA_VERSION = 3;

export type Phase =
  | 'healthy'
  | 'quiescing'
  | 'draining'
  | 'closing'
  | 'suspect'
  | 'confirming'
  | 'awaiting-approval'
  | 'fencing'
  | 'aborting'
  | 'promoting'
  | 'verifying'
  | 'switching-names'
  | 'verifying-names'
  | 'degraded';

/** Past the point of no return: entering `promoting` is it, not the call to RDS, so that a worker that froze in front of
 * the call can never wake into an aborted incident. */
export const isForwardOnly = (phase: Phase): boolean =>
  ['promoting', 'verifying', 'switching-names', 'verifying-names', 'degraded'].includes(phase);

/** The phases of a switchover up to its point of no return: the leader lives, and its writers wait. */
export const isSwitchover = (phase: Phase): boolean => ['quiescing', 'draining', 'closing'].includes(phase);

export interface Leader {
  instance: string;
  region: string;
  resourceId?: string | undefined;
  endpoint?: Endpoint | undefined;
}

/** One that led before. Nothing of it is ever deleted. */
export interface Retired extends Leader {
  /** The epoch that ended its lead. */
  epoch: number;
  fence?: Fence | undefined;
  intents: Partial<Record<OldStep, Intent | undefined>>;
}

/** An order to do one thing: written before the thing is done, closed after. */
export interface Intent {
  /** `<pair>/<epoch>/<step>`: the same order, however often it is repeated. */
  id: string;
  atMs: number;
  attempts: number;
  doneAtMs?: number | undefined;
  lastError?: string | undefined;
  /** What AWS gave to ask about it later: Route 53's id of a change. */
  receipt?: string | undefined;
}

export interface Failing extends Streak {
  /** How far the replica had received when it began: had it received more, the leader would have been back. */
  receivedLsn?: string | undefined;
}

export interface Said {
  by: string;
  why: string;
  atMs: number;
}

/** What a person takes upon himself, so that a gate that guards it stands open for one incident. */
export interface Accepted {
  /** This many seconds of acknowledged commits may be lost; `any` where the bound is not known. */
  loss?: number | 'any' | undefined;
  /** The old primary may go on taking writes: no fence could be proven. */
  fence?: true | undefined;
  /** What RDS says of the leader is no disaster, or none that RDS does not heal. */
  cause?: true | undefined;
  /** The pair has failed over a short while ago. */
  cooldown?: true | undefined;
  /** The replica has transactions that the leader never had. */
  divergence?: true | undefined;
}

export type Forced = Said & { epoch: number; accepts: Accepted };

/** What was accepted for the incident that is open now. */
export const acceptedIn = ({ forced, epoch }: Pick<FailoverRecord, 'forced' | 'epoch'>): Accepted =>
  forced?.epoch === epoch ? forced.accepts : {};

/** Everything the house remembers of one pair: one item, one compare-and-swap. */
export interface FailoverRecord {
  schemaVersion: number;
  pair: string;
  /** Goes up by one with every write: the compare-and-swap is on it. */
  version: number;
  /** Goes up by one when an incident is committed, and never down. */
  epoch: number;
  phase: Phase;
  phaseSinceMs: number;
  leader: Leader;
  candidate: Leader;
  /** Who led before: names lead away from it, secrets of its region follow. */
  previousLeader?: Leader | undefined;
  /** Everyone who led before and is still there: kept closed until a person deletes it. */
  retired: Retired[];
  /** Who is to follow the new leader: built anew, or named by a person. It becomes the candidate once it follows. */
  standby?: Leader | undefined;
  lastLookMs: number;
  /** When the run of the reconciler began that wrote this: of two that overlap the older one leaves the pair to the younger. */
  lastRunMs?: number | undefined;
  /** No vantage point saw the leader accept a write. */
  failing?: Failing | undefined;
  /** Two vantage points agreed on it. */
  agreed?: Streak | undefined;
  /** The guard, inside the primary's VPC, could not connect, by its own clock: no commit was taken since. */
  lost?: Streak | undefined;
  /** The last time that the guard's write was accepted, and where the log stood. */
  lastWrite?: { atMs: number; lsn: string } | undefined;
  hold?: { because: HoldReason; sinceMs: number; sentence: string } | undefined;
  fence?: Fence | undefined;
  /** The pair's lease, as far as it is leased: nobody renewed it since then. */
  lease?: LeaseSeen | undefined;
  /** A person asked for the other one to lead. */
  switchover?: Said | undefined;
  /** A switchover or a fence closed the application logins of the leader, or may have; `lsn`: where its log stood when a switchover's last session had ended. */
  quiesced?: { lsn?: string | undefined } | undefined;
  /** The bound on the loss, frozen when the incident was committed. */
  lossSeconds?: number | undefined;
  /** The loss report, as things stood at the last look before the point of no return. */
  loss?: LossReport | undefined;
  intents: Partial<Record<Exclude<Step, OldStep>, Intent>>;
  cooldownUntilMs?: number | undefined;
  paused?: Said | undefined;
  vetoed?: Said | undefined;
  approved?: (Said & { epoch: number }) | undefined;
  forced?: Forced | undefined;
  /** A person has understood the incident: a replica is built, or this one is taken. */
  acked?: (Said & { replica?: string | undefined }) | undefined;
  /** When the incident passed each phase: the measured times of this run. */
  passed: Partial<Record<Phase, number>>;
}

/** What may be missing on the new leader; the salvage snapshot of the old one has it. */
export interface LossReport {
  /** Undefined when unknown. */
  seconds?: number | undefined;
  bytes?: number | undefined;
  /** The guard's last accepted write: when, and where the log stood. */
  lastWrite?: { atMs: number; lsn: string } | undefined;
  receivedLsn?: string | undefined;
  replayedLsn?: string | undefined;
  /** Commit time of the newest transaction that the new leader has. */
  lastReplayedCommitMs?: number | undefined;
}

export interface Fence {
  epoch: number;
  /** What the old primary had before, for an abort. */
  previousSecurityGroupIds: string[];
  orderedAtMs: number;
  /** Since when every look has found the fence in place and the primary unreachable. */
  quietSinceMs?: number | undefined;
  provenAtMs?: number | undefined;
  /** What Aurora said of its own attempt, at the old primary's storage. A fact for people, no rung of the proof. */
  storage?: 'blocked' | 'timed-out' | undefined;
}

/** The record of a pair that nothing has happened to yet. */
export const firstRecord = (pair: string, primary: Target, replica: Target, nowMs: number): FailoverRecord => ({
  schemaVersion: SCHEMA_VERSION,
  pair,
  version: 0,
  epoch: 0,
  phase: 'healthy',
  phaseSinceMs: nowMs,
  leader: primary,
  candidate: replica,
  retired: [],
  lastLookMs: nowMs,
  intents: {},
  passed: {},
});

type OfSchema2 = Omit<FailoverRecord, 'retired' | 'intents'> & {
  retired?: undefined;
  intents: FailoverRecord['intents'] & Pick<Retired['intents'], 'salvage' | 'stop'>;
};

/** A record of an earlier release in today's shape; one of today's or of a later release as it is. */
export const upgraded = (stored: FailoverRecord): FailoverRecord => {
  if (stored.schemaVersion >= 3) return stored;
  const { intents, fence, previousLeader, ...rest } = stored as unknown as OfSchema2;
  const { salvage, stop, ...others } = intents;
  const record = { ...rest, schemaVersion: SCHEMA_VERSION, retired: [], intents: others };
  if (previousLeader === undefined) return { ...record, fence };
  // Schema 2 knew one old primary, and its fence was the record's own.
  const orders = { 'fence-old': intents.fence, salvage, stop };
  return {
    ...record,
    previousLeader,
    retired: [{ ...previousLeader, epoch: stored.epoch, fence, intents: orders }],
  };
};

/** What is stored of a pair, in today's shape; the first record of one that nothing is stored of. */
export const recordOf = (
  stored: FailoverRecord | undefined,
  { pair, primary, replica }: { pair: string; primary: Target; replica: Target },
  nowMs: number,
): FailoverRecord => (stored === undefined ? firstRecord(pair, primary, replica, nowMs) : upgraded(stored));
