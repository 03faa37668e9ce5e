import type { Decision } from '../core/decide.ts';
import { reportOf } from '../core/evidence.ts';
import { handed, type Lease, returned, taken } from '../core/lease.ts';
import type { NamesPlan } from '../core/names.ts';
import type { OldStep, Step } from '../core/phases.ts';
import { COMMAND_LIFETIME_MS, type Policy } from '../core/policy.ts';
import type { FailoverRecord, Leader } from '../core/record.ts';
import { dueOld } from '../core/retired.ts';
import { namesPlan, readersPlan } from '../core/situation.ts';
import { type OldOrder, salvageOld, stopOld } from './aftermath.ts';
import type {
  Announce,
  Building,
  Clock,
  Databases,
  Fencing,
  LeaseStore,
  Names,
  OldPrimary,
  Opening,
  Promotion,
  SecondChannel,
} from './ports.ts';
import { buildStandby } from './rebuild.ts';

export interface ActPorts {
  old: OldPrimary;
  building: Building;
  fencing: Fencing;
  instances: Databases & Promotion;
  opening: Opening;
  names: Names;
  announce: Announce;
  secondChannel: SecondChannel;
  leases?: LeaseStore | undefined;
  clock: Clock;
}

/** Gives AWS's receipt, a string, where there is one. */
type Act = (ports: ActPorts, record: FailoverRecord, decision: Decision) => Promise<unknown>;

/** Backups are kept on the promoted instance even where the replica had none: a leader without them can have no replica (docs: USER_ReadRepl.Promote). */
const RETENTION_DAYS = 7;

const order = (ports: ActPorts, record: FailoverRecord, { instance, region, resourceId }: Leader) => ({
  pair: record.pair,
  epoch: record.epoch,
  target: { instance, region },
  resourceId,
  notAfterMs: ports.clock.now() + COMMAND_LIFETIME_MS,
});

/**
 * A switchover is tried as one: what a global database refuses (its primary fell silent after it was drained) is failed over with
 * the fourth try. Nothing can be lost by then: the door is shut and everything was replayed.
 */
const isPlanned = ({ switchover, intents }: FailoverRecord): boolean =>
  switchover !== undefined && (intents.promote?.attempts ?? 1) <= 3;

/** Carries a plan for a name out: one batch, or one number for the health check. The receipt is Route 53's id of the change. */
const moveName = async ({ names, clock }: ActPorts, record: FailoverRecord, policy: Policy, plan?: NamesPlan) => {
  if (plan?.kind === 'flip') {
    const atMs = record.intents['swap-names']?.atMs ?? clock.now();
    // Checked last: a worker that froze with an old epoch's order must not flip the name back.
    if (clock.now() > atMs + COMMAND_LIFETIME_MS) throw new Error('the order to flip came too late: looking again');
    await names.flip({ pair: policy.pair, standby: plan.standby, atMs });
  }
  if (plan?.kind !== 'swap') return undefined;
  const outcome = await names.swap(policy.names.zoneId, plan.change);
  if (outcome.kind === 'conflict') throw new Error('the name changed between the look and the swap: looking again');
  return outcome.changeId;
};

/** Compare-and-swap on the very `seq` that was looked at: a renewal in between wins, and the next look starts from it. */
const moveLease = async (ports: ActPorts, { situation }: Decision, move: (lease: Lease) => Lease) => {
  const lease = reportOf(situation.evidence.lease)?.lease;
  if (lease === undefined || ports.leases === undefined) throw new Error('the lease could not be read');
  const outcome = await ports.leases.save(move(lease), lease.seq);
  if (outcome === 'conflict') throw new Error('the lease was renewed between the look and the order: looking again');
};

/** A guard that closed the door by itself did so before anybody noted its groups; the lease has them. */
const groupsToGiveBack = (record: FailoverRecord, { situation }: Decision): readonly string[] => {
  const noted = record.fence?.previousSecurityGroupIds ?? [];
  return noted.length > 0 ? noted : (reportOf(situation.evidence.lease)?.lease?.groups ?? []);
};

/**
 * Its time counts from when it was written down: a worker that froze in front of the call must not close a leader
 * that was opened again, nor open one that another order has closed for good. */
const plannedOrder = (ports: ActPorts, record: FailoverRecord, step: 'fence' | 'quiesce' | 'unfence') => ({
  ...order(ports, record, record.leader),
  notAfterMs: (record.intents[step]?.atMs ?? 0) + COMMAND_LIFETIME_MS,
});

