import { describe, expect, test } from '@jest/globals';
import { isOurs, type Lease } from '../../functions/failover/core/lease.ts';
import type { Policy } from '../../functions/failover/core/policy.ts';
import { keepLease, type LeaseMemory, type LeasePorts, leaseStep } from '../../functions/failover/run/lease.ts';
import { policyOfScenario } from './simulation/policy.ts';
import { lostHost } from './simulation/scenario.ts';

// One step of the guard that keeps a lease: what it takes a store's answer for.

const TTL_MS = 9_000;
const policy: Policy = {
  ...policyOfScenario(lostHost({ fence: 'lease' })),
  lease: { seconds: TTL_MS / 1000, table: 'mainstay-lease' },
};
const ours: Lease = {
  pair: 'ledger',
  epoch: 0,
  holder: policy.primary.region,
  seq: 4,
  open: true,
  groups: ['sg-app'],
  renewedAtMs: 0,
  closesAfterSeconds: TTL_MS / 1000,
};
const THEIRS = { ...ours, holder: policy.replica.region, seq: 5, epoch: 1 };

/** A guard at a time, whose store answers as said. */
const guardAt = (
  atMs: number,
  answer: {
    loads: (Lease | 'silent')[];
    saves?: 'saved' | 'conflict' | 'silent';
    neverKept?: true;
    saved?: Lease[];
    region?: string;
    leased?: object[];
    closed?: string[];
  },
) => {
  let now = atMs;
  let isLeased = answer.neverKept !== true;
  const loads = [...answer.loads];
  const silent = () => Promise.reject(new Error('timeout'));
  return {
    region: answer.region ?? policy.primary.region,
    clock: { now: () => now, sleep: async () => {} },
    now: () => now,
    leases: {
      unfit: async () => undefined,
      load: async () => {
        now += 500;
        const next = loads.shift() ?? 'silent';
        return next === 'silent' ? silent() : next;
      },
      save: async (lease: Lease) => {
        now += 500;
        answer.saved?.push(lease);
        return answer.saves === 'silent' ? silent() : (answer.saves ?? 'saved');
      },
    },
    instances: {
      describe: async () => ({ status: 'available', securityGroups: [{ id: 'sg-app', active: true }], isLeased }),
      setSecurityGroups: async (instance: string) => void answer.closed?.push(instance),
      leased: async () => answer.leased ?? [],
      markLeased: async () => {
        isLeased = true;
      },
    },
    sql: { fence: async () => 0, open: async () => {}, beat: silent },
  } as unknown as LeasePorts;
};
const memoryAt = (renewedAtMs: number): LeaseMemory => ({
  renewedAtMs,
  opened: false,
  closed: false,
  silent: false,
  keeper: policy.primary,
});

describe('a renewal', () => {
  test('that worked counts from when it was sent, so that nobody reckons with a later time', async () => {
    const memory = memoryAt(0);
    expect(await leaseStep(guardAt(10_000, { loads: [ours] }), policy, memory)).toMatchObject({ word: 'renewed' });
    expect(memory.renewedAtMs).toBe(10_000);
    const silent = (atMs: number) => leaseStep(guardAt(atMs, { loads: ['silent'] }), policy, memory);
    expect(await silent(10_000 + TTL_MS - 1_000)).toMatchObject({ word: 'no-answer', duty: 'nothing' });
    expect(await silent(10_000 + TTL_MS)).toMatchObject({ word: 'no-answer', duty: 'close' });
  });

  test('that somebody else wrote before is none: the lease was taken, and the door is closed', async () => {
    const memory = memoryAt(0);
    const step = await leaseStep(guardAt(1_000, { loads: [ours, THEIRS], saves: 'conflict' }), policy, memory);
    expect(step).toMatchObject({ word: 'taken', duty: 'close' });
    expect(memory.renewedAtMs).toBe(0);
  });

  test('that another run of the same guard wrote before is one', async () => {
    const other = { ...ours, seq: 5 };
    const step = await leaseStep(guardAt(1_000, { loads: [ours, other], saves: 'conflict' }), policy, memoryAt(0));
    expect(step).toMatchObject({ word: 'renewed', duty: 'nothing' });
  });

  test('whose answer was lost is no answer', async () => {
    const step = await leaseStep(guardAt(1_000, { loads: [ours], saves: 'silent' }), policy, memoryAt(0));
    expect(step).toMatchObject({ word: 'no-answer', duty: 'nothing' });
  });
});

