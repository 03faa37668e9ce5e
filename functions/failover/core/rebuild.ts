import { guardWord, isBroken, mayReceive } from './diagnose.ts';
import { isInstance, reportOf, sameHost } from './evidence.ts';
import { isShut } from './fence.ts';
import { isKeptFor, isLeased } from './lease.ts';
import { isOfPair, nameIn, rebuiltName, receivingWithinMs, type Target } from './policy.ts';
import type { FailoverRecord, Retired } from './record.ts';
import { readersPlan, type Situation } from './situation.ts';

/** An order to build that RDS refused is given again after this long. */
const BUILD_AGAIN_MS = 60_000;

/** Where and under which name the new leader's replica is built: in the old leader's region, never in place of it. */
export const rebuiltTarget = ({ record, policy }: Pick<Situation, 'record' | 'policy'>): Target | undefined => {
  const region = record.previousLeader?.region;
  const name = region === undefined ? undefined : nameIn(policy, region);
  if (region === undefined || name === undefined) return undefined;
  // A global database builds nothing: it adds its old primary back, as it was called.
  if (policy.kind === 'aurora-global') return { region, instance: record.previousLeader?.instance ?? name };
  return { region, instance: rebuiltName(name, record.epoch) };
};

/** The old primary that the replica is built like; undefined once a person deleted it. */
export const template = ({ retired, epoch }: FailoverRecord): Retired | undefined =>
  retired.find((one) => one.epoch === epoch);

const orderOf = ({ intents: { rebuild }, pair, epoch }: FailoverRecord) =>
  rebuild?.id === `${pair}/${epoch}/rebuild` ? rebuild : undefined;

/** Whether RDS is to be asked for a replica now: a person has acknowledged and named none, and nobody was asked for it yet. */
export const isRebuildOwed = (situation: Situation): boolean => {
  const { record, nowMs } = situation;
  const asked = orderOf(record);
  if (record.acked === undefined || record.acked.replica !== undefined || template(record) === undefined) return false;
  if (asked?.doneAtMs !== undefined && isShutOut(situation)) return nowMs - asked.atMs > BUILD_AGAIN_MS;
  return asked === undefined || (asked.doneAtMs === undefined && nowMs - asked.atMs > BUILD_AGAIN_MS);
};

/** A late order to fence it as an old primary may have come after the one that took it back. */
const isShutOut = ({ policy, record: { standby }, candidate }: Situation): boolean =>
  policy.kind === 'aurora-global' &&
  candidate !== undefined &&
  isShut(candidate, policy.fencedSecurityGroups[standby?.region ?? '']);

/** Whether the lease is to be handed to the new leader's guard: as soon as nothing else is missing. */
export const isLeaseOwed = (situation: Situation): boolean => {
  const { evidence, record, policy } = situation;
  const seen = reportOf(evidence.lease);
  if (!isLeased(policy) || seen === undefined || isKeptFor(seen.lease, record.leader, policy)) return false;
  return standingDoubts(situation).length === 0;
};

/** Why the pair is not armed again yet, in words for a person; empty when the standby follows. */
export const rearmDoubts = (situation: Situation): string[] => {
  const { record, policy, evidence } = situation;
  const doubts = standingDoubts(situation);
  const lease = reportOf(evidence.lease);
  if (doubts.length > 0 || !isLeased(policy) || (lease && isKeptFor(lease.lease, record.leader, policy))) return doubts;
  return [
    lease === undefined
      ? `its lease could not be read (${evidence.lease?.kind === 'no-answer' ? evidence.lease.because : 'not asked yet'})`
      : `its lease is to be handed to the guard in ${record.leader.region}`,
  ];
};

