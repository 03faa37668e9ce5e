import type { InstanceView } from '../core/evidence.ts';
import { guardDuty, keeperOf, type Lease, type LeaseWord, renewEveryMs, renewed } from '../core/lease.ts';
import { isOfPair, type Policy, type Target } from '../core/policy.ts';
import { closeDoor, type DoorPorts, doorOf, openDoor, type ShutBlind } from './lease-door.ts';
import { ask } from './look.ts';
import type { LeaseStore } from './ports.ts';

export interface LeasePorts extends DoorPorts {
  leases: LeaseStore;
}

/** What one run of the guard remembers; the next one knows nothing of it. */
export interface LeaseMemory {
  /** When the last renewal that worked was sent: before it was written, so that nobody reckons with a later time. */
  renewedAtMs: number;
  opened: boolean;
  /** It found the door open and closed it, because the store was silent. */
  closed: boolean;
  /** The store did not answer since the last renewal. */
  silent: boolean;
  /** Whose door it is, by the lease itself; unknown as long as the store has not answered this run. */
  keeper?: Target | undefined;
  view?: InstanceView | undefined;
  /** It shut the door because no engine ran, and has not seen yet that none ran behind it. */
  blind?: ShutBlind | undefined;
}

export type LeaseStep = { word: LeaseWord['kind']; duty: ReturnType<typeof guardDuty>; done: boolean };

/** Two runs overlap, though Scheduler starts each anywhere within its minute: the longest gap is 119 s - 105 s. */
const RUN_MS = 105_000;
/** What one step may need. */
const STEP_BUDGET_MS = 12_000;
/** A door that was shut blind is looked at again this soon: an engine that came back meanwhile has its clients again. */
const AGAIN_MS = 1_000;

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
  const memory: LeaseMemory = { renewedAtMs: startMs, opened: false, closed: false, silent: false };
  for (;;) {
    const step = await leaseStep(ports, policy, memory);
    options.said(step);
    if (step.word === 'elsewhere') return;
    const { now } = ports.clock;
    const everyMs = renewEveryMs(ttlMs);
    const toEndMs = memory.renewedAtMs + ttlMs - now();
    const dueMs = step.word === 'no-answer' && toEndMs > 0 ? Math.min(everyMs, toEndMs) : everyMs;
    const waitMs = memory.blind === undefined ? dueMs : Math.min(dueMs, AGAIN_MS);
    // Who closed the door is the only one who knows it for certain: it stays to write that down.
    if (step.word !== 'no-answer' && now() + waitMs - startMs >= RUN_MS) return;
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
          silent: memory.silent,
          ttlMs,
          atMs: sentAtMs,
          // Who only watches shuts nobody out, and promises nothing; nor does who would not know that there was a lease.
          watchesOnly: policy.mode === 'observe' || !isMarked,
          keeper,
        })
      : { kind: 'no-answer' };
  if (word.kind === 'renewed')
    Object.assign(memory, { renewedAtMs: sentAtMs, opened: false, closed: false, silent: false, blind: undefined });
  if (word.kind === 'renewed' && seen !== undefined && !isMarked)
    await ask(() => ports.instances.markLeased(seen.instance));
  memory.silent ||= word.kind === 'no-answer';
  const duty = guardDuty(word, ports.clock.now() - memory.renewedAtMs, ttlMs);
  // A store that never was there (no table, no grant, no way out of the VPC) must not shut a healthy leader out.
  if (word.kind === 'no-answer' && !isMarked) return { word: word.kind, duty: 'nothing', done: true };
  if (duty === 'nothing' || policy.mode === 'observe') return { word: word.kind, duty: 'nothing', done: true };
  if (duty === 'close' && word.kind === 'no-answer') memory.closed ||= door.kind === 'open';
  if (duty === 'close') memory.opened = false;
  if (duty === 'close') return { word: word.kind, duty, done: await closeDoor(ports, policy, memory, door) };
  memory.opened = word.kind === 'renewed' && (await openDoor(ports, policy, memory, word.lease, door, ttlMs));
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
