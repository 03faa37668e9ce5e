import { intentId } from './conditions.ts';
import type { Decision } from './decide.ts';
import { guardWord } from './diagnose.ts';
import { type InstanceView, reportOf } from './evidence.ts';
import { closedDoubt } from './fence.ts';
import type { OldStep, Step } from './phases.ts';
import type { Policy, Target } from './policy.ts';
import { rebuiltTarget } from './rebuild.ts';
import {
  type FailoverRecord,
  type Fence,
  type Intent,
  isForwardOnly,
  type Leader,
  type LossReport,
  type Phase,
  type Retired,
  SCHEMA_VERSION,
} from './record.ts';
import { dueOld, isOldStep, oldIntentId, stillThere, viewOf } from './retired.ts';
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
  // The run before this one goes on until it sees that this one has looked.
  (before.lastRunMs ?? 0) < (after.lastRunMs ?? 0) ||
  before.hold?.because !== after.hold?.because ||
  // Every look of an incident is kept: the next one must know how long nobody looked.
  (after.failing !== undefined && (!isForwardOnly(after.phase) || after.phase === 'degraded')) ||
  before.vetoed !== after.vetoed ||
  before.switchover !== after.switchover ||
  (before.failing !== undefined && after.failing === undefined) ||
  before.retired.length !== after.retired.length ||
  before.fence?.quietSinceMs !== after.fence?.quietSinceMs ||
  before.fence?.storage !== after.fence?.storage ||
  isAnother(before.leader, after.leader) ||
  isAnother(before.candidate, after.candidate) ||
  after.lastLookMs - before.lastLookMs >= QUIET_WRITE_MS;

const isAnother = (before: Leader, after: Leader): boolean =>
  before.resourceId !== after.resourceId || before.endpoint?.host !== after.endpoint?.host;

/** Closes an order: done, or what went wrong. An error is remembered and proves nothing. */
export const closed = (
  record: FailoverRecord,
  step: Step,
  nowMs: number,
  error?: string,
  receipt?: string,
): FailoverRecord => {
  const end = (intent: Intent): Intent =>
    error === undefined
      ? { ...intent, doneAtMs: nowMs, lastError: undefined, receipt }
      : { ...intent, lastError: error };
  if (isOldStep(step)) return closedOld(record, step, end);
  const intent = record.intents[step];
  if (intent === undefined) return record;
  const next = { ...record, version: record.version + 1, intents: { ...record.intents, [step]: end(intent) } };
  const { quiesce, fence, 'return-lease': given } = record.intents;
  // A guard that found its lease taken may be closing the door still when it gets it back.
  const lastClosedMs = Math.max(...[quiesce, fence, given].map((one) => one?.atMs ?? 0));
  const areOpen = step === 'unfence' && error === undefined && nowMs - lastClosedMs > LATE_ORDER_MS;
  return areOpen ? { ...next, quiesced: undefined } : next;
};

/** The order about one that led before which was given last is the one that is closed. */
const closedOld = (record: FailoverRecord, step: OldStep, end: (intent: Intent) => Intent): FailoverRecord => {
  const givenMs = (one: Retired) => one.intents[step]?.atMs ?? Number.NEGATIVE_INFINITY;
  const lastMs = Math.max(...record.retired.map(givenMs));
  const retired = record.retired.map((one) => {
    const intent = one.intents[step];
    return intent !== undefined && givenMs(one) === lastMs
      ? { ...one, intents: { ...one.intents, [step]: end(intent) } }
      : one;
  });
  return { ...record, version: record.version + 1, retired };
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
    // Identities are learned while all is well, of a replica that is not silent, and are what an incident is judged against.
    leader: calm && primary ? learned(record.leader, primary) : record.leader,
    candidate:
      calm && situation.mayReceive && candidate?.source ? learned(record.candidate, candidate) : record.candidate,
    retired: stillThere(situation),
    fence: record.fence && {
      ...record.fence,
      quietSinceMs: quiet ? (record.fence.quietSinceMs ?? evidence.takenAtMs) : undefined,
      ...storageOf(situation),
    },
  };
};