const standingDoubts = (situation: Situation): string[] => {
  const { record, policy, nowMs, evidence } = situation;
  const { leader, standby, cooldownUntilMs = 0 } = record;
  if (record.acked === undefined) return ['nobody has acknowledged the incident yet'];
  const stuck = stuckBecause(situation);
  if (stuck !== undefined) return [stuck];
  if (standby === undefined) return ['a replica is about to be asked for'];
  return [
    ...standbyDoubts(situation, standby),
    ...(guardWord(evidence)?.write.kind === 'wrote' ? [] : [`the guard in ${leader.region} sees no write accepted`]),
    ...(cooldownUntilMs > nowMs ? [`the cooldown lasts for another ${minutes(cooldownUntilMs - nowMs)}`] : []),
    ...(policy.names.reader === undefined || ['ours', 'conflict'].includes(readersPlan(situation)?.kind ?? '')
      ? []
      : ['the readers are still to be moved']),
  ];
};

const standbyDoubts = ({ record, policy, candidate, evidence }: Situation, { instance, region }: Target): string[] => {
  const replica = reportOf(evidence.replica);
  if (candidate === undefined) {
    return [
      `${instance} is not to be seen (${evidence.candidate.kind === 'no-answer' ? evidence.candidate.because : 'not asked yet'})`,
    ];
  }
  if (candidate.status !== 'available') return [`${instance} is ${candidate.status}`];
  // One that was fenced as an old primary would be behind a shut door when it is to lead.
  if (isShut(candidate, policy.fencedSecurityGroups[region]))
    return [`${instance} is still behind the empty security group`];
  if (replica === undefined) return [`${instance} could not be asked what it hears`];
  if (!mayReceive(evidence, receivingWithinMs(policy)))
    return [`${instance} hears nothing of ${record.leader.instance}`];
  return replica.heartbeat?.epoch === record.epoch
    ? []
    : [`${instance} does not show the leader's heartbeat of epoch ${record.epoch}`];
};

/** What will not change by itself; undefined where only time is needed. */
export const stuckBecause = (situation: Situation): string | undefined => {
  const { record, policy, candidate, evidence } = situation;
  const { leader, standby, acked, previousLeader } = record;
  if (acked === undefined) return undefined;
  const asked = orderOf(record);
  if (acked.replica === undefined && template(record) === undefined && asked?.doneAtMs === undefined)
    return 'the old primary is gone, so nothing says what a replica should be like: build one and name it';
  if (acked.replica === undefined && asked?.doneAtMs === undefined && asked?.lastError !== undefined)
    return `RDS was asked for a replica, and it was answered: ${asked.lastError}`;
  if (policy.fencedSecurityGroups[leader.region] === undefined)
    return `the config names no empty security group in ${leader.region} (replica.fencedSecurityGroupId): the new leader could not be fenced`;
  if (standby !== undefined && !isOfPair(policy, standby))
    return `the guard touches only ${nameIn(policy, standby.region)} and what is built anew as ${nameIn(policy, standby.region)}-e<epoch>, and ${standby.instance} is neither`;
  if (candidate === undefined || standby === undefined) return undefined;
  if (acked.replica !== undefined && isShut(candidate, policy.fencedSecurityGroups[standby.region]))
    return `${candidate.instance} is behind the empty security group: give it its own groups, or acknowledge once more without --replica`;
  if (isBroken(candidate.status)) return `${candidate.instance} is ${candidate.status}`;
  if (candidate.status === 'available' && !isInstance(candidate.source ?? '', leader.instance))
    return `${candidate.instance} is a replica of ${candidate.source ?? 'nobody'}, not of ${leader.instance}`;
  const errant = reportOf(evidence.replica)?.errant;
  if (errant !== undefined)
    return `${candidate.instance} has transactions of its own, which ${leader.instance} never had (${errant}): build another one and name it`;
  if (
    policy.names.mode === 'stop' &&
    candidate.endpoint &&
    !sameHost(candidate.endpoint.host, previousLeader?.endpoint?.host)
  )
    return `in mode stop a record leads to ${previousLeader?.endpoint?.host}, and ${candidate.instance} has another address: build the replica under the name ${previousLeader?.instance}, once that is deleted`;
  return undefined;
};

const minutes = (ms: number): string => (ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`);