/** About the very one that this step was found due for. */
const oldOrder = (ports: ActPorts, record: FailoverRecord, { situation }: Decision, step: OldStep): OldOrder => {
  const old = dueOld(situation, step);
  if (old === undefined) throw new Error('no old primary needs this');
  return { pair: record.pair, notAfterMs: order(ports, record, old).notAfterMs, old };
};

const ACTS: Readonly<Record<Step, Act>> = {
  'fence-old': async (ports, record, decision) =>
    ports.fencing.fence(order(ports, record, oldOrder(ports, record, decision, 'fence-old').old)),
  salvage: async (ports, record, decision) => salvageOld(ports, oldOrder(ports, record, decision, 'salvage')),
  stop: async (ports, record, decision) => stopOld(ports, oldOrder(ports, record, decision, 'stop')),
  rebuild: async (ports, record, { situation: { policy } }) =>
    buildStandby(ports, record, policy.fencedSecurityGroups[record.standby?.region ?? '']),
  fence: (ports, record) =>
    record.phase === 'closing'
      ? ports.fencing.fence({ ...plannedOrder(ports, record, 'fence'), planned: true })
      : ports.fencing.fence(order(ports, record, record.leader)),
  quiesce: (ports, record) => ports.fencing.quiesce(plannedOrder(ports, record, 'quiesce')),
  'take-lease': (ports, record, decision) =>
    moveLease(ports, decision, (lease) => taken(lease, record.candidate.region, record.epoch)),
  'return-lease': (ports, record, decision) =>
    moveLease(ports, decision, (lease) => returned(lease, record.leader.region)),
  'hand-lease': async (ports, record, { situation }) => {
    const seen = reportOf(situation.evidence.lease);
    if (seen === undefined || ports.leases === undefined) throw new Error('the lease could not be read');
    const next = handed(seen.lease, record.pair, record.leader, record.epoch);
    if ((await ports.leases.save(next, seen.lease?.seq ?? 0)) === 'conflict')
      throw new Error('the lease was written between the look and the order: looking again');
  },
  unfence: (ports, record, decision) =>
    ports.fencing.unfence({
      ...(record.quiesced && { logins: true }),
      ...plannedOrder(ports, record, 'unfence'),
      securityGroupIds: groupsToGiveBack(record, decision),
    }),
  promote: (ports, record, { situation }) =>
    ports.instances.promote(record.candidate.region, record.candidate.instance, {
      retentionDays: situation.candidate?.backupRetentionDays || RETENTION_DAYS,
      ...(isPlanned(record) && { planned: true }),
    }),
  open: (ports, record, { situation }) => {
    const at = situation.candidate?.endpoint ?? record.candidate.endpoint;
    if (at === undefined) throw new Error('the promoted instance has no endpoint yet');
    return ports.opening.open(record.candidate.region, record.pair, at, record.epoch);
  },
  'swap-names': (ports, record, { situation }) => moveName(ports, record, situation.policy, namesPlan(situation)),
  'swap-readers': (ports, record, { situation }) => moveName(ports, record, situation.policy, readersPlan(situation)),
  'second-channel': (ports, record, { situation }) => {
    const at = record.leader.endpoint;
    if (at === undefined) throw new Error("the leader's endpoint is not known");
    const { secretIds = [], parameterNames = [] } = situation.policy.secondChannel ?? {};
    const places = [record.leader, record.previousLeader];
    return ports.secondChannel.publish({
      secretIds,
      parameterNames,
      regions: places.flatMap((one) => (one ? [one.region] : [])),
      epoch: record.epoch,
      at,
    });
  },
  announce: (ports, record) =>
    ports.announce.leaderChanged({
      pair: record.pair,
      epoch: record.epoch,
      instance: record.leader.instance,
      host: record.leader.endpoint?.host ?? '',
    }),
};

/** Does the one side effect of a decision. A throw is an outcome to remember, not to trust: the next look reads the truth. */
export const act = async (
  ports: ActPorts,
  record: FailoverRecord,
  decision: Decision & { kind: 'act' },
): Promise<{ error?: string; receipt?: string | undefined }> => {
  try {
    const receipt = await ACTS[decision.step](ports, record, decision);
    return { receipt: typeof receipt === 'string' ? receipt : undefined };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};
