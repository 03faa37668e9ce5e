import { CLOCK_SKEW_MS, type Policy, type Target } from './policy.ts';

/** One item of a pair: the region whose guard keeps its primary open. Changed only by compare-and-swap on `seq`. */
export interface Lease {
  pair: string;
  /** The epoch of whoever took it last; 0 when nobody did. */
  epoch: number;
  /** A region, no instance: one that was restored under the same name is no intruder. */
  holder: string;
  seq: number;
  /** The door stood open at the last renewal, and these were its security groups. */
  open: boolean;
  groups: string[];
  /** The guard's own clock: no other region's is compared with it. */
  renewedAtMs: number;
  /** The guard closed the door by itself, or had to: it is to be opened again. */
  reopen?: boolean | undefined;
  /** The guard's promise to close its door this long after its last renewal. Absent of one that only watches: nothing may be built on it. */
  closesAfterSeconds?: number | undefined;
  /** Whose door it keeps: the first leader's, until it is handed to another one. Its region's guard renews, and closes. */
  keeper?: Target | undefined;
  /** Goes up with every renewal that tells a guard to open the door, and with the one that ends it. Absent of an earlier release. */
  openings?: number | undefined;
}

/** Whose door a lease keeps. */
export const keeperOf = (
  lease: { keeper?: Target | undefined } | undefined,
  { primary }: Pick<Policy, 'primary'>,
): Target => lease?.keeper ?? primary;

/** The door as RDS describes it; `unseen` when RDS did not answer. */
export type DoorSeen = { kind: 'open'; groups: string[] } | { kind: 'closed' } | { kind: 'unseen' };

/** The guard's next renewal of what is stored; `taken` when another region holds it. */
export const renewed = (
  before: Lease | undefined,
  now: {
    pair: string;
    region: string;
    ttlMs: number;
    door: DoorSeen;
    opened: boolean;
    /** This run found the door open and closed it, for the store was silent. */
    closed?: boolean;
    /** The store was silent since this run's last renewal: of two runs the other one may have closed the door. */
    silent?: boolean;
    atMs: number;
    watchesOnly?: boolean;
    keeper?: Target | undefined;
  },
): Lease | 'taken' => {
  const { pair, region, door, atMs } = now;
  if (before !== undefined && before.holder !== region) return 'taken';
  // A run that renewed meanwhile found closed what another one had closed, and wrote that down.
  const open = now.closed === true || (before?.open ?? true);
  // Nobody renewed for a ttl, or a run knew of no renewal for so long: the guard had to close the door by itself.
  const silent = now.silent === true && door.kind !== 'open';
  const lapsed = before !== undefined && (now.closed === true || silent || atMs - before.renewedAtMs > now.ttlMs);
  const reopen = !now.opened && (before?.reopen === true || (lapsed && open));
  return {
    pair,
    epoch: before?.epoch ?? 0,
    holder: region,
    seq: (before?.seq ?? 0) + 1,
    // A door found closed while the lease was kept was closed by a person, and stays so.
    open: door.kind === 'open' || (door.kind === 'unseen' && open) || reopen,
    groups: door.kind === 'open' ? door.groups : (before?.groups ?? []),
    renewedAtMs: atMs,
    ...(reopen ? { reopen } : {}),
    ...(now.watchesOnly ? {} : { closesAfterSeconds: now.ttlMs / 1000 }),
    openings: (before?.openings ?? 0) + (reopen || before?.reopen ? 1 : 0),
    ...((before ?? now).keeper && { keeper: (before ?? now).keeper }),
  };
};

/** The lease in the hands of the reconciler's region: from now on the guard must close its door. */
export const taken = (before: Lease, region: string, epoch: number): Lease => ({
  ...before,
  epoch,
  holder: region,
  seq: before.seq + 1,
});

/** The lease given back: its guard opens the door again if it stood open when the lease was taken. */
export const returned = (before: Lease, region: string): Lease => ({
  ...before,
  holder: region,
  seq: before.seq + 1,
  ...(before.open ? { reopen: true } : {}),
});