describe('whose door a lease keeps', () => {
  const swapped = {
    ...ours,
    holder: policy.replica.region,
    keeper: { instance: 'new', region: policy.replica.region },
  };

  test('is not the business of the other region: neither the candidate nor who led before is shut or opened', async () => {
    const there = guardAt(1_000, { loads: [ours], region: policy.replica.region });
    expect(await leaseStep(there, policy, { ...memoryAt(0), keeper: undefined })).toMatchObject({ word: 'elsewhere' });
    const before = guardAt(1_000, { loads: [swapped] });
    expect(await leaseStep(before, policy, memoryAt(0))).toMatchObject({ word: 'elsewhere', duty: 'nothing' });
  });

  test('is the new leader, by its own guard, once it was handed', async () => {
    const saved: Lease[] = [];
    const there = guardAt(1_000, { loads: [swapped], region: policy.replica.region, saved });
    expect(await leaseStep(there, policy, { ...memoryAt(0), keeper: undefined })).toMatchObject({ word: 'renewed' });
    expect(saved).toMatchObject([{ seq: 5, holder: policy.replica.region, keeper: { instance: 'new' } }]);
  });

  test('where the store is silent from the start: what RDS notes, follows nobody and stands open, of this pair alone', async () => {
    const at = { status: 'failed', endpoint: { host: 'h', port: 5432 }, isLeased: true };
    const shut = [{ id: policy.fencedSecurityGroups[policy.primary.region], active: true }];
    const open = [{ id: 'sg-app', active: true }];
    const leased = [
      { ...at, instance: 'other', securityGroups: open },
      { ...at, instance: 'old-e2', securityGroups: open, source: 'new' },
      { ...at, instance: 'old', securityGroups: shut },
      { ...at, instance: 'old-e4', securityGroups: open },
    ];
    const closed: string[] = [];
    const silent = guardAt(TTL_MS, { loads: ['silent'], leased, closed });
    const step = await leaseStep(silent, policy, { ...memoryAt(0), keeper: undefined });
    expect(step).toMatchObject({ word: 'no-answer', duty: 'close', done: true });
    expect(closed).toEqual(['old-e4']);
    const candidate = guardAt(TTL_MS, { loads: ['silent'], leased: [], closed, region: policy.replica.region });
    expect(await leaseStep(candidate, policy, { ...memoryAt(0), keeper: undefined })).toMatchObject({
      duty: 'nothing',
    });
  });
});

describe('a lease that was never kept', () => {
  test('shuts nobody out: a table that is not there, a missing grant, no way out of the VPC', async () => {
    const step = await leaseStep(guardAt(10_000, { loads: ['silent'], neverKept: true }), policy, memoryAt(0));
    expect(step).toMatchObject({ word: 'no-answer', duty: 'nothing' });
  });

  test('promises nothing in its first renewal, which notes it on the instance, and closes from then on', async () => {
    const saved: Lease[] = [];
    const ports = guardAt(10_000, { loads: [ours, { ...ours, seq: 5 }], neverKept: true, saved });
    const memory = memoryAt(0);
    await leaseStep(ports, policy, memory);
    await leaseStep(ports, policy, memory);
    expect(saved.map(({ closesAfterSeconds }) => closesAfterSeconds)).toEqual([undefined, 9]);
    const late = guardAt(40_000, { loads: ['silent'] });
    expect(await leaseStep(late, policy, memory)).toMatchObject({ duty: 'close' });
  });

  test('of a pair that is only watched promises nothing at all', async () => {
    const saved: Lease[] = [];
    await leaseStep(guardAt(1_000, { loads: [ours], saved }), { ...policy, mode: 'observe' }, memoryAt(0));
    expect(saved).toMatchObject([{ seq: 5 }]);
    expect(saved[0]).not.toHaveProperty('closesAfterSeconds', 9);
  });
});

test('a lease that was taken in another epoch is not ours', () => {
  const record = { candidate: { region: policy.replica.region }, epoch: 3 };
  const seen = { seq: 5, holder: policy.replica.region, sinceMs: 0 };
  expect(isOurs({ ...seen, epoch: 3 }, record)).toBe(true);
  expect(isOurs({ ...seen, epoch: 2 }, record)).toBe(false);
  expect(isOurs({ ...seen, epoch: 3, holder: policy.primary.region }, record)).toBe(false);
});

