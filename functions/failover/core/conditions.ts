import { guardWord } from './diagnose.ts';
import { reportOf, sameHost } from './evidence.ts';
import { fenceDoubt, fenceNeeded, isOpen, leaseLeftMs } from './fence.ts';
import type { GateRow } from './gates.ts';
import { closedGates } from './gates.ts';
import { isLeased, isOurs } from './lease.ts';
import type { Condition, OldStep, Step } from './phases.ts';
import { MAX_EVIDENCE_AGE_MS, PROMOTE_AGAIN_AFTER_MS } from './policy.ts';
import { isLeaseOwed, isRebuildOwed, rearmDoubts, stuckBecause } from './rebuild.ts';
import { SCHEMA_VERSION } from './record.ts';
import { dueOld } from './retired.ts';
import { isFailing, namesPlan, readersPlan, type Situation } from './situation.ts';
import {
  isAsked,
  isClosed,
  isDrained,
  isLeaseDue,
  isLeaseGone,
  isOff,
  lastPosition,
  quiesceOwed,
  switchoverDoubts,
} from './switchover.ts';

type OwnStep = Exclude<Step, OldStep>;

export type Predicate = (situation: Situation, gates: readonly GateRow[]) => boolean;

/** A leader whose door was opened is given this long to be seen again. */
const LOGINS_WAIT_MS = 30_000;

/** An order given this recently is left to work before it is given again. */
const ORDER_AGAIN_AFTER_MS = 10_000;

/** What can wait is tried again this often: between two tries other rows have their turn. */
const TRY_AGAIN_AFTER_MS = 60_000;

