import { guardWord } from './diagnose.ts';
import { reportOf } from './evidence.ts';
import { closedDoubt, QUIET_MS } from './fence.ts';
import { closedGates, type GateName, type GateRow } from './gates.ts';
import { isKeptFor, isLeased, isOurs, leaseDoubt, leaseSeconds, leaseSilentMs, openingDoubt } from './lease.ts';
import { hasAll } from './position.ts';
import type { FailoverRecord } from './record.ts';
import { isFailing, type Situation } from './situation.ts';

/** An order to switch over that could not begin is forgotten after this long: nobody wants it an hour later. */
export const ASKED_FOR_MS = 120_000;

/** The writers wait for the whole of it: what takes longer is called off and opened again. */
export const SWITCHOVER_MS = 60_000;

/** Sessions need a moment to end: then it is asked again whether any is left. */
const QUIESCE_AGAIN_MS = 2_000;

/** A late order may close the logins up to this long after it was given: they are opened again until then. */
export const LATE_ORDER_MS = 20_000;

// What must be so of the other side, now and at the point of no return: the others are about a disaster.
const NEEDED: readonly GateName[] = ['G5', 'G8', 'G9'];

/** Why a switchover must not begin now, in words for a person. */
export const switchoverDoubts = (situation: Situation, gates: readonly GateRow[]): string[] => {
  const { record, policy, diagnosis, evidence } = situation;
  return [
    ...(policy.mode === 'observe' ? ['the mode is observe: this pair is watched only'] : []),
    ...(diagnosis === 'healthy' ? [] : ['the leader is not well']),
    ...hearingDoubts(situation),
    ...(reportOf(evidence.guard)?.write.kind === 'wrote' ? [] : ['the guard sees no write accepted']),
    ...(canBeWaitedFor(evidence) ? [] : [`the log of the leader has no position to wait for: ${toHaveOne(policy)}`]),
    ...(policy.fencedSecurityGroups[record.leader.region] === undefined
      ? [`the config names no empty security group in ${record.leader.region}`]
      : []),
    ...(record.leader.resourceId === undefined ? ['the leader was never seen well'] : []),
    ...neededGates(situation, gates),
    ...leaseDoubts(situation),
  ];
};

/** Where a server tells no time of its last message, two looks a step apart do. */
const hearingDoubts = ({ receiving, mayReceive }: Situation): string[] => {
  if (receiving) return [];
  return mayReceive
    ? ['whether the replica still hears from its source is known at the next look']
    : ['the replica does not hear from its source'];
};

/** A leased pair's guard opens and closes the door by itself: it must have nothing in hand, and be there to let the lease go. */
const leaseDoubts = ({ record, policy, evidence, lease, nowMs }: Situation): string[] => {
  if (policy.fence !== 'lease') return [];
  if (!isLeased(policy)) return ['a lease needs a table that outlives the recovery region, and none is configured'];
  if (lease === undefined || reportOf(evidence.lease)?.lease === undefined) {
    const because = evidence.lease?.kind === 'no-answer' ? ` (${evidence.lease.because})` : '';
    return [`its lease is not to be seen${because}`];
  }
  if (!isKeptFor(lease, record.leader, policy))
    return [`the lease is another leader's, and keeps no door of ${record.leader.instance}`];
  const unchangedMs = nowMs - lease.sinceMs;
  return [
    leaseDoubt(lease),
    unchangedMs < leaseSilentMs(leaseSeconds(lease, policy))
      ? undefined
      : `the lease has not been renewed for ${Math.round(unchangedMs / 1000)} s: its guard does not run`,
    openingDoubt(lease, policy, nowMs),
  ].filter((doubt) => doubt !== undefined);
};

const toHaveOne = ({ kind }: Situation['policy']): string =>
  kind === 'aurora-global' ? 'run the setup script of this release on it' : 'turn its GTIDs on';

