import { type Evidence, type GuardReport, reportOf } from './evidence.ts';
import { LINK_SILENT_MS } from './policy.ts';

/** What the evidence says about the leader, in one word. */
export type Diagnosis =
  /** A vantage point saw a write accepted, and nothing contradicts it. */
  | 'healthy'
  /** The leader takes writes and its replica hears nothing: the link between them is cut. Never a failover. */
  | 'link-down'
  /** Nobody of ours reaches it, but the replica still hears from it: it is alive. */
  | 'alive-to-replica'
  | 'self-healing'
  | 'maintenance'
  | 'operator'
  | 'storage-full'
  /** RDS says that the engine cannot come back by itself. */
  | 'broken'
  /** The engine is out of reach, and RDS's word for it is not known here, or RDS said nothing. */
  | 'unknown-status'
  /** A server answers and refuses the guard's write: a wrong password or a missing heartbeat table is no disaster. */
  | 'answers'
  /** Neither the guard nor its region answer, from two other regions. */
  | 'region-down'
  /** Too little was heard to say anything. */
  | 'unknown';

// Statuses: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html. `available` without an engine that
// answers is either RDS not having noticed yet, or a process that it is restarting.
const MEANING: Readonly<Record<string, Diagnosis>> = {
  available: 'self-healing',
  rebooting: 'self-healing',
  starting: 'self-healing',
  recovering: 'self-healing',
  'backing-up': 'self-healing',
  'configuring-enhanced-monitoring': 'self-healing',
  modifying: 'self-healing',
  'resetting-master-credentials': 'self-healing',
  'converting-to-vpc': 'self-healing',
  'moving-to-vpc': 'self-healing',
  failover: 'self-healing',
  maintenance: 'maintenance',
  upgrading: 'maintenance',
  'storage-optimization': 'maintenance',
  'storage-config-upgrade': 'maintenance',
  renaming: 'operator',
  stopping: 'operator',
  stopped: 'operator',
  deleting: 'operator',
  'delete-precheck': 'operator',
  deleted: 'operator',
  'storage-full': 'storage-full',
  failed: 'broken',
  'inaccessible-encryption-credentials': 'broken',
  'inaccessible-encryption-credentials-recoverable': 'broken',
  'incompatible-create': 'broken',
  'incompatible-network': 'broken',
  'incompatible-option-group': 'broken',
  'incompatible-parameters': 'broken',
  'incompatible-restore': 'broken',
  'insufficient-capacity': 'broken',
  'restore-error': 'broken',
};

/**
 * True for the words by which RDS says that no engine runs, so that no session of it lives. `modifying` and the like do not
 * say it: an engine, frozen or slow, may be behind them.
 */
export const isEngineDown = (status: string): boolean =>
  MEANING[status] === 'broken' || ['rebooting', 'starting', 'recovering', 'stopped'].includes(status);

/** True for the words beside which an engine runs, as far as RDS knows. `modifying` may be our own change, and says nothing; nor does a word that is not known here. */
export const isEngineUp = (status: string): boolean =>
  ['self-healing', 'storage-full'].includes(MEANING[status] ?? '') && !isEngineDown(status) && status !== 'modifying';

/** True for the words by which RDS says that an instance cannot come back by itself. */
export const isBroken = (status: string): boolean => MEANING[status] === 'broken';

/** The freshest report of the guard, by whichever way it came: asked from here, or by the witness. */
export const guardWord = ({ guard, witness }: Pick<Evidence, 'guard' | 'witness'>): GuardReport | undefined => {
  const own = reportOf(guard);
  const told = reportOf(witness);
  const relayed = told && reportOf(told.guard);
  if (own?.write.kind === 'wrote') return own;
  if (relayed?.write.kind === 'wrote') return relayed;
  return own ?? relayed;
};

/** True when it is proven that the replica heard from its source within this time. */
export const isReceiving = ({ replica }: Pick<Evidence, 'replica'>, withinMs: number): boolean => {
  const report = reportOf(replica);
  return report?.inRecovery === true && (report.lastMessageAgeMs ?? Number.POSITIVE_INFINITY) <= withinMs;
};

/** False only where silence proves that nothing came within this time: what may be heard is evidence neither of life nor of death. */
export const mayReceive = (evidence: Pick<Evidence, 'replica'>, withinMs: number): boolean => {
  const report = reportOf(evidence.replica);
  const mayHearAgeMs = report?.mayHearAgeMs ?? Number.POSITIVE_INFINITY;
  return isReceiving(evidence, withinMs) || (report?.inRecovery === true && mayHearAgeMs <= withinMs);
};

/** One word for the evidence. Silence is never "down" by itself: a region is down only when two regions agree on it. */
export const diagnose = (evidence: Evidence, receivingWithinMs: number): Diagnosis => {
  const guard = guardWord(evidence);
  if (guard?.write.kind === 'wrote') {
    return reportOf(evidence.replica)?.inRecovery && !mayReceive(evidence, LINK_SILENT_MS) ? 'link-down' : 'healthy';
  }
  if (mayReceive(evidence, receivingWithinMs)) return 'alive-to-replica';
  if (guard?.write.kind === 'answered') return 'answers';
  if (guard !== undefined) return byStatus(guard.instance);
  const witness = reportOf(evidence.witness);
  return witness && evidence.guard.kind === 'no-answer' && witness.guard.kind === 'no-answer'
    ? 'region-down'
    : 'unknown';
};

const byStatus = (instance: GuardReport['instance']): Diagnosis => {
  const status = reportOf(instance)?.status;
  return (status === undefined ? undefined : MEANING[status]) ?? 'unknown-status';
};
