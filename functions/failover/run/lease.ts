import { isEngineDown } from '../core/diagnose.ts';
import type { Endpoint, InstanceView } from '../core/evidence.ts';
import {
  type DoorSeen,
  guardDuty,
  keeperOf,
  type Lease,
  type LeaseWord,
  renewEveryMs,
  renewed,
} from '../core/lease.ts';
import { isOfPair, type Policy, type Target } from '../core/policy.ts';
import type { GuardPorts } from './guard.ts';
import { ask } from './look.ts';
import type { Clock, LeaseStore } from './ports.ts';

export interface LeasePorts extends GuardPorts {
  leases: LeaseStore;
  clock: Clock;
}

/** What one run of the guard remembers; the next one knows nothing of it. */
export interface LeaseMemory {
  /** When the last renewal that worked was sent: before it was written, so that nobody reckons with a later time. */
  renewedAtMs: number;
  opened: boolean;
  /** It closed the door because the store was silent. */
  closed: boolean;
  /** Whose door it is, by the lease itself; unknown as long as the store has not answered this run. */
  keeper?: Target | undefined;
  view?: InstanceView | undefined;
}

export type LeaseStep = { word: LeaseWord['kind']; duty: ReturnType<typeof guardDuty>; done: boolean };

/** Two runs overlap, though Scheduler starts each anywhere within its minute: the longest gap is 119 s - 105 s. */
const RUN_MS = 105_000;
/** What one step may need. */
const STEP_BUDGET_MS = 12_000;

/** Renews the lease for one run, and closes or opens the primary's door as it says. Goes on while a lapse is open. */
export const keepLease = async (
  ports: LeasePorts,
  policy: Policy,
  options: { remainingMs: () => number; said: (step: LeaseStep) => void },
): Promise<void> => {
  if (policy.lease === undefined) return;
  const unfit = await ask(() => ports.leases.unfit(policy.pair));
  // Only a definite no keeps the guard out; a store that does not answer is what a lease is for.
  if (unfit.kind === 'ok' && unfit.report !== undefined) throw new Error(`no lease is kept: ${unfit.report}`);
  const ttlMs = policy.lease.seconds * 1000;
  const startMs = ports.clock.now();
  const memory: LeaseMemory = { renewedAtMs: startMs, opened: false, closed: false };
  for (;;) {
    const step = await leaseStep(ports, policy, memory);
    options.said(step);
    if (step.word === 'elsewhere') return;
    const { now } = ports.clock;
    const everyMs = renewEveryMs(ttlMs);
    const toEndMs = memory.renewedAtMs + ttlMs - now();
    const waitMs = step.word === 'no-answer' && toEndMs > 0 ? Math.min(everyMs, toEndMs) : everyMs;
    const mayEnd = step.word !== 'no-answer' || (step.duty === 'close' && step.done);
    if (mayEnd && now() + waitMs - startMs >= RUN_MS) return;
    if (options.remainingMs() - waitMs < STEP_BUDGET_MS) return;
    await ports.clock.sleep(waitMs);
  }
};

/** One step: renew, then do what the word asks for. Never throws. */
export const leaseStep = async (ports: LeasePorts, policy: Policy, memory: LeaseMemory): Promise<LeaseStep> => {
  const ttlMs = (policy.lease?.seconds ?? 0) * 1000;
  const sentAtMs = ports.clock.now();
  const known = memory.keeper;
  const [before, first] = await Promise.all([
    ask(() => ports.leases.load(policy.pair)),
    known && describe(ports, known),
  ]);
  if (before.kind === 'ok') memory.keeper = keeperOf(before.report, policy);
  const { keeper } = memory;
  if (keeper !== undefined && (keeper.region !== ports.region || !isOfPair(policy, keeper)))
    return { word: 'elsewhere', duty: 'nothing', done: true };
  if (keeper?.instance !== known?.instance) memory.view = undefined;
  const seen =
    keeper === undefined
      ? await leasedHere(ports, policy)
      : keeper.instance === known?.instance
        ? first
        : await describe(ports, keeper);
  memory.view = seen ?? memory.view;
  const isMarked = memory.view?.isLeased === true;
  const door = doorOf(seen, ports, policy);
  const word: LeaseWord =
    before.kind === 'ok'
      ? await renew(ports, policy, before.report, {
          door,
          opened: memory.opened,
          closed: memory.closed,
          ttlMs,
          atMs: sentAtMs,
          // Who only watches shuts nobody out, and promises nothing; nor does who would not know that there was a lease.
          watchesOnly: policy.mode === 'observe' || !isMarked,
          keeper,
        })
      : { kind: 'no-answer' };
  if (word.kind === 'renewed') Object.assign(memory, { renewedAtMs: sentAtMs, opened: false, closed: false });
  if (word.kind === 'renewed' && seen !== undefined && !isMarked)
    await ask(() => ports.instances.markLeased(seen.instance));
  const duty = guardDuty(word, ports.clock.now() - memory.renewedAtMs, ttlMs);
  // A store that never was there (no table, no grant, no way out of the VPC) must not shut a healthy leader out.
  if (word.kind === 'no-answer' && !isMarked) return { word: word.kind, duty: 'nothing', done: true };
  if (duty === 'nothing' || policy.mode === 'observe') return { word: word.kind, duty: 'nothing', done: true };
  if (duty === 'close' && word.kind === 'no-answer') memory.closed = true;
  if (duty === 'close') return { word: word.kind, duty, done: await close(ports, policy, memory.view, door) };
  memory.opened = word.kind === 'renewed' && (await open(ports, policy, memory, word.lease, door, ttlMs));
  return { word: word.kind, duty, done: memory.opened };
};

