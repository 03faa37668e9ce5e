import { intentId } from './conditions.ts';
import type { Decision } from './decide.ts';
import { guardWord } from './diagnose.ts';
import { type InstanceView, reportOf } from './evidence.ts';
import { closedDoubt } from './fence.ts';
import {
  type FailoverRecord,
  isForwardOnly,
  type Leader,
  type LossReport,
  type Phase,
  SCHEMA_VERSION,
} from './record.ts';
import { sentenceOf } from './sentence.ts';
import { isFailing, type Situation } from './situation.ts';
import { isAsked, LATE_ORDER_MS, lastPosition } from './switchover.ts';

/** A quiet pair's record is written this often; every change is written at once. */
const QUIET_WRITE_MS = 50_000;

/** The record after a decision, before its side effect: what was seen, where we are, and the order about to be given. */
export const advance = (decision: Decision, nowMs: number): FailoverRecord => {
  const { situation } = decision;
  let next = remembered(decision);
  if (decision.kind === 'move') next = entered(next, decision.to, decision, nowMs);
  if (decision.kind === 'act') next = ordered(next, decision, nowMs);
  next.hold =
    decision.kind === 'hold'
      ? {
          because: decision.reason,
          sinceMs: situation.record.hold?.because === decision.reason ? situation.record.hold.sinceMs : nowMs,
          sentence: sentenceOf(decision),
        }
      : // An order given again within a hold does not end it: people were told once.
        decision.kind === 'act'
        ? situation.record.hold
        : undefined;
  return { ...next, lastLookMs: nowMs, version: situation.record.version + 1 };
};

/** True when the advanced record says something that the loaded one did not, or the loaded one has grown old. */
export const isWorthWriting = (before: FailoverRecord, decision: Decision, after: FailoverRecord): boolean =>
  decision.kind === 'act' ||
  decision.kind === 'move' ||
  before.version === 0 ||
  before.hold?.because !== after.hold?.because ||
  // Every look of an incident is kept: the next one must know how long nobody looked.
  (after.failing !== undefined && !isForwardOnly(after.phase)) ||
  before.vetoed !== after.vetoed ||
  before.switchover !== after.switchover ||
  (before.failing !== undefined && after.failing === undefined) ||
  before.fence?.quietSinceMs !== after.fence?.quietSinceMs ||
  isAnother(before.leader, after.leader) ||
  isAnother(before.candidate, after.candidate) ||
  after.lastLookMs - before.lastLookMs >= QUIET_WRITE_MS;

const isAnother = (before: Leader, after: Leader): boolean =>
  before.resourceId !== after.resourceId || before.endpoint?.host !== after.endpoint?.host;

/** Closes an order: done, or what went wrong. An error is remembered and proves nothing. */
export const closed = (
  record: FailoverRecord,
  step: keyof FailoverRecord['intents'],
  nowMs: number,
  error?: string,
  receipt?: string,
) => {
  const intent = record.intents[step];
  if (intent === undefined) return record;
  const done =
    error === undefined
      ? { ...intent, doneAtMs: nowMs, lastError: undefined, receipt }
      : { ...intent, lastError: error };
  const next = { ...record, version: record.version + 1, intents: { ...record.intents, [step]: done } };
  const lastClosedMs = Math.max(record.intents.quiesce?.atMs ?? 0, record.intents.fence?.atMs ?? 0);
  const areOpen = step === 'unfence' && error === undefined && nowMs - lastClosedMs > LATE_ORDER_MS;
  return areOpen ? { ...next, quiesced: undefined } : next;
};

const remembered = ({ situation }: Decision): FailoverRecord => {
  const { record, evidence, primary, candidate, failing, agreed, lost } = situation;
  const word = guardWord(evidence);
  const calm = record.phase === 'healthy' && situation.diagnosis === 'healthy';
  const quiet = record.fence !== undefined && closedDoubt(situation) === undefined;
  return {
    ...record,
    schemaVersion: SCHEMA_VERSION,
    // What could not begin in time is forgotten.
    switchover: record.phase === 'healthy' && !isAsked(situation) ? undefined : record.switchover,
    failing,
    agreed,
    lost,
    lease: situation.lease,
    // A veto is about a leader that is down: it outlives the incident that it ended, until the leader is back.
    vetoed: isFailing(situation.diagnosis) ? record.vetoed : undefined,
    lastWrite:
      word?.write.kind === 'wrote' && !isForwardOnly(record.phase)
        ? { atMs: word.atMs, lsn: word.write.lsn }
        : record.lastWrite,
    // Identities are learned while all is well, of a replica that receives, and are what an incident is judged against.
    leader: calm && primary ? learned(record.leader, primary) : record.leader,
    candidate:
      calm && situation.receiving && candidate?.source ? learned(record.candidate, candidate) : record.candidate,
    fence: record.fence && {
      ...record.fence,
      quietSinceMs: quiet ? (record.fence.quietSinceMs ?? evidence.takenAtMs) : undefined,
    },
  };
};

