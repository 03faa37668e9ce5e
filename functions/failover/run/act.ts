import type { Decision } from '../core/decide.ts';
import type { Step } from '../core/phases.ts';
import { COMMAND_LIFETIME_MS } from '../core/policy.ts';
import type { FailoverRecord } from '../core/record.ts';
import { namesPlan } from '../core/situation.ts';
import { type OldOrder, salvageOld, stopOld } from './aftermath.ts';
import type { Announce, Clock, Fencing, Names, OldPrimary, Opening, Promotion } from './ports.ts';

export interface ActPorts {
  old: OldPrimary;
  fencing: Fencing;
  instances: Promotion;
  opening: Opening;
  names: Names;
  announce: Announce;
  clock: Clock;
}

type Act = (ports: ActPorts, record: FailoverRecord, decision: Decision) => Promise<void>;

/** Backups are kept on the promoted instance even where the replica had none: a leader without them can have no replica (docs: USER_ReadRepl.Promote). */
const RETENTION_DAYS = 7;

const order = (ports: ActPorts, record: FailoverRecord, resourceId: string | undefined) => ({
  pair: record.pair,
  epoch: record.epoch,
  resourceId,
  notAfterMs: ports.clock.now() + COMMAND_LIFETIME_MS,
});

/** Its time counts from when it was written down: a worker that froze in front of the call must not close a leader that was opened again. */
const plannedOrder = (ports: ActPorts, record: FailoverRecord, step: 'fence' | 'quiesce') => ({
  ...order(ports, record, record.leader.resourceId),
  notAfterMs: (record.intents[step]?.atMs ?? 0) + COMMAND_LIFETIME_MS,
});

const oldOrder = (ports: ActPorts, record: FailoverRecord): OldOrder => {
  const { previousLeader } = record;
  if (previousLeader === undefined) throw new Error('no old primary is known');
  const { pair, epoch, notAfterMs } = order(ports, record, previousLeader.resourceId);
  return { pair, epoch, notAfterMs, old: previousLeader };
};

const ACTS: Readonly<Record<Step, Act>> = {
  salvage: async (ports, record) => salvageOld(ports, oldOrder(ports, record)),
  stop: async (ports, record) => stopOld(ports, oldOrder(ports, record)),
  fence: (ports, record) =>
    record.phase === 'closing'
      ? ports.fencing.fence({ ...plannedOrder(ports, record, 'fence'), planned: true })
      : ports.fencing.fence(order(ports, record, (record.previousLeader ?? record.leader).resourceId)),
  quiesce: (ports, record) => ports.fencing.quiesce(plannedOrder(ports, record, 'quiesce')),
  unfence: (ports, record) =>
    ports.fencing.unfence({
      ...(record.quiesced && { logins: true }),
      ...order(ports, record, record.leader.resourceId),
      securityGroupIds: record.fence?.previousSecurityGroupIds ?? [],
    }),
  promote: (ports, record, { situation }) =>
    ports.instances.promote(record.candidate.instance, {
      retentionDays: situation.candidate?.backupRetentionDays || RETENTION_DAYS,
    }),
  open: (ports, record, { situation }) => {
    const at = situation.candidate?.endpoint ?? record.candidate.endpoint;
    if (at === undefined) throw new Error('the promoted instance has no endpoint yet');
    return ports.opening.open(record.pair, at, record.epoch);
  },
  'swap-names': async (ports, _record, { situation }) => {
    const plan = namesPlan(situation);
    if (plan?.kind !== 'swap') return;
    const outcome = await ports.names.swap(situation.policy.names.zoneId, plan.change);
    if (outcome === 'conflict') throw new Error('the name changed between the look and the swap: looking again');
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
): Promise<string | undefined> => {
  try {
    await ACTS[decision.step](ports, record, decision);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