/** A guard with a door, whose calls are written down; each call takes so long. */
const atDoor = (
  lease: Lease | 'silent',
  change: {
    groups?: string[];
    status?: string;
    active?: boolean;
    fence?: 'silent' | 'through the groups';
    beat?: 'answered';
    callMs?: number;
    saveMs?: number;
  } = {},
) => {
  const calls: string[] = [];
  const plain = guardAt(10_000, { loads: [lease] });
  let now = 10_000;
  const silent = () => Promise.reject(new Error('timeout'));
  const took = (call: string) => {
    now += change.callMs ?? 0;
    calls.push(call);
  };
  const ports = {
    ...plain,
    region: policy.primary.region,
    clock: { now: () => now, sleep: async () => {} },
    leases: {
      ...plain.leases,
      save: async (...saved: Parameters<LeasePorts['leases']['save']>) => {
        now += change.saveMs ?? 0;
        return await plain.leases.save(...saved);
      },
    },
    instances: {
      describe: async () => ({
        ...{ instance: 'old', status: change.status ?? 'available', isLeased: true },
        endpoint: { host: 'old.rds', port: 5432 },
        securityGroups: (change.groups ?? ['sg-app']).map((id) => ({ id, active: change.active ?? true })),
      }),
      setSecurityGroups: async (_instance: string, ids: string[]) => took(`groups ${ids.join(' ')}`),
      markLeased: async () => {},
    },
    sql: {
      fence: async () => {
        took('fence');
        const isThrough = change.fence === undefined || (change.fence !== 'silent' && calls.includes('groups sg-app'));
        return isThrough ? 0 : silent();
      },
      open: async () => took('open'),
      beat: change.beat === 'answered' ? async () => ({ kind: 'answered', because: 'login refused' }) : silent,
    },
  } as unknown as LeasePorts;
  return { ports, calls };
};
const EMPTY = policy.fencedSecurityGroups[policy.primary.region] ?? '';

describe('a door that must be shut', () => {
  const shutting = async (change: Parameters<typeof atDoor>[1]) => {
    const { ports, calls } = atDoor(THEIRS, change);
    return { step: await leaseStep(ports, policy, memoryAt(10_000)), calls };
  };

  test('is shut once the sessions were ended, or the server refuses', async () => {
    for (const change of [{}, { fence: 'silent', beat: 'answered' }] as const)
      expect(await shutting(change)).toMatchObject({ step: { done: true }, calls: ['fence', `groups ${EMPTY}`] });
  });

  test('is shut when RDS says that no engine runs, which is no proof yet', async () => {
    expect(await shutting({ fence: 'silent', status: 'failed' })).toMatchObject({
      step: { done: false },
      calls: ['fence', `groups ${EMPTY}`],
    });
  });

  test('is not shut before a host that may only be frozen: behind the group its sessions would go on when it thaws', async () => {
    expect(await shutting({ fence: 'silent' })).toMatchObject({
      step: { duty: 'close', done: false },
      calls: ['fence'],
    });
  });
});

describe('a door that was shut because no engine ran', () => {
  const seenAgain = async (change: Parameters<typeof atDoor>[1]) => {
    const memory = { ...memoryAt(10_000), blind: ['sg-app'] };
    const { ports, calls } = atDoor(THEIRS, { groups: [EMPTY], fence: 'silent', ...change });
    const { done } = await leaseStep(ports, policy, memory);
    return { done, calls, blind: memory.blind };
  };

  test('is shut for certain once none runs behind it', async () => {
    expect(await seenAgain({ status: 'failed' })).toEqual({ done: true, calls: ['fence'], blind: undefined });
  });

  test('is not, as long as the group is not active, or RDS says of the engine that it is modified', async () => {
    const looks = [
      { status: 'failed', active: false },
      ...['modifying', 'pending-resync', 'failing-over', 'a-word-of-next-year'].map((status) => ({ status })),
    ];
    for (const look of looks)
      expect(await seenAgain(look)).toEqual({ done: false, calls: ['fence'], blind: ['sg-app'] });
  });

  test('gets its groups back when an engine came back too early: its clients live on behind the group until SQL ends them', async () => {
    const came = { done: true, calls: ['fence', 'groups sg-app', 'fence', `groups ${EMPTY}`], blind: undefined };
    expect(await seenAgain({ fence: 'through the groups' })).toEqual(came);
    const not = { done: false, calls: ['fence', 'groups sg-app', 'fence'], blind: ['sg-app'] };
    expect(await seenAgain({})).toEqual(not);
  });

  test('is looked at again in a second, and not in a third of the ttl', async () => {
    const { ports } = atDoor(THEIRS, { fence: 'silent', status: 'failed' });
    const waits: number[] = [];
    const clock = { ...ports.clock, sleep: async (ms: number) => void waits.push(ms) };
    const options = { remainingMs: () => (waits.length > 0 ? 0 : 60_000), said: () => {} };
    await keepLease({ ...ports, clock }, policy, options);
    expect(waits).toEqual([1_000]);
  });
});

