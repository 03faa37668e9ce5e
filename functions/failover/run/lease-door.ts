import { isEngineDown, isEngineUp } from '../core/diagnose.ts';
import type { Endpoint, InstanceView } from '../core/evidence.ts';
import { isShut } from '../core/fence.ts';
import type { DoorSeen, Lease } from '../core/lease.ts';
import type { Policy } from '../core/policy.ts';
import type { GuardPorts } from './guard.ts';
import { ask } from './look.ts';
import type { Clock } from './ports.ts';

// The door of a leased leader: its security groups, its logins and its sessions.

export interface DoorPorts extends GuardPorts {
  clock: Clock;
}

/** The groups of a door that was shut while RDS said that no engine ran: the only ones through which SQL can still be run. */
export type ShutBlind = readonly string[];

interface Door {
  view?: InstanceView | undefined;
  blind?: ShutBlind | undefined;
}

/** How long a group that was given back may take before SQL gets through: what is not through by then is the next step's. */
const GIVEN_BACK_MS = 1_000;

const emptyGroup = ({ region }: GuardPorts, policy: Policy): string | undefined => policy.fencedSecurityGroups[region];

export const doorOf = (view: InstanceView | undefined, ports: GuardPorts, policy: Policy): DoorSeen => {
  if (view === undefined) return { kind: 'unseen' };
  const empty = emptyGroup(ports, policy);
  if (isShut(view, empty)) return { kind: 'closed' };
  return { kind: 'open', groups: view.securityGroups.map(({ id }) => id).filter((id) => id !== empty) };
};

/**
 * Logins and sessions at every step, as long as the door must be shut. The empty group follows once SQL worked, the server
 * refuses the login, or RDS says that the engine is down. A host that does not answer and that RDS calls available may only
 * be frozen: behind the group its sessions would go on when it thaws, and nobody could reach it. The same is true of an engine
 * that comes back in the moment between that word of RDS and the group's effect, so a door that was shut blind is looked at again.
 * True once it is shut for certain.
 */
export const closeDoor = async (ports: DoorPorts, policy: Policy, memory: Door, door: DoorSeen): Promise<boolean> => {
  const { view } = memory;
  const at = view?.endpoint;
  if (view === undefined || at === undefined) return false;
  const isSaid = await endSessions(ports, policy, at);
  if (isSaid) memory.blind = undefined;
  if (door.kind === 'closed' && memory.blind !== undefined) return proveShut(ports, policy, view, at, memory);
  const isDown = isEngineDown(view.status);
  if (!isSaid && !isDown && !(await refuses(ports, at))) return false;
  if (door.kind === 'closed') return true;
  if (!isSaid && isDown && door.kind === 'open') memory.blind = door.groups;
  return (await shut(ports, policy, view)) && memory.blind === undefined;
};

/**
 * A door that was shut blind holds when no engine runs while the group is active: nobody has a session behind it. One that runs by
 * RDS's word came back too early, with clients whose connections no group cuts: they are ended through the groups it had, which
 * are given back for that alone. Words that say neither wait for one that does: a cluster whose lead was taken is `pending-resync`.
 */
const proveShut = async (
  ports: DoorPorts,
  policy: Policy,
  view: InstanceView,
  at: Endpoint,
  memory: Door,
): Promise<boolean> => {
  const { blind } = memory;
  if (blind === undefined) return true;
  if (isEngineDown(view.status)) {
    if (view.securityGroups.every(({ active }) => active)) memory.blind = undefined;
    return memory.blind === undefined;
  }
  if (!isEngineUp(view.status)) return false;
  await ask(() => ports.instances.setSecurityGroups(view.instance, [...blind]));
  await ports.clock.sleep(GIVEN_BACK_MS);
  if (!(await endSessions(ports, policy, at))) return false;
  memory.blind = undefined;
  return shut(ports, policy, view);
};

const endSessions = async (ports: DoorPorts, policy: Policy, at: Endpoint): Promise<boolean> =>
  (await ask(() => ports.sql.fence(at, policy.applicationRoles))).kind === 'ok';

const shut = async (ports: DoorPorts, policy: Policy, { instance }: InstanceView): Promise<boolean> => {
  const empty = emptyGroup(ports, policy);
  return empty !== undefined && (await ask(() => ports.instances.setSecurityGroups(instance, [empty]))).kind === 'ok';
};

const refuses = async (ports: DoorPorts, at: Endpoint): Promise<boolean> => {
  const probe = await ask(() => ports.sql.beat(at, ports.clock.now(), 0));
  return probe.kind === 'ok' && probe.report.kind === 'answered';
};

/** Groups first, for SQL needs them. A worker that froze since its renewal must not open a door that was to be shut meanwhile. */
export const openDoor = async (
  ports: DoorPorts,
  policy: Policy,
  { view, renewedAtMs }: Door & { renewedAtMs: number },
  lease: Lease,
  door: DoorSeen,
  ttlMs: number,
): Promise<boolean> => {
  const at = view?.endpoint;
  const isLate = () => ports.clock.now() - renewedAtMs >= ttlMs;
  if (view === undefined || at === undefined || door.kind === 'unseen' || isLate()) return false;
  if (door.kind === 'closed') {
    if (lease.groups.length === 0) return false;
    const given = await ask(() => ports.instances.setSecurityGroups(view.instance, lease.groups));
    if (given.kind !== 'ok' || isLate()) return false;
  }
  return (await ask(() => ports.sql.open(at, policy.applicationRoles))).kind === 'ok';
};