/** What Aurora said of the old primary's storage, once: said and unsaid again it would be no fact. */
const storageOf = ({ record: { fence }, evidence }: Situation): Pick<Fence, 'storage'> => {
  const said = reportOf(evidence.storage);
  const storage = fence?.storage ?? (said === 'not-told' ? undefined : said);
  return storage === undefined ? {} : { storage };
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
    case 'confirming':
      // Its leader is in trouble: nobody's plan any more.
      return { ...next, switchover: undefined };
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
      if (isSamePlace(record.leader, record.candidate)) return next;
      return {
        ...next,
        // From here on it is about the new leader: what was seen of the old one and its fence stay with that one.
        ...{ failing: undefined, agreed: undefined, lost: undefined, lastWrite: undefined, fence: undefined },
        retired: [...record.retired, { ...record.leader, epoch: record.epoch, fence: record.fence, intents: {} }],
        previousLeader: record.leader,
        leader: situation.candidate ? learned(record.candidate, situation.candidate) : record.candidate,
      };
    case 'degraded':
      return { ...next, failing: undefined, cooldownUntilMs: nowMs + situation.policy.cooldownSeconds * 1000 };
    case 'healthy':
      return {
        ...(record.phase === 'degraded' ? swapped(next, situation) : next),
        approved: undefined,
        forced: undefined,
        // A single look that saw no write does not undo what a person asked for.
        switchover: record.phase === 'suspect' ? record.switchover : undefined,
        // An aborted epoch must not be followed by another at once: orders of it may still be under way.
        cooldownUntilMs: record.phase === 'aborting' ? nowMs + ABORT_COOLDOWN_MS : record.cooldownUntilMs,
      };
    default:
      return next;
  }
};

/** The standby follows: it is the candidate now, and whoever it replaces is in `retired`. */
const swapped = (record: FailoverRecord, { candidate }: Situation): FailoverRecord => {
  const { standby, ...rest } = withoutOld(record, candidate?.resourceId);
  if (standby === undefined || candidate === undefined) return record;
  return { ...rest, candidate: learned(standby, candidate) };
};

/** The old primary of a global database that follows now is nobody's old primary any more. */
const withoutOld = (record: FailoverRecord, followerId: string | undefined): FailoverRecord => ({
  ...record,
  retired: record.retired.filter(({ resourceId }) => resourceId === undefined || resourceId !== followerId),
});

const isSamePlace = (one: Target, other: Target): boolean =>
  one.instance === other.instance && one.region === other.region;

const lossReport = ({ record, evidence, loss }: Situation, seconds: number | undefined): LossReport => {
  const replica = reportOf(evidence.replica);
  return {
    seconds,
    bytes: loss.bytes,
    lastWrite: record.lastWrite,
    receivedLsn: replica?.receivedLsn,
    replayedLsn: replica?.replayedLsn,
    lastReplayedCommitMs: replica?.lastReplayedCommitMs,
  };
};

const ABORT_COOLDOWN_MS = 60_000;

const ordered = (record: FailoverRecord, decision: Decision & { kind: 'act' }, nowMs: number): FailoverRecord => {
  const { situation, step } = decision;
  if (isOldStep(step)) return orderedOld(record, step, situation, nowMs);
  const next = {
    ...record,
    intents: { ...record.intents, [step]: given(intentId(situation, step), nowMs, record.intents[step]) },
  };
  if (step === 'rebuild') return { ...next, standby: rebuiltTarget(situation) };
  if (step === 'quiesce') return { ...next, quiesced: {} };
  if (step !== 'fence') return next;
  const { leader, fence, epoch } = record;
  // A guard that closed the door by itself did so before anybody looked: its lease has the groups.
  const noted = reportOf(situation.evidence.lease)?.lease?.groups;
  return {
    ...next,
    // The fence closes logins first: a group that was given back says nothing of them.
    quiesced: record.quiesced ?? {},
    fence: fenceOrdered({ region: leader.region, fence, epoch }, situation.primary, situation.policy, nowMs, noted),
  };
};

const given = (id: string, nowMs: number, earlier: Intent | undefined): Intent => ({
  id,
  atMs: nowMs,
  attempts: earlier?.id === id ? earlier.attempts + 1 : 1,
});

const orderedOld = (record: FailoverRecord, step: OldStep, situation: Situation, nowMs: number): FailoverRecord => {
  const due = dueOld(situation, step);
  const order = (one: Retired): Retired => {
    const intents = { ...one.intents, [step]: given(oldIntentId(record.pair, one, step), nowMs, one.intents[step]) };
    if (step !== 'fence-old') return { ...one, intents };
    return { ...one, intents, fence: fenceOrdered(one, viewOf(situation, one), situation.policy, nowMs) };
  };
  return { ...record, retired: record.retired.map((one) => (one.epoch === due?.epoch ? order(one) : one)) };
};

/** The groups that the instance had before are noted: an abort gives them back, a replica built in its place gets them. */
const fenceOrdered = (
  { region, fence, epoch }: { region: string; fence?: Fence | undefined; epoch: number },
  view: InstanceView | undefined,
  policy: Policy,
  nowMs: number,
  noted: readonly string[] = [],
): Fence => {
  const empty = policy.fencedSecurityGroups[region];
  const before = view?.securityGroups.map(({ id }) => id).filter((id) => id !== empty) ?? [];
  return {
    epoch,
    previousSecurityGroupIds:
      [before, fence?.previousSecurityGroupIds ?? [], [...noted]].find((ids) => ids.length > 0) ?? [],
    orderedAtMs: nowMs,
    // The same epoch's: what Aurora did is not undone by an order of ours.
    ...(fence?.epoch === epoch && fence.storage !== undefined && { storage: fence.storage }),
  };
};