describe('a door that this guard shut by itself', () => {
  const reopened = async (lease: Partial<Lease>, change: Parameters<typeof atDoor>[1] = {}) => {
    const { ports, calls } = atDoor(
      { ...ours, reopen: true, renewedAtMs: 9_000, ...lease },
      { groups: [EMPTY], ...change },
    );
    await leaseStep(ports, policy, memoryAt(10_000));
    return calls;
  };

  test('is opened with the groups of the lease, then the logins', async () => {
    expect(await reopened({})).toEqual(['groups sg-app', 'open']);
  });

  test('is not opened without groups: RDS would take none for all', async () => {
    expect(await reopened({ groups: [] })).toEqual([]);
  });

  test('is not opened by a worker that froze for a ttl, nor are the logins behind it', async () => {
    expect(await reopened({}, { saveMs: TTL_MS })).toEqual([]);
    expect(await reopened({}, { callMs: TTL_MS })).toEqual(['groups sg-app']);
  });
});

describe('a run that closed a door because the store was silent', () => {
  const EMPTY_DOOR = { groups: [EMPTY] };
  const silently = async (memory: LeaseMemory, change: Parameters<typeof atDoor>[1] = {}) => {
    const { ports } = atDoor('silent', change);
    expect(await leaseStep(ports, policy, memory)).toMatchObject({ word: 'no-answer', duty: 'close' });
    return memory;
  };

  test('knows that it did, and no more that it had opened it', async () => {
    expect(await silently({ ...memoryAt(0), opened: true })).toMatchObject({
      closed: true,
      silent: true,
      opened: false,
    });
    expect(await silently(memoryAt(0), EMPTY_DOOR)).toMatchObject({ closed: false, silent: true });
  });

  test('stays until the store answers, for nobody else knows it for certain', async () => {
    const steps: string[] = [];
    let now = 0;
    const { ports } = atDoor('silent', EMPTY_DOOR);
    const load = () => (now < 120_000 ? Promise.reject(new Error('timeout')) : Promise.resolve(ours));
    const sleep = async (ms: number) => {
      now += ms;
    };
    const clock = { now: () => now, sleep };
    const told = { remainingMs: () => 170_000 - now, said: ({ word }: { word: string }) => void steps.push(word) };
    await keepLease({ ...ports, clock, leases: { ...ports.leases, load } }, policy, told);
    expect(now).toBeGreaterThanOrEqual(120_000);
    expect(steps.at(-1)).toBe('renewed');
  });
});

describe('a table', () => {
  const keeping = (unfit: LeasePorts['leases']['unfit']) => {
    const { ports, calls } = atDoor(THEIRS);
    const steps: unknown[] = [];
    const options = { remainingMs: () => 0, said: (step: unknown) => void steps.push(step) };
    const kept = keepLease({ ...ports, leases: { ...ports.leases, unfit } }, policy, options);
    return { kept, steps, calls };
  };

  test('that cannot carry a lease keeps the guard out, with the reason', async () => {
    const { kept, calls } = keeping(async () => 'it is eventually consistent');
    await expect(kept).rejects.toThrow('no lease is kept: it is eventually consistent');
    expect(calls).toEqual([]);
  });

  test('that does not say whether it can is what a lease is for: the guard goes on', async () => {
    const { kept, steps } = keeping(() => Promise.reject(new Error('timeout')));
    await kept;
    expect(steps).toHaveLength(1);
  });
});
