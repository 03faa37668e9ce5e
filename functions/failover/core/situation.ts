import { type Diagnosis, diagnose, guardWord, isReceiving, mayReceive } from './diagnose.ts';
import { type Evidence, type GuardReport, type InstanceView, reportOf } from './evidence.ts';
import { isKeptFor, isLeased, type LeaseSeen, leaseEndMs, leaseSeen, mayHaveOpened } from './lease.ts';
import { type LossBound, lossBound } from './loss.ts';
import { type NamesPlan, planNames } from './names.ts';
import { readersHostOf } from './names-cluster.ts';
import { planFlip } from './names-flip.ts';
import { planReaders } from './names-reader.ts';
import { otherReaders } from './names-readers.ts';
import { type Policy, receivingWithinMs } from './policy.ts';
import { hasAll } from './position.ts';
import type { Failing, FailoverRecord } from './record.ts';
import { carriedOn, isUnbroken, type Span, type Streak } from './streak.ts';

export type VantagePoint = 'guard' | 'witness' | 'replica';

/** One frozen snapshot, with everything that is derived from it once: gates and conditions read this and nothing else. */
export interface Situation {
  record: FailoverRecord;
  evidence: Evidence;
  policy: Policy;
  nowMs: number;
  diagnosis: Diagnosis;
  /** It is proven that the replica hears its source. */
  receiving: boolean;
  /** It receives, or its silence does not prove that it does not. */
  mayReceive: boolean;
  /** The primary as RDS describes it, by the guard. */
  primary: InstanceView | undefined;
  candidate: InstanceView | undefined;
  loss: LossBound;
  failing: Failing | undefined;
  agreed: Streak | undefined;
  lost: Streak | undefined;
  /** What is known of the pair's lease. */
  lease?: LeaseSeen | undefined;
  /** For how long no vantage point saw a write accepted. */
  failingMs: number;
  /** For how long two vantage points have agreed. */
  agreedMs: number;
  /** Who says that the leader takes no writes. */
  against: VantagePoint[];
  /** Whether two vantage points agree in this very snapshot. */
  agree: boolean;
}

/** Derives the situation from what is remembered and what was seen. */
export const assess = (record: FailoverRecord, evidence: Evidence, policy: Policy, nowMs: number): Situation => {
  const diagnosis = diagnose(evidence, receivingWithinMs(policy));
  const against = vantagePointsAgainst(evidence, receivingWithinMs(policy));
  const agree = isFailing(diagnosis) && against.length >= 2;
  const word = guardWord(evidence);
  // A replica that received more since was fed: the leader was back, and everything counts from now.
  const receivedLsn = reportOf(evidence.replica)?.receivedLsn;
  const fed = hasAll(record.failing?.receivedLsn, receivedLsn) === false;
  const before = fed ? undefined : record;
  const span = spanOf(evidence);
  const failing = isFailing(diagnosis)
    ? { ...carriedOn(before?.failing, span), receivedLsn: before?.failing?.receivedLsn ?? receivedLsn }
    : undefined;
  const agreed = agree ? carriedOn(before?.agreed, span) : undefined;
  // Another leader's writes say nothing of the guard that keeps this lease.
  const kept = isKeptFor(reportOf(evidence.lease)?.lease, record.leader, policy);
  const wroteAtMs = kept && word?.write.kind === 'wrote' ? word.atMs : undefined;
  const lease = leaseSeen(record.lease, reportOf(evidence.lease), record.candidate.region, wroteAtMs);
  // Its guard shuts a leader out and lets it back in: a door that was opened between two looks was a return that none of them found.
  const { lost: known } = record;
  const opened = isLeased(policy) && lease !== undefined && known !== undefined;
  const since = opened && mayHaveOpened(lease, policy, known.seenMs) ? undefined : before?.lost;
  const lost = failing && lostAfter(since, word, evidence.takenAtMs);
  // Behind a silent guard commits go on until the lease has closed the door.
  const lostSinceMs = isLeased(policy) && word === undefined ? leaseEndMs(lease, policy) : (lost ?? failing)?.sinceMs;
  return {
    record,
    evidence,
    policy,
    nowMs,
    diagnosis,
    receiving: isReceiving(evidence, receivingWithinMs(policy)),
    mayReceive: mayReceive(evidence, receivingWithinMs(policy)),
    against,
    primary: word && reportOf(word.instance),
    candidate: reportOf(evidence.candidate),
    loss: lossBound(lostSinceMs, record.lastWrite?.lsn, reportOf(evidence.replica)),
    failing,
    agreed,
    lost,
    lease,
    failingMs: lasted(failing, nowMs),
    agreedMs: lasted(agreed, nowMs),
    agree,
  };
};