/** The lease in the hands of a new leader's guard, which promises anew; the old one's has nothing to do with it any more. */
export const handed = (before: Lease | undefined, pair: string, leader: Target, epoch: number): Lease => ({
  pair,
  epoch,
  holder: leader.region,
  seq: 1 + (before?.seq ?? 0),
  // Its door was not looked at yet: what its guard finds closed stays so.
  open: false,
  groups: [],
  renewedAtMs: before?.renewedAtMs ?? 0,
  keeper: { instance: leader.instance, region: leader.region },
});

/** What became of a renewal. Silence and errors are `no-answer`; `elsewhere`: it keeps the door of the other region's leader. */
export type LeaseWord =
  | { kind: 'renewed'; lease: Lease }
  | { kind: 'taken' }
  | { kind: 'no-answer' }
  | { kind: 'elsewhere' };

/** What the guard must do now: taken, or silent for a ttl, it closes; what it closed by itself it opens. */
export const guardDuty = (word: LeaseWord, sinceRenewalMs: number, ttlMs: number): 'nothing' | 'close' | 'open' => {
  switch (word.kind) {
    case 'taken':
      return 'close';
    case 'no-answer':
      return sinceRenewalMs >= ttlMs ? 'close' : 'nothing';
    case 'renewed':
      return word.lease.reopen ? 'open' : 'nothing';
    case 'elsewhere':
      return 'nothing';
  }
};

/** A guard's run ends at most this long before the next one starts. */
export const GUARD_GAP_MS = 15_000;
/** A guard that must close its door has closed it within this time. */
const CLOSING_MS = 15_000;

/** The guard renews this often. */
export const renewEveryMs = (ttlMs: number): number => ttlMs / 3;

/**
 * How long after the last renewal, by one clock, the old primary is closed for certain: a guard's last attempt (a third of
 * the ttl) and the next run's start (it has no memory and counts its own start as a renewal), a ttl, the closing, the clocks.
 */
export const leaseWaitMs = (ttlSeconds: number): number =>
  renewEveryMs(ttlSeconds * 1000) + GUARD_GAP_MS + ttlSeconds * 1000 + CLOSING_MS + CLOCK_SKEW_MS;

/** The least `maxLossSeconds` that a silent region can ever keep: what is committed until the guard has closed is lost. */
export const leastLossSeconds = (ttlSeconds: number, stepSeconds: number): number =>
  // A quiet pair is looked at every third of maxLossSeconds: so late may the last renewal be seen.
  Math.ceil((leaseWaitMs(ttlSeconds) / 1000 + stepSeconds) * 1.5);

/** What the reconciler remembers of a lease: no renewal was made after `sinceMs`, by its own clock. */
export interface LeaseSeen {
  seq: number;
  holder: string;
  epoch: number;
  sinceMs: number;
  closesAfterSeconds?: number | undefined;
  /** The leader took a write though its lease had run out: its guard closes nothing, whatever it promised. */
  broken?: true | undefined;
  keeper?: Target | undefined;
  openings?: number | undefined;
  /** No guard was told to open its door since then, by this side's clock. */
  calmSinceMs?: number | undefined;
}

/** The reconciler's answer: the lease, and when it was known. */
export interface LeaseReport {
  atMs: number;
  lease?: Lease | undefined;
}

/**
 * What is known after one more look. The same `seq` says that nobody renewed since it was first seen; our own taking, by
 * compare-and-swap on that very `seq`, says so too. Anything else starts anew. `wroteAtMs`: the leader took a write then.
 */
export const leaseSeen = (
  before: LeaseSeen | undefined,
  report: LeaseReport | undefined,
  region: string,
  wroteAtMs?: number,
): LeaseSeen | undefined => {
  if (report?.lease === undefined) return before;
  const { seq, holder, epoch, closesAfterSeconds, keeper, openings, reopen } = report.lease;
  const ours = before !== undefined && holder === region && before.holder !== region && seq === before.seq + 1;
  const goesOn = before !== undefined && (before.seq === seq || ours);
  const sinceMs = goesOn ? before.sinceMs : report.atMs;
  const ranOutMs = sinceMs + leaseWaitMs(closesAfterSeconds ?? 0);
  const calm = openings !== undefined && !reopen;
  const calmSinceMs = (before?.openings === openings ? before?.calmSinceMs : undefined) ?? report.atMs;
  const broken = (goesOn && before.broken) || (wroteAtMs !== undefined && wroteAtMs > ranOutMs);
  return {
    seq,
    holder,
    epoch,
    sinceMs,
    ...(closesAfterSeconds !== undefined && { closesAfterSeconds }),
    ...(broken && { broken }),
    ...(keeper && { keeper }),
    ...(openings !== undefined && { openings }),
    ...(calm && { calmSinceMs }),
  };
};