/** What each condition of the phase table means. */
export const CONDITIONS: Readonly<Record<Condition, Predicate>> = {
  'record-is-newer': ({ record }) => record.schemaVersion > SCHEMA_VERSION,
  'evidence-is-old': ({ evidence, nowMs }) => nowMs - evidence.takenAtMs > MAX_EVIDENCE_AGE_MS,
  paused: ({ record }) => record.paused !== undefined,

  'leader-is-fenced-by-us': (s) =>
    s.primary !== undefined &&
    ((s.record.fence !== undefined && !isOpen(s)) || (s.record.quiesced !== undefined && !isFailing(s.diagnosis))),
  'nobody-sees-a-write': ({ diagnosis }) => isFailing(diagnosis),
  'link-is-down': ({ diagnosis }) => diagnosis === 'link-down',
  recovered: ({ diagnosis }) => !isFailing(diagnosis),
  'two-agree': ({ agree }) => agree,
  'not-two-agree': ({ agree }) => !agree,

  'a-gate-is-closed': (s, gates) => closedGates(gates, s).length > 0,
  // Who forces an incident has approved it.
  'approval-is-needed': ({ policy, record }) => policy.mode === 'approve' && record.forced?.epoch !== record.epoch,
  approved: ({ record: { approved, forced, epoch } }) => approved?.epoch === epoch || forced?.epoch === epoch,

  'called-off': (s) =>
    s.record.vetoed !== undefined ||
    !isFailing(s.diagnosis) ||
    s.receiving ||
    (fenceNeeded(s) !== 'none' && s.primary?.status === 'available'),
  'fence-not-ordered': (s) => {
    const { fence, epoch, intents } = s.record;
    if (fence?.epoch !== epoch || intents.fence?.id !== intentId(s, 'fence')) return true;
    return s.primary !== undefined && isOpen(s) && s.nowMs - intents.fence.atMs > ORDER_AGAIN_AFTER_MS;
  },
  'fence-waived': (s) => fenceNeeded(s) === 'none' && s.record.intents.fence?.id === intentId(s, 'fence'),
  'lease-not-taken': ({ policy, lease, record }) => isLeased(policy) && lease !== undefined && !isOurs(lease, record),
  'lease-run-out': (s) => fenceNeeded(s) === 'lease' && isLeased(s.policy) && leaseLeftMs(s) === 0,
  'lease-to-take': isLeaseDue,
  'lease-is-ours': ({ policy, lease, record }) =>
    isLeased(policy) && lease !== undefined && lease.holder !== record.leader.region,
  'fence-proven': (s) => fenceDoubt(s) === undefined,
  // Logins that were closed are opened by SQL: a leader that is down gets them when it is back.
  'door-is-open': (s) =>
    s.primary !== undefined &&
    isOpen(s) &&
    (s.record.quiesced === undefined || (isFailing(s.diagnosis) && s.nowMs - s.record.phaseSinceMs > LOGINS_WAIT_MS)),
  'leader-is-unseen': (s) =>
    s.primary === undefined && isFailing(s.diagnosis) && s.nowMs - s.record.phaseSinceMs > LOGINS_WAIT_MS,

  'switchover-is-ready': (s, gates) => isAsked(s) && switchoverDoubts(s, gates).length === 0,
  'switchover-is-asked': isAsked,
  'switchover-is-off': isOff,
  'quiesce-owed': quiesceOwed,
  'writers-are-gone': (s) => lastPosition(s) !== undefined,
  drained: isDrained,
  'closed-and-drained': (s, gates) => isClosed(s) && isDrained(s, gates) && isLeaseGone(s),

  'candidate-is-promoted': ({ candidate, evidence }) =>
    candidate !== undefined &&
    candidate.source === undefined &&
    candidate.status === 'available' &&
    reportOf(evidence.replica)?.inRecovery === false,
  'promotion-not-asked': (s) => {
    if (s.candidate === undefined || s.candidate.source === undefined || s.candidate.status !== 'available')
      return false;
    const asked = s.record.intents.promote;
    if (asked?.id !== intentId(s, 'promote') || asked.doneAtMs === undefined) return true;
    return s.nowMs - asked.atMs > PROMOTE_AGAIN_AFTER_MS;
  },
  'candidate-is-not-ready': (s) =>
    s.candidate?.source !== undefined &&
    s.candidate.status !== 'available' &&
    s.record.intents.promote?.id !== intentId(s, 'promote'),

  // Without its address it could never be named.
  'writable-in-our-epoch': (s) => {
    const { evidence, record, candidate } = s;
    const replica = reportOf(evidence.replica);
    const host = (candidate ?? record.candidate).endpoint;
    // The guard may have written our epoch on the old one, and the log carried it over: opened is what we opened.
    if (!isDone(s, 'open')) return false;
    return host !== undefined && replica?.inRecovery === false && replica.heartbeat?.epoch === record.epoch;
  },
  'names-conflict': (s) => namesPlan(s)?.kind === 'conflict',
  'names-are-ours': (s) => namesPlan(s)?.kind === 'ours',
  'names-unknown': (s) => namesPlan(s) === undefined,
  'name-leads-to-it': (s) =>
    namesPlan(s)?.kind === 'ours' &&
    sameHost(reportOf(s.evidence.names)?.answered, s.record.leader.endpoint?.host) &&
    reportOf(s.evidence.names)?.inSync !== false,
  'announcement-owed': (s) =>
    s.record.intents.announce?.id !== intentId(s, 'announce') || s.record.intents.announce.doneAtMs === undefined,
  'second-channel-owed': (s) =>
    s.policy.secondChannel !== undefined && s.record.previousLeader !== undefined && isOwed(s, 'second-channel'),
  'readers-are-stale': (s) => readersPlan(s)?.kind === 'swap' && !isRecent(s, 'swap-readers', TRY_AGAIN_AFTER_MS),
  'readers-conflict': (s) => readersPlan(s)?.kind === 'conflict',
  'old-primary-is-loose': (s) => dueOld(s, 'fence-old') !== undefined,
  'salvage-owed': (s) => dueOld(s, 'salvage') !== undefined,
  'stop-owed': (s) => dueOld(s, 'stop') !== undefined,
  'rebuild-owed': isRebuildOwed,
  'lease-owed': isLeaseOwed,
  'standby-follows': (s) => rearmDoubts(s).length === 0,
  'standby-is-stuck': (s) => stuckBecause(s) !== undefined,
  'leader-is-down': (s) =>
    guardWord(s.evidence)?.write.kind === 'unreachable' && s.failingMs >= s.policy.confirmSeconds * 1000,
  otherwise: () => true,
};

/** The name of one order: repeated, it is the same order. */
export const intentId = ({ record }: Pick<Situation, 'record'>, step: string): string =>
  `${record.pair}/${record.epoch}/${step}`;

/** Whether an order of this epoch was given less than so long ago. */
const isRecent = (s: Situation, step: OwnStep, ms: number): boolean => {
  const intent = s.record.intents[step];
  return intent?.id === intentId(s, step) && s.nowMs - intent.atMs < ms;
};

/** Whether an order of this epoch was never carried out, and its last try is a while ago. */
const isOwed = (s: Situation, step: OwnStep): boolean => {
  const intent = s.record.intents[step];
  const done = intent?.id === intentId(s, step) && intent.doneAtMs !== undefined;
  return !done && !isRecent(s, step, TRY_AGAIN_AFTER_MS);
};

const isDone = (s: Situation, step: 'open'): boolean =>
  s.record.intents[step]?.id === intentId(s, step) && s.record.intents[step]?.doneAtMs !== undefined;
