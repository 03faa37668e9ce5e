import { isLeased, type Lease, leaseSilentMs } from '../../../functions/failover/core/lease.ts';
import type { Policy } from '../../../functions/failover/core/policy.ts';
import type { FailoverRecord } from '../../../functions/failover/core/record.ts';
import type { GuardPorts } from '../../../functions/failover/run/guard.ts';
import { keepLease, type LeasePorts } from '../../../functions/failover/run/lease.ts';
import type { LeaseStore } from '../../../functions/failover/run/ports.ts';
import { comesBackBehindACut } from './judge.ts';
import type { World } from './world.ts';

/** The lease store in memory: the same rules as the table's. */
export const memoryLeases = (): LeaseStore => {
  const leases = new Map<string, Lease>();
  return {
    unfit: async () => undefined,
    load: async (pair) => leases.get(pair),
    save: async (lease, expectedSeq) => {
      if ((leases.get(lease.pair)?.seq ?? 0) !== expectedSeq) return 'conflict';
      leases.set(lease.pair, Object.freeze(structuredClone(lease)));
      return 'saved';
    },
  };
};

/** A store as one region reaches it: slowly, or not at all. */
export const reached = (world: World, leases: LeaseStore, isUp: () => boolean): LeaseStore => {
  const far =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await world.time.sleep(isUp() ? 60 : 3_000);
      if (!isUp()) throw new Error('503');
      return call(...args);
    };
  return { unfit: leases.unfit, load: far(leases.load), save: far(leases.save) };
};

/** One run of the guard of a leased pair, in its own region. */
export const guardRun = (world: World, policy: Policy, guard: GuardPorts, leases: LeaseStore): void => {
  if (!isLeased(policy)) return;
  const isFar = guard.region === policy.primary.region;
  const ports: LeasePorts = {
    ...guard,
    leases: reached(world, leases, () => (isFar ? world.storeFromPrimary : world.storeUp)),
    clock: { now: () => world.now, sleep: (ms) => world.time.sleep(ms) },
  };
  const endMs = world.now + 170_000;
  const ttlMs = (policy.lease?.seconds ?? 0) * 1000;
  void keepLease(ports, policy, {
    remainingMs: () => endMs - world.now,
    said: ({ word, duty }) => {
      world.count(`lease-${word}-${duty}`);
      if (isFar && duty === 'close' && word === 'no-answer' && world.storeUpMs() > ttlMs)
        world.violate('the guard closed a door though its store answers');
    },
  });
};

/** Nobody takes writes on both sides, but a host that thaws or an engine that comes back, for one step of its guard. */
export const judgeLease = (world: World, policy: Policy): void => {
  if (!isLeased(policy) || world.forcedEpochs.size > 0) return;
  const takers = world.databases.filter((one) => one.accepts(world.now));
  if (takers.length > 1 && !takers.some((one) => comesBackBehindACut(world, one)))
    world.violate('two primaries take writes');
};

/** A leader that lives and whose lease is its own stands open in the end. */
export const judgeLeaseEnd = async (
  world: World,
  policy: Policy,
  record: FailoverRecord | undefined,
  leases: LeaseStore,
): Promise<void> => {
  const settledMs = leaseSilentMs(policy.lease?.seconds ?? 0) + 90_000;
  const { upSinceMs } = world.old;
  const upMs = upSinceMs === undefined ? 0 : world.now - upSinceMs;
  const own = (await leases.load(policy.pair))?.holder === policy.primary.region;
  if (!isLeased(policy) || record?.phase !== 'healthy' || !own) return;
  if (world.now - record.phaseSinceMs < settledMs || upMs < settledMs || world.storeUpMs() < settledMs) return;
  if (world.fenced() || !world.roleMayLogin) world.violate('a living leader was left shut out');
};
