import { isEngineDown } from '../core/diagnose.ts';
import type { Answer, Endpoint, GuardReport, WriteProbe } from '../core/evidence.ts';
import { isOfPair, type Policy, type Target } from '../core/policy.ts';
import { ask } from './look.ts';
import type { Door, FenceOrder, Instances, UnfenceOrder } from './ports.ts';

/** The primary's SQL, as far as the guard may: the functions of setup.sql. */
export interface PrimarySql {
  /** The write probe; a server's refusal and a missing connection are told apart. */
  beat(at: Endpoint, atMs: number, epoch: number): Promise<WriteProbe>;
  /** Takes LOGIN from the application roles and ends their sessions; how many other clients are left. */
  fence(at: Endpoint, roles: readonly string[]): Promise<number>;
  open(at: Endpoint, roles: readonly string[]): Promise<void>;
}

export interface GuardPorts {
  /** The guard's own region, and its instances. */
  region: string;
  instances: Instances & Door;
  sql: PrimarySql;
  now: () => number;
}

export type GuardEvent =
  | { kind: 'tick' }
  | { kind: 'observe'; pair: string; epoch: number; target: Target }
  | ({ kind: 'fence'; planned?: boolean } & FenceOrder)
  | ({ kind: 'quiesce' } & FenceOrder)
  | ({ kind: 'unfence' } & FenceOrder & UnfenceOrder);

/** What the guard sees: RDS's word for an instance of its region, and whether it takes a write now. */
export const observePrimary = async (
  ports: GuardPorts,
  policy: Policy,
  target: Target,
  epoch: number,
): Promise<GuardReport> => {
  const { instances, sql, now } = ports;
  mine(ports, policy, target);
  const instance = await ask(async () => {
    const view = await instances.describe(target.instance);
    if (view === undefined) throw new Error(`RDS knows no instance ${target.instance}`);
    return view;
  });
  // Only RDS's own word for the address is used: after a failover the writer's name leads to the other one.
  const { endpoint, source } = instance.kind === 'ok' ? instance.report : {};
  const atMs = now();
  const write: WriteProbe =
    endpoint === undefined || source !== undefined
      ? { kind: 'answered', because: notProbed(target, source) }
      : await sql.beat(endpoint, atMs, epoch).catch((error: unknown) => ({ kind: 'answered', because: String(error) }));
  return { atMs, instance, write };
};

const notProbed = ({ instance }: Target, source: string | undefined): string =>
  source === undefined
    ? `RDS did not say where ${instance} is, so it was not probed`
    : `${instance} is a replica of ${source}: it takes no writes`;

/**
 * The fence, outermost step last: logins and sessions while SQL is possible, then the empty security group, which also holds
 * for a host that is down and comes back. A group alone would not cut open sessions (docs: security-group-connection-tracking).
 * Throws on an order that came too late or is about another instance.
 */
export const fencePrimary = async (
  ports: GuardPorts,
  policy: Policy,
  order: FenceOrder & { planned?: boolean },
): Promise<{ sessionsLeft?: number }> => {
  const view = await addressee(ports, policy, order);
  const empty = emptyGroup(policy, order.target);
  // With no engine there is no session to end: only the time for a timeout would be lost.
  const at = isEngineDown(view.status) ? undefined : view.endpoint;
  const sessions = at && (await ask(() => ports.sql.fence(at, policy.applicationRoles)));
  if (order.planned) requireEmpty(sessions);
  await ports.instances.setSecurityGroups(view.instance, [empty]);
  return sessions?.kind === 'ok' ? { sessionsLeft: sessions.report } : {};
};

/** A planned change's first step: nobody writes any more, and the guard can still ask where the log stands. */
export const quiescePrimary = async (ports: GuardPorts, policy: Policy, order: FenceOrder): Promise<void> => {
  const { endpoint } = await addressee(ports, policy, order);
  requireEmpty(endpoint && (await ask(() => ports.sql.fence(endpoint, policy.applicationRoles))));
};

const requireEmpty = (sessions: Answer<number> | undefined): void => {
  if (sessions?.kind !== 'ok')
    throw new Error(
      `the sessions could not be ended: ${sessions?.kind === 'no-answer' ? sessions.because : 'no endpoint'}`,
    );
  if (sessions.report !== 0) throw new Error(`${sessions.report} sessions of other clients are left`);
};

/** Undoes a fence before the point of no return: security groups first, for SQL needs them; then logins. */
export const unfencePrimary = async (
  ports: GuardPorts,
  policy: Policy,
  order: FenceOrder & UnfenceOrder,
): Promise<void> => {
  const view = await addressee(ports, policy, order);
  if (order.follower) {
    // Asked for again right before the effect: one that takes writes of its own stays shut.
    if (view.source === undefined) throw new Error(`${view.instance} follows nobody: it stays shut`);
    return ports.instances.setSecurityGroups(view.instance, order.securityGroupIds);
  }
  const isShut = view.securityGroups.some(({ id }) => id === policy.fencedSecurityGroups[order.target.region]);
  if (order.securityGroupIds.length === 0 && (isShut || !order.logins)) {
    throw new Error('no security groups to give back are known');
  }
  // A switchover that was called off before its fence has left the door as it was.
  if (isShut || !order.logins) await ports.instances.setSecurityGroups(view.instance, order.securityGroupIds);
  const opened = await ask(async () => {
    if (view.endpoint === undefined) throw new Error('RDS did not say where the primary is');
    await ports.sql.open(view.endpoint, policy.applicationRoles);
  });
  if (order.logins && opened.kind !== 'ok')
    throw new Error(`the logins are not open yet: ${opened.kind === 'no-answer' ? opened.because : ''}`);
};

/** Throws unless the target is an instance of this pair, and of this guard's region. */
const mine = ({ region }: GuardPorts, policy: Policy, target: Target): void => {
  if (target.region !== region)
    throw new Error(`this is the guard of ${region}, and ${target.instance} is in ${target.region}`);
  if (!isOfPair(policy, target)) throw new Error(`${target.instance} is no instance of the pair ${policy.pair}`);
};

const emptyGroup = (policy: Policy, { region }: Target): string => {
  const group = policy.fencedSecurityGroups[region];
  if (group === undefined) throw new Error(`the config names no empty security group in ${region}`);
  return group;
};

const addressee = async (ports: GuardPorts, policy: Policy, order: FenceOrder) => {
  const { instances, now } = ports;
  mine(ports, policy, order.target);
  const view = await instances.describe(order.target.instance);
  if (view === undefined) throw new Error(`RDS knows no instance ${order.target.instance}`);
  if (order.resourceId !== undefined && order.resourceId !== view.resourceId) {
    throw new Error(`the order is about ${order.resourceId}, and ${view.instance} is ${view.resourceId}`);
  }
  // Checked last, right before the effect: an order that a frozen worker sends late must do nothing.
  if (now() > order.notAfterMs) throw new Error(`the order of epoch ${order.epoch} came too late`);
  return view;
};
