import type { Answer, Evidence } from '../core/evidence.ts';
import type { Policy } from '../core/policy.ts';
import { type FailoverRecord, isForwardOnly, type Phase } from '../core/record.ts';
import type { Clock, Instances, Names, Observers } from './ports.ts';

export interface LookPorts {
  observers: Observers;
  /** The recovery region's. */
  instances: Instances;
  names: Names;
  clock: Clock;
}

const NOT_ASKED = { kind: 'not-asked' } as const;

/** Between the point of no return and the moved name the old primary is not asked: only a timeout would come of it. */
const needsThePrimary = (phase: Phase): boolean => !isForwardOnly(phase) || phase === 'degraded';

/** Asks everybody at once. A quiet pair costs two invocations and one RDS call; the rest is asked when it matters. */
export const look = async (ports: LookPorts, record: FailoverRecord, policy: Policy): Promise<Evidence> => {
  const takenAtMs = ports.clock.now();
  const incident = record.phase !== 'healthy' || record.switchover !== undefined;
  const primary = needsThePrimary(record.phase);
  const [guard, witness, [candidate, replica], names] = await Promise.all([
    primary ? ask(() => ports.observers.guard(policy.pair, record.epoch)) : NOT_ASKED,
    incident && primary ? ask(() => ports.observers.witness(policy.pair, record.epoch)) : NOT_ASKED,
    lookAtReplica(ports, record, policy),
    incident ? ask(() => lookAtNames(ports.names, record.phase, policy)) : NOT_ASKED,
  ]);
  return { takenAtMs, guard, witness, candidate, replica, names };
};

const lookAtReplica = async (ports: LookPorts, record: FailoverRecord, policy: Policy) => {
  const candidate = await ask(async () => {
    const view = await ports.instances.describe(record.candidate.instance);
    if (view === undefined) throw new Error(`RDS knows no instance ${record.candidate.instance}`);
    return view;
  });
  const endpoint = (candidate.kind === 'ok' ? candidate.report.endpoint : undefined) ?? record.candidate.endpoint;
  if (endpoint === undefined) return [candidate, NOT_ASKED] as const;
  return [candidate, await ask(() => ports.observers.replica(policy.pair, endpoint))] as const;
};

const ASK_THE_SERVERS: readonly Phase[] = ['verifying-names', 'degraded'];

const lookAtNames = async (names: Names, phase: Phase, { names: { zoneId, writer } }: Policy) => {
  const report = await names.read(zoneId, writer);
  return ASK_THE_SERVERS.includes(phase) ? { ...report, answered: await names.answered(zoneId, writer) } : report;
};

/** Any failure to answer is no evidence of anything: the safest class, explicitly. */
export const ask = async <Report>(question: () => Promise<Report>): Promise<Answer<Report>> => {
  try {
    return { kind: 'ok', report: await question() };
  } catch (error) {
    return { kind: 'no-answer', because: error instanceof Error ? error.message : String(error) };
  }
};