const learned = (known: Leader, view: InstanceView): Leader => ({
  ...known,
  resourceId: view.resourceId,
  endpoint: view.endpoint ?? known.endpoint,
});

const entered = (record: FailoverRecord, to: Phase, decision: Decision, nowMs: number): FailoverRecord => {
  const { situation } = decision;
  const next: FailoverRecord = {
    ...record,
    phase: to,
    phaseSinceMs: nowMs,
    passed: { ...(record.phase === 'healthy' && to !== 'aborting' ? {} : record.passed), [to]: nowMs },
  };
  switch (to) {
    case 'quiescing':
      return {
        ...next,
        epoch: record.epoch + 1,
        lossSeconds: 0,
        approved: undefined,
        forced: undefined,
        acked: undefined,
      };
    case 'draining':
      return { ...next, quiesced: { lsn: lastPosition(situation) } };
    case 'aborting':
      return { ...next, switchover: undefined };
    case 'fencing':
      return {
        ...next,
        epoch: record.epoch + 1,
        lossSeconds: Number.isFinite(situation.loss.seconds) ? situation.loss.seconds : undefined,
        approved: undefined,
        acked: undefined,
        // What was accepted for this incident goes with it into its epoch.
        forced: record.forced?.epoch === record.epoch ? { ...record.forced, epoch: record.epoch + 1 } : undefined,
      };
    case 'promoting':
      return {
        ...next,
        fence: record.fence && { ...record.fence, provenAtMs: record.fence.quietSinceMs },
        loss: lossReport(situation, record.lossSeconds),
        // The old one leads no more: nobody opens it again.
        quiesced: undefined,
      };
    case 'switching-names':
      // A return from verifying-names: the leader was changed already.
      if (record.previousLeader !== undefined) return next;
      return {
        ...next,
        previousLeader: record.leader,
        leader: situation.candidate ? learned(record.candidate, situation.candidate) : record.candidate,
      };
    case 'degraded':
      return { ...next, cooldownUntilMs: nowMs + situation.policy.cooldownSeconds * 1000 };
    case 'healthy':
      return {
        ...next,
        approved: undefined,
        forced: undefined,
        switchover: undefined,
        // An aborted epoch must not be followed by another at once: orders of it may still be under way.
        cooldownUntilMs: record.phase === 'aborting' ? nowMs + ABORT_COOLDOWN_MS : record.cooldownUntilMs,
      };
    default:
      return next;
  }
};

const lossReport = ({ record, evidence, loss }: Situation, seconds: number | undefined): LossReport => {
  const replica = reportOf(evidence.replica);
  return {
    seconds,
    bytes: loss.bytes,
    lastWrite: record.lastWrite,
    receivedLsn: replica?.receivedLsn,
    lastReplayedCommitMs: replica?.lastReplayedCommitMs,
  };
};

const ABORT_COOLDOWN_MS = 60_000;

const ordered = (record: FailoverRecord, decision: Decision & { kind: 'act' }, nowMs: number): FailoverRecord => {
  const { situation, step } = decision;
  const id = intentId(situation, step);
  const earlier = record.intents[step];
  const attempts = earlier?.id === id ? earlier.attempts + 1 : 1;
  const next = { ...record, intents: { ...record.intents, [step]: { id, atMs: nowMs, attempts } } };
  if (step === 'quiesce') return { ...next, quiesced: {} };
  return step === 'fence' ? { ...next, fence: fenceOrdered(record, decision, nowMs) } : next;
};

const fenceOrdered = (record: FailoverRecord, { situation }: Decision, nowMs: number): FailoverRecord['fence'] => {
  const { primary, policy } = situation;
  const { region } = record.previousLeader ?? record.leader;
  const empty = policy.fencedSecurityGroups[region];
  const before = primary?.securityGroups.map(({ id }) => id).filter((id) => id !== empty) ?? [];
  return {
    epoch: record.epoch,
    previousSecurityGroupIds: before.length > 0 ? before : (record.fence?.previousSecurityGroupIds ?? []),
    orderedAtMs: nowMs,
  };
};
