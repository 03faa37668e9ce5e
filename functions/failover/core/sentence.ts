import type { Decision } from './decide.ts';
import type { Diagnosis } from './diagnose.ts';
import { reportOf } from './evidence.ts';
import type { FenceDoubt } from './fence.ts';
import { divergence, GATES, type GateName } from './gates.ts';
import type { HoldReason } from './phases.ts';
import { rearmDoubts, stuckBecause } from './rebuild.ts';
import { isSwitchover } from './record.ts';
import { readersPlan, type Situation } from './situation.ts';
import { switchoverDoubts } from './switchover.ts';

/** One sentence for one decision: the log line, the page, what the CLI prints. */
export const sentenceOf = (decision: Decision): string => {
  const { situation } = decision;
  const { record, policy } = situation;
  const pair = `${policy.pair} (epoch ${record.epoch})`;
  switch (decision.kind) {
    case 'watch':
      return `Watching ${pair}: ${decision.row.comment}${waitsFor(decision)}.`;
    case 'hold':
      return `Held ${pair}: ${heldBecause(decision)}.`;
    case 'move':
      return `${pair} goes from ${record.phase} to ${decision.to}: ${decision.row.comment}${evidenceIn(decision)}.`;
    case 'act':
      return `${pair}, ${record.phase}: ${STEPS[decision.step]}.`;
  }
};

/** What a person can type now, or undefined where nothing is needed, or nothing that is typed helps. */
export const whatToType = (decision: Decision): string | undefined => {
  const { record, policy } = decision.situation;
  const line = (verb: string) => `mainstay failover ${verb} ${policy.pair} --epoch ${record.epoch} --why "…"`;
  if (record.paused) return line('resume');
  if (record.phase === 'awaiting-approval') return line('approve');
  if (record.phase === 'degraded' && !record.acked) return line('ack');
  if (decision.kind === 'hold' && decision.reason === 'standby-not-ready') return `${line('ack')} [--replica INSTANCE]`;
  if (isSwitchover(record.phase) || (decision.kind === 'hold' && decision.reason === 'switchover-not-ready'))
    return line('abort');
  if (decision.kind !== 'hold') return undefined;
  if (record.vetoed && record.phase === 'confirming') return line('resume');
  // Who only watches holds for ever: a command cannot arm a pair, the config does.
  if (policy.mode === 'observe') return undefined;
  const way = record.phase === 'fencing' ? 'abort' : 'pause';
  const accept = acceptable(decision);
  if (record.phase !== 'fencing' && record.phase !== 'confirming') return undefined;
  return accept === ''
    ? line(way)
    : `${line(way)}, or, if you take that upon yourself: ${line(`force`)} --accept ${accept}`;
};

/** What a person would have to accept for this hold to end; empty where nothing that can be accepted would do. */
const acceptable = (decision: Decision & { kind: 'hold' }): string => {
  const { doubt, reason, situation, whyNot } = decision;
  if (reason === 'fence-unproven')
    return doubt === 'quiet-too-short' || doubt === 'not-ordered' || doubt === 'lease-runs' ? '' : 'fence';
  if (reason !== 'gates-closed') return '';
  const { loss } = situation;
  const waivers: Partial<Record<GateName, string>> = {
    G4: 'cause',
    G6: Number.isFinite(loss.seconds) ? `loss=${Math.ceil(loss.seconds)}` : 'loss=any',
    G7: 'fence',
    ...(divergence(situation) !== undefined && { G9: 'divergence' }),
  };
  const words = whyNot.map(({ gate }) => waivers[gate]);
  return words.includes(undefined) ? '' : words.join(',');
};

const STEPS = {
  fence: 'ordering the fence: sessions ended where SQL is possible, then the empty security group',
  'take-lease': "taking the leader's lease: its guard closes the door when it finds that, or cannot look",
  'return-lease': 'giving the lease back: the guard opens the door that it closed',
  'hand-lease': "handing the lease to the new leader's guard, which keeps it from now on",
  unfence: 'giving the leader its security groups and logins back',
  'fence-old': 'shutting the door of the old primary again: the empty security group',
  rebuild: "asking RDS for a replica of the new leader in the old one's region",
  salvage: 'asking RDS for a snapshot of the old primary, for the rows that nobody else has',
  stop: 'stopping the old primary',
  quiesce: 'closing the application logins of the leader and ending their sessions',
  promote: 'asking RDS to promote the replica',
  open: 'opening logins on the promoted instance and writing our epoch',
  'swap-names': 'moving the writer name: in one atomic batch, or by its health check in mode stop',
  announce: 'announcing the new leader',
  'second-channel': "writing the new leader's host into the secrets of both regions",
  'swap-readers': "moving the readers' name in one atomic batch",
} as const;

/** What a pair without a standby waits for. */
const waitsFor = ({ situation, row }: Decision): string =>
  row.from === 'degraded' ? `; it waits: ${rearmDoubts(situation).join('; ')}` : '';

