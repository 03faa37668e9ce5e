import { guardWord, isEngineDown } from './diagnose.ts';
import { type InstanceView, reportOf } from './evidence.ts';
import { isOurs, leaseEndMs } from './lease.ts';
import type { Policy } from './policy.ts';
import { acceptedIn } from './record.ts';
import type { Situation } from './situation.ts';
import { isEmptied } from './switchover.ts';

/** Why the old primary is not proven closed. */
export type FenceDoubt =
  | 'not-ordered'
  | 'lease-runs'
  | 'guard-silent'
  | 'rds-silent'
  | 'another-instance'
  | 'groups-not-fenced'
  | 'groups-not-active'
  | 'engine-may-run'
  | 'still-answers'
  | 'quiet-too-short';

/** The fence that this incident needs: the policy's, unless a person took its exposure upon himself. */
export const fenceNeeded = ({ record, policy }: Pick<Situation, 'record' | 'policy'>): Policy['fence'] =>
  acceptedIn(record).fence ? 'none' : policy.fence;

/** Two looks this far apart must both find the old primary closed. */
export const QUIET_MS = 2_000;

/**
 * The proof ladder for a primary whose host is lost, rung by rung; undefined means proven. Nobody can run SQL on such a
 * host, so the proof is made of what can be seen from outside it:
 * 1. RDS describes this very instance (by resource id) with the empty security group, alone and active: nothing new gets in,
 *    and that survives a restart of the host.
 * 2. RDS says that no engine runs (`failed`, `rebooting`…; never `available` or `modifying`): sessions that were open before died with the engine. This rung is why a frozen host
 *    holds: a changed security group does not cut tracked connections (docs: security-group-connection-tracking), so an
 *    engine that thaws could go on serving them.
 * 3. The guard, inside the VPC, gets no connection, at two looks QUIET_MS apart: no write was accepted since the first one.
 */
export const fenceDoubt = (situation: Situation): FenceDoubt | undefined =>
  closedDoubt(situation) ?? (quietMs(situation) < QUIET_MS ? 'quiet-too-short' : undefined);

/** The rungs that one look can answer. */
export const closedDoubt = ({ record, evidence, policy }: Situation): FenceDoubt | undefined => {
  const guard = reportOf(evidence.guard) ?? relayed(evidence);
  if (record.fence === undefined || record.fence.epoch !== record.epoch) return 'not-ordered';
  if (guard === undefined) return 'guard-silent';
  const old = record.leader;
  const view = reportOf(guard.instance);
  if (view === undefined) return 'rds-silent';
  if (old.resourceId !== undefined && view.resourceId !== old.resourceId) return 'another-instance';
  if (!isShut(view, policy.fencedSecurityGroups[old.region])) return 'groups-not-fenced';
  if (!view.securityGroups.every(({ active }) => active)) return 'groups-not-active';
  if (!isEngineDown(view.status) && !isEmptied(record)) return 'engine-may-run';
  return guard.write.kind === 'unreachable' ? undefined : 'still-answers';
};

/**
 * How long a lease that is ours has still to run, in milliseconds: the wait that stands for the proof where the old primary's
 * region is silent. Undefined where it stands for nothing: a guard that answers must prove the fence by the ladder.
 */
export const leaseLeftMs = ({ record, evidence, policy, lease, nowMs }: Situation): number | undefined => {
  const endMs = leaseEndMs(lease, policy);
  const seen = reportOf(evidence.lease) !== undefined && isOurs(lease, record);
  if (!seen || endMs === undefined || guardWord(evidence) !== undefined) return undefined;
  return Math.max(0, endMs - nowMs);
};

const quietMs = ({ record, nowMs }: Situation): number =>
  record.fence?.quietSinceMs === undefined ? 0 : nowMs - record.fence.quietSinceMs;

const relayed = ({ witness }: Situation['evidence']) => {
  const told = reportOf(witness);
  return told && reportOf(told.guard);
};

/** True when the leader's door stands open: RDS describes it with another security group than the empty one. */
export const isOpen = ({ primary, policy, record }: Situation): boolean =>
  primary !== undefined && !isShut(primary, policy.fencedSecurityGroups[record.leader.region]);

/** True behind the empty security group, and behind it alone. */
export const isShut = ({ securityGroups }: InstanceView, emptyGroup: string | undefined): boolean =>
  securityGroups.length === 1 && securityGroups[0]?.id === emptyGroup;