/** A MySQL server without GTIDs says nothing of how far its log has come. */
const canBeWaitedFor = ({ guard }: Situation['evidence']): boolean => {
  const write = reportOf(guard)?.write;
  return write?.kind !== 'wrote' || hasAll(write.lsn, write.lsn) === true;
};

const neededGates = (situation: Situation, gates: readonly GateRow[]): string[] =>
  closedGates(gates, situation)
    .filter(({ gate }) => NEEDED.includes(gate))
    .map(({ whyNot }) => whyNot);

/** Whether somebody asked a short while ago. */
export const isAsked = ({ record, nowMs }: Situation): boolean =>
  record.switchover !== undefined && nowMs - record.switchover.atMs <= ASKED_FOR_MS;

/** Whether it must be undone. Once the door is shut nobody sees the leader any more: then only a person and the clock count. */
export const isOff = ({ record, nowMs, diagnosis }: Situation): boolean =>
  record.vetoed !== undefined ||
  nowMs - (record.passed.quiescing ?? record.phaseSinceMs) > SWITCHOVER_MS ||
  (record.phase !== 'closing' && isFailing(diagnosis));

/** Whether an order to quiesce is due: none of this epoch was carried out, and the last one had its moment. */
export const quiesceOwed = ({ record, nowMs }: Situation): boolean => {
  const asked = ordered(record);
  return asked === undefined || (asked.doneAtMs === undefined && nowMs - asked.atMs > QUIESCE_AGAIN_MS);
};

/** Where the log stands now that no application session is left; undefined while one may be. */
export const lastPosition = ({ record, evidence }: Situation): string | undefined => {
  const { doneAtMs } = ordered(record) ?? {};
  // A look that began before the last session had ended may have read the position too early.
  if (doneAtMs === undefined || evidence.takenAtMs < doneAtMs) return undefined;
  const write = guardWord(evidence)?.write;
  return write?.kind === 'wrote' ? write.lsn : undefined;
};

/** Whether the replica has everything, and can be promoted. */
export const isDrained = (situation: Situation, gates: readonly GateRow[]): boolean => {
  const { replayedLsn, receivedLsn } = reportOf(situation.evidence.replica) ?? {};
  const hasLast = hasAll(replayedLsn, situation.record.quiesced?.lsn) ?? false;
  const hasReceived = hasAll(replayedLsn, receivedLsn) ?? false;
  return hasLast && hasReceived && neededGates(situation, gates).length === 0;
};

/** Whether nothing can get into the old primary any more: its sessions were ended by SQL, the empty group is active, at two looks. */
export const isClosed = (situation: Situation): boolean => {
  const { record, nowMs } = situation;
  const doubt = closedDoubt(situation);
  return doubt === undefined && nowMs - (record.fence?.quietSinceMs ?? nowMs) >= QUIET_MS;
};

/**
 * Whether the lease is to be taken: the door is shut, with no session left inside, and no run of the guard has an order to open it.
 * Taken by compare-and-swap on the very renewal that was looked at, it can never be opened by its guard after that.
 */
export const isLeaseDue = (situation: Situation): boolean => {
  const { policy, evidence, lease, record, nowMs } = situation;
  if (!isLeased(policy) || lease === undefined || reportOf(evidence.lease) === undefined) return false;
  if (isOurs(lease, record) || closedDoubt(situation) !== undefined) return false;
  return openingDoubt(lease, policy, nowMs) === undefined;
};

/** Whether no guard keeps the door open for the old primary any more: its lease is ours, or it never had one. */
export const isLeaseGone = ({ policy, evidence, lease, record }: Situation): boolean =>
  policy.fence !== 'lease' || (reportOf(evidence.lease) !== undefined && isOurs(lease, record));

/** Whether its sessions were ended one by one, in this epoch: then a running engine serves nobody. */
export const isEmptied = (record: FailoverRecord): boolean =>
  record.phase === 'closing' && ordered(record)?.doneAtMs !== undefined;

const ordered = ({ intents: { quiesce }, pair, epoch }: FailoverRecord) =>
  quiesce?.id === `${pair}/${epoch}/quiesce` ? quiesce : undefined;
