import { type Diagnosis, diagnose, guardWord, isReceiving } from './diagnose.ts';
import { type Evidence, type InstanceView, reportOf } from './evidence.ts';
import { type LossBound, lossBound } from './loss.ts';
import { type NamesPlan, planNames } from './names.ts';
import { type Policy, receivingWithinMs } from './policy.ts';
import type { FailoverRecord } from './record.ts';

export type VantagePoint = 'guard' | 'witness' | 'replica';

/** One frozen snapshot, with everything that is derived from it once: gates and conditions read this and nothing else. */
export interface Situation {
  record: FailoverRecord;
  evidence: Evidence;
  policy: Policy;
  nowMs: number;
  diagnosis: Diagnosis;
  receiving: boolean;
  /** The primary as RDS describes it, by the guard. */
  primary: InstanceView | undefined;
  candidate: InstanceView | undefined;
  loss: LossBound;
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
  const failingSinceMs = record.failingSinceMs ?? (isFailing(diagnosis) ? nowMs : undefined);
  const word = guardWord(evidence);
  const lostSinceMs = record.lostSinceMs ?? (word?.write.kind === 'unreachable' ? evidence.takenAtMs : failingSinceMs);
  return {
    record,
    evidence,
    policy,
    nowMs,
    diagnosis,
    receiving: isReceiving(evidence, receivingWithinMs(policy)),
    against,
    primary: word && reportOf(word.instance),
    candidate: reportOf(evidence.candidate),
    loss: lossBound(lostSinceMs, record.lastWrite?.lsn, reportOf(evidence.replica)),
    failingMs: record.failingSinceMs === undefined ? 0 : nowMs - record.failingSinceMs,
    agreedMs: record.agreedSinceMs === undefined || !agree ? 0 : nowMs - record.agreedSinceMs,
    agree,
  };
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
  if (reportOf(evidence.replica)?.inRecovery && !isReceiving(evidence, withinMs)) against.push('replica');
  return against;
};

/** The change of names that this record asks for once its leader is the promoted one; undefined where too little is known. */
export const namesPlan = ({ record, evidence, policy }: Situation): NamesPlan | undefined => {
  const seen = reportOf(evidence.names);
  const target = record.leader.endpoint;
  if (seen === undefined || target === undefined) return undefined;
  return planNames(seen, {
    writer: policy.names.writer,
    ttlSeconds: policy.names.ttlSeconds,
    epoch: record.epoch,
    instance: record.leader.instance,
    target: target.host,
    from: record.previousLeader?.endpoint?.host,
  });
};