const lasted = (streak: Streak | undefined, nowMs: number): number => (streak ? nowMs - streak.sinceMs : 0);

/** When the answers of this look were given, by the clocks of those who gave them. */
const spanOf = ({ takenAtMs, guard, witness, replica }: Evidence): Span => {
  const told = reportOf(witness);
  const reports = [reportOf(guard), told, told && reportOf(told.guard), reportOf(replica)];
  return { fromMs: takenAtMs, toMs: Math.max(takenAtMs, ...reports.flatMap((one) => (one ? [one.atMs] : []))) };
};

/** Since when the guard finds the primary lost, after this word of it. A server that answers is not lost. */
const lostAfter = (
  before: Streak | undefined,
  word: GuardReport | undefined,
  takenAtMs: number,
): Streak | undefined => {
  // A silent guard says nothing: what it said before is good for as long as a return would have been seen.
  if (word === undefined) return isUnbroken(before, takenAtMs) ? before : undefined;
  return word.write.kind === 'unreachable' ? carriedOn(before, { fromMs: word.atMs, toMs: word.atMs }) : undefined;
};

/** True when nobody saw the leader accept a write. */
export const isFailing = (diagnosis: Diagnosis): boolean => diagnosis !== 'healthy' && diagnosis !== 'link-down';

/** Who says that the leader takes no writes: the guard in its VPC, the witness in a third region, the replica that hears nothing. */
const vantagePointsAgainst = (evidence: Evidence, withinMs: number): VantagePoint[] => {
  const against: VantagePoint[] = [];
  const witness = reportOf(evidence.witness);
  const told = witness && reportOf(witness.guard);
  // A region that answers neither here nor at the witness is silent to two regions; one of them alone proves nothing.
  const regionSilent = witness?.guard.kind === 'no-answer' && evidence.guard.kind === 'no-answer';
  if (reportOf(evidence.guard)?.write.kind === 'unreachable' || regionSilent) against.push('guard');
  if (told?.write.kind === 'unreachable' || regionSilent) against.push('witness');
  if (reportOf(evidence.replica)?.inRecovery && !mayReceive(evidence, withinMs)) against.push('replica');
  return against;
};

/** The change of names that this record asks for once its leader is the promoted one; undefined where too little is known. */
export const namesPlan = ({ record, evidence, policy }: Situation): NamesPlan | undefined => {
  const seen = reportOf(evidence.names);
  const target = record.leader.endpoint;
  if (target === undefined) return undefined;
  if (policy.names.mode === 'stop') {
    return planFlip(seen, {
      writer: policy.names.writer,
      target: target.host,
      from: record.previousLeader?.endpoint?.host,
      standby: record.leader.region === policy.replica.region,
    });
  }
  if (seen === undefined) return undefined;
  return planNames(seen, {
    writer: policy.names.writer,
    ttlSeconds: policy.names.ttlSeconds,
    epoch: record.epoch,
    instance: record.leader.instance,
    target: target.host,
    from: record.previousLeader?.endpoint?.host,
  });
};

/** The change that the readers' name needs: the leader's replicas are read from, and the leader itself while it has none. */
export const readersPlan = ({ record, evidence, policy, candidate }: Situation): NamesPlan | undefined => {
  const seen = reportOf(evidence.readers);
  const { reader, ttlSeconds } = policy.names;
  // A standby that nobody could ask about says nothing: the readers stay where they are.
  if (seen === undefined || reader === undefined || (record.standby !== undefined && candidate === undefined))
    return undefined;
  const follows = candidate?.source !== undefined && candidate.status === 'available';
  const from = follows ? candidate : record.leader;
  if (from.endpoint === undefined) return undefined;
  const others = otherReaders(seen, evidence.others, record.leader.instance);
  // The leader is read from only where nobody else can be.
  const own =
    follows || others.wanted.length === 0 ? [{ instance: from.instance, host: readersHostOf(from.endpoint.host) }] : [];
  return planReaders(seen, {
    reader,
    ttlSeconds,
    epoch: record.epoch,
    wanted: [...own, ...others.wanted],
    known: [...[record.leader, record.previousLeader, candidate].map((one) => one?.endpoint?.host), ...others.known],
  });
};