type Renewing = Omit<Parameters<typeof renewed>[1], 'pair' | 'region'>;

const renew = async (
  ports: LeasePorts,
  policy: Policy,
  before: Lease | undefined,
  now: Renewing,
): Promise<LeaseWord> => {
  const { pair } = policy;
  const next = renewed(before, { pair, region: ports.region, ...now });
  if (next === 'taken') return { kind: 'taken' };
  const saved = await ask(() => ports.leases.save(next, before?.seq ?? 0));
  if (saved.kind !== 'ok') return { kind: 'no-answer' };
  if (saved.report === 'saved') return { kind: 'renewed', lease: next };
  // Another run of this guard was quicker, or somebody took it.
  const stored = await ask(() => ports.leases.load(pair));
  if (stored.kind !== 'ok' || stored.report === undefined) return { kind: 'no-answer' };
  return stored.report.holder === ports.region ? { kind: 'renewed', lease: stored.report } : { kind: 'taken' };
};

const describe = async (ports: LeasePorts, { instance }: Target): Promise<InstanceView | undefined> => {
  const view = await ask(() => ports.instances.describe(instance));
  return view.kind === 'ok' ? view.report : undefined;
};

/**
 * The leader by RDS alone, for a run that began while the store was silent and so knows no name of it: an instance of the pair in
 * this region that kept a lease once and follows nobody. Of several the one whose door is open: who led before was shut.
 */
const leasedHere = async (ports: LeasePorts, policy: Policy): Promise<InstanceView | undefined> => {
  const { region } = ports;
  const found = await ask(() => ports.instances.leased());
  const ours = (found.kind === 'ok' ? found.report : []).filter(
    ({ instance, source }) => source === undefined && isOfPair(policy, { instance, region }),
  );
  return ours.find((one) => doorOf(one, ports, policy).kind === 'open') ?? ours[0];
};

const emptyGroup = ({ region }: LeasePorts, policy: Policy): string | undefined => policy.fencedSecurityGroups[region];

const doorOf = (view: InstanceView | undefined, ports: LeasePorts, policy: Policy): DoorSeen => {
  if (view === undefined) return { kind: 'unseen' };
  const groups = view.securityGroups.map(({ id }) => id);
  return groups.length === 1 && groups[0] === emptyGroup(ports, policy)
    ? { kind: 'closed' }
    : { kind: 'open', groups: groups.filter((id) => id !== emptyGroup(ports, policy)) };
};

/**
 * Logins and sessions at every step, as long as the door must be shut. The empty group follows once SQL worked, the server
 * refuses the login, or RDS says that the engine is down. A host that does not answer and that RDS calls available may only
 * be frozen: behind the group its sessions would go on when it thaws, and nobody could reach it.
 */
const close = async (
  ports: LeasePorts,
  policy: Policy,
  view: InstanceView | undefined,
  door: DoorSeen,
): Promise<boolean> => {
  const at = view?.endpoint;
  if (view === undefined || at === undefined) return false;
  const sql = await ask(() => ports.sql.fence(at, policy.applicationRoles));
  const mayShut = sql.kind === 'ok' || isEngineDown(view.status) || (await refuses(ports, at));
  if (!mayShut) return false;
  if (door.kind === 'closed') return true;
  const empty = emptyGroup(ports, policy);
  if (empty === undefined) return false;
  const shut = await ask(() => ports.instances.setSecurityGroups(view.instance, [empty]));
  return shut.kind === 'ok';
};

const refuses = async (ports: LeasePorts, at: Endpoint): Promise<boolean> => {
  const probe = await ask(() => ports.sql.beat(at, ports.clock.now(), 0));
  return probe.kind === 'ok' && probe.report.kind === 'answered';
};

/** Groups first, for SQL needs them. A worker that froze since its renewal must not open a door that was to be shut meanwhile. */
const open = async (
  ports: LeasePorts,
  policy: Policy,
  { view, renewedAtMs }: LeaseMemory,
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