/**
 * Why a guard may still be opening its door, in words for a person. A run that read the order to open acts on it for a ttl, and
 * its last call to RDS takes a while: then nobody opens the door until `openings` goes up again, which the compare-and-swap sees.
 */
export const openingDoubt = (seen: LeaseSeen, policy: Pick<Policy, 'lease'>, nowMs: number): string | undefined => {
  if (seen.openings === undefined)
    return 'the guard that keeps the lease is of an earlier release, which does not note when it opens the door';
  if (seen.calmSinceMs === undefined) return 'the guard is opening the door: its lease had lapsed';
  const leftMs = openingEndMs(seen, policy) - nowMs;
  return leftMs > 0
    ? `the guard may have been opening the door a moment ago: another ${Math.ceil(leftMs / 1000)} s will tell`
    : undefined;
};

/** Until when a run of the guard that read an order to open may still be acting on it, by the reconciler's clock. */
const openingEndMs = (seen: LeaseSeen, policy: Pick<Policy, 'lease'>): number =>
  seen.openings === undefined
    ? Number.POSITIVE_INFINITY
    : (seen.calmSinceMs ?? seen.sinceMs) + leaseSeconds(seen, policy) * 1000 + CLOSING_MS;

/** True when the guard may have opened its door after `atMs`: the leader may have taken writes since, and been lost again. */
export const mayHaveOpened = (seen: LeaseSeen, policy: Pick<Policy, 'lease'>, atMs: number): boolean =>
  atMs < openingEndMs(seen, policy) + CLOCK_SKEW_MS;

/** True when the lease is in our hands, in this epoch. */
export const isOurs = (
  seen: LeaseSeen | undefined,
  record: { candidate: { region: string }; epoch: number },
): boolean => seen?.holder === record.candidate.region && seen.epoch === record.epoch;

/** A guard that is silent, and whose lease nobody renewed for this long, is not renewing. */
export const leaseSilentMs = (ttlSeconds: number): number => ttlSeconds * 1000 + GUARD_GAP_MS;

/** True where a lease is kept. Whether its table can carry one is asked of the table (LeaseStore.unfit). */
export const isLeased = ({ fence, lease }: Pick<Policy, 'fence' | 'lease'>): boolean =>
  fence === 'lease' && lease !== undefined;

/** The longer of what the guard promised and what this side reckons with: the two are deployed one after the other. */
export const leaseSeconds = (seen: LeaseSeen, policy: Pick<Policy, 'lease'>): number =>
  Math.max(seen.closesAfterSeconds ?? 0, policy.lease?.seconds ?? 0);

/** Why nothing may be built on a lease, whether it is renewed or not. */
export const leaseDoubt = (seen: LeaseSeen): string | undefined => {
  if (seen.closesAfterSeconds === undefined)
    return 'the guard that keeps the lease only watches: it would close nothing';
  return seen.broken ? 'the leader took writes though its lease had run out: no guard closes it' : undefined;
};

/** Whether a lease keeps this leader's door: another one's says nothing about it. */
export const isKeptFor = (
  lease: { keeper?: Target | undefined } | undefined,
  leader: Target,
  policy: Pick<Policy, 'primary'>,
): boolean => {
  const { instance, region } = keeperOf(lease, policy);
  return instance === leader.instance && region === leader.region;
};

/** When a lease that nobody renews has certainly closed the old primary; undefined when that cannot be said. */
export const leaseEndMs = (seen: LeaseSeen | undefined, policy: Pick<Policy, 'lease'>): number | undefined =>
  seen === undefined || policy.lease === undefined || leaseDoubt(seen) !== undefined
    ? undefined
    : seen.sinceMs + leaseWaitMs(leaseSeconds(seen, policy));