/** What helps against a hold and is no command of ours. */
const REMEDIES: Partial<Record<HoldReason, (situation: Situation) => string>> = {
  'newer-record': () => 'deploy the newer release again, in the recovery region',
  'link-down': () => 'look at the replication; there is no failover as long as the leader works',
  'gates-closed': ({ policy }) =>
    policy.mode === 'observe' ? 'to let it act, set mode: approve in the config, and deploy' : '',
  'names-conflict': ({ record, policy }) =>
    `let ${policy.names.writer} lead to ${record.leader.endpoint?.host ?? record.leader.instance}, and it goes on`,
  'names-unseen': ({ record }) =>
    `${record.leader.instance} leads and takes writes; clients may be given its own address`,
  'readers-conflict': ({ record }) => `the writer is not concerned; ${record.leader.instance} leads`,
  'leader-down': ({ record }) =>
    `bring ${record.leader.instance} back, or restore its newest snapshot (mainstay snapshots)`,
};

const heldBecause = (decision: Decision & { kind: 'hold' }): string => {
  const remedy = REMEDIES[decision.reason]?.(decision.situation) ?? '';
  return remedy === '' ? reasonOf(decision) : `${reasonOf(decision)}. What helps: ${remedy}`;
};

const reasonOf = (decision: Decision & { kind: 'hold' }): string => {
  const { situation, whyNot } = decision;
  switch (decision.reason) {
    case 'gates-closed':
      return whyNot.map((one) => `${one.gate} ${one.whyNot}`).join('; ');
    case 'fence-unproven':
      return `the fence is not proven: ${DOUBTS[decision.doubt ?? 'not-ordered']}${refusal(situation.record.intents.fence?.lastError)}`;
    case 'paused':
      return `paused by ${situation.record.paused?.by}: ${situation.record.paused?.why}`;
    case 'names-conflict':
      return decision.conflict ?? 'the writer name was moved by somebody else';
    case 'standby-not-ready':
      return stuckBecause(situation) ?? decision.row.comment;
    case 'leader-down':
      return `${decision.row.comment}; ${SEEN[situation.diagnosis]}`;
    case 'readers-conflict':
      return readersConflict(situation) ?? decision.row.comment;
    case 'switchover-not-ready':
      return `asked by ${situation.record.switchover?.by} to switch over, and not begun: ${switchoverDoubts(situation, GATES).join('; ')}`;
    case 'unconfirmed':
      return `${SEEN[situation.diagnosis]}; against the leader: ${situation.against.join(', ') || 'nobody'}`;
    case 'candidate-not-ready':
      return `${situation.candidate?.instance} is ${situation.candidate?.status}: RDS promotes only an available replica`;
    default:
      return decision.row.comment;
  }
};

const readersConflict = (situation: Situation): string | undefined => {
  const plan = readersPlan(situation);
  return plan?.kind === 'conflict' ? `${plan.because}: they stay as they are` : undefined;
};

const refusal = (error: string | undefined): string =>
  error === undefined ? '' : ` (the last order was answered: ${error})`;

/** What Aurora did at the old primary's storage: told as the promotion is, for people must look where it could not. */
const storageIn = ({ evidence, record }: Situation): string => {
  const said = record.fence?.storage ?? reportOf(evidence.storage);
  if (said === 'blocked') return "; Aurora blocked writes at the old primary's storage (RDS-EVENT-0390)";
  if (said !== 'timed-out') return '';
  return `; Aurora could NOT block writes at the old primary's storage (RDS-EVENT-0391): what ${record.leader.instance} took since is in its snapshot rds:unplanned-global-failover-… alone, once its region is back`;
};

const evidenceIn = ({ situation, row }: Decision): string => {
  if (row.to === 'verifying') return storageIn(situation);
  if (row.to !== 'fencing' && row.to !== 'confirming') return '';
  const loss = Number.isFinite(situation.loss.seconds)
    ? `at most ${Math.round(situation.loss.seconds * 10) / 10} s`
    : 'unknown';
  return `; ${SEEN[situation.diagnosis]}; against the leader: ${situation.against.join(', ')}; loss ${loss}`;
};

/** What each diagnosis means, for people. */
export const SEEN: Readonly<Record<Diagnosis, string>> = {
  healthy: 'the leader takes writes',
  'link-down': 'the leader takes writes and its replica hears nothing: the link between them is cut',
  'alive-to-replica': 'nobody of ours reaches the leader, but its replica hears from it: it is alive',
  'self-healing': 'the leader takes no writes, and RDS may be healing it',
  maintenance: 'RDS maintains the leader',
  operator: 'the leader was stopped or removed by somebody',
  'storage-full': 'the leader is out of storage',
  broken: 'RDS says that the leader cannot come back by itself',
  'unknown-status': "the leader is out of reach and RDS's word for it explains nothing",
  answers: 'a server answers and refuses the write probe',
  'region-down': "the leader's region answers neither here nor at the witness",
  unknown: 'too little was heard to say anything',
};

const DOUBTS: Readonly<Record<FenceDoubt, string>> = {
  'not-ordered': 'it has not been ordered yet',
  'lease-runs': 'the lease of the silent region has not run out yet',
  'guard-silent': "the guard in the old primary's region does not answer",
  'rds-silent': 'the guard could not ask RDS about the old primary',
  'another-instance': 'an instance of that name exists, and it is another one',
  'groups-not-fenced': 'RDS does not show the empty security group on it yet',
  'groups-not-active': 'the empty security group is not active yet',
  'engine-may-run': 'RDS does not say that its engine is down: sessions may be alive behind tracked connections',
  'still-answers': 'something still answers at its address',
  'quiet-too-short': 'it was found closed, and must be found so once more',
};
