import { describe, expect, test } from '@jest/globals';
import { decide } from '../../functions/failover/core/decide.ts';
import { disaster, fencing, NOW, ok, policy, record } from '../../functions/failover/core/example.ts';
import type { Lease } from '../../functions/failover/core/lease.ts';
import type { Step } from '../../functions/failover/core/phases.ts';
import type { FailoverRecord } from '../../functions/failover/core/record.ts';
import { type ActPorts, act } from '../../functions/failover/run/act.ts';

// One side effect: what is handed to the world, and what its answer is taken for.

const LEASE: Lease = {
  ...{ pair: 'ledger', epoch: 0, holder: 'eu-west-1', seq: 4, open: true, groups: ['sg-app'], renewedAtMs: 0 },
  closesAfterSeconds: 9,
};
const leasedPolicy = { ...policy, fence: 'lease' as const, lease: { table: 'leases', seconds: 9 } };

const carriedOut = async (
  step: Step,
  from: FailoverRecord,
  ports: Partial<Record<keyof ActPorts, unknown>>,
  by = policy,
) => {
  const seen = disaster({ lease: ok({ atMs: NOW, lease: LEASE }) });
  const { situation } = decide(from, seen, by, NOW);
  const clock = { now: () => NOW, sleep: async () => {} };
  return act({ clock, ...ports } as unknown as ActPorts, from, { situation, kind: 'act', step } as never);
};

describe('a lease is taken', () => {
  const taking = async (outcome: 'saved' | 'conflict') => {
    const saved: [lease: Lease, expectedSeq: number][] = [];
    const leases = {
      save: async (...args: [Lease, number]) => {
        saved.push(args);
        return outcome;
      },
    };
    return { ...(await carriedOut('take-lease', fencing(), { leases }, leasedPolicy)), saved };
  };

  test('on the very seq that was looked at, for our own region and epoch', async () => {
    const { error, saved } = await taking('saved');
    expect(error).toBeUndefined();
    expect(saved).toEqual([[{ ...LEASE, holder: 'eu-central-1', epoch: 3, seq: 5 }, 4]]);
  });

  test('not when it was renewed in between: the next look starts from that', async () => {
    expect((await taking('conflict')).error).toContain('the lease was renewed between the look and the order');
  });

  test('not without a store', async () => {
    expect((await carriedOut('take-lease', fencing(), {}, leasedPolicy)).error).toContain('could not be read');
  });
});

describe('a name is moved', () => {
  const leads = record({
    phase: 'switching-names',
    leader: record().candidate,
    previousLeader: record().leader,
    intents: { 'swap-names': { id: 'ledger/3/swap-names', atMs: NOW - 20_000, attempts: 1 } },
  });

  test('by one batch, whose receipt is kept', async () => {
    const swap = async () => ({ kind: 'accepted', changeId: 'C1' });
    expect(await carriedOut('swap-names', leads, { names: { swap } })).toEqual({ receipt: 'C1' });
  });

  test('not when somebody changed it in between', async () => {
    const swap = async () => ({ kind: 'conflict' });
    expect((await carriedOut('swap-names', leads, { names: { swap } })).error).toContain('the name changed');
  });

  test('not by a number that comes late: it could flip the name back', async () => {
    const flips: unknown[] = [];
    const names = { flip: async (order: unknown) => void flips.push(order) };
    const stop = { ...policy, names: { ...policy.names, mode: 'stop' as const } };
    expect((await carriedOut('swap-names', leads, { names }, stop)).error).toContain('too late');
    expect(flips).toEqual([]);
    const intents = { 'swap-names': { id: 'ledger/3/swap-names', atMs: NOW - 1_000, attempts: 1 } };
    await carriedOut('swap-names', { ...leads, intents }, { names }, stop);
    expect(flips).toEqual([{ pair: 'ledger', standby: true, atMs: NOW - 1_000 }]);
  });
});

describe('an order', () => {
  const given = async (step: 'fence' | 'quiesce' | 'unfence', from: FailoverRecord) => {
    const orders: { notAfterMs: number }[] = [];
    const take = async (one: { notAfterMs: number }) => void orders.push(one);
    await carriedOut(step, from, { fencing: { fence: take, quiesce: take, unfence: take } });
    return orders;
  };
  const intents = {
    quiesce: { id: 'ledger/3/quiesce', atMs: NOW - 9_000, attempts: 1 },
    fence: { id: 'ledger/3/fence', atMs: NOW - 4_000, attempts: 1 },
  };

  test('of a planned change lives from when it was written down: its writers may have been let in again since', async () => {
    expect(await given('quiesce', record({ phase: 'quiescing', intents }))).toMatchObject([
      { notAfterMs: NOW + 6_000 },
    ]);
    expect(await given('fence', record({ phase: 'closing', intents }))).toMatchObject([
      { notAfterMs: NOW + 11_000, planned: true },
    ]);
  });

  test('to open the door lives from when it was written down: another one may lead since', async () => {
    const unfence = { id: 'ledger/3/unfence', atMs: NOW - 4_000, attempts: 1 };
    const from = record({ phase: 'aborting', intents: { unfence } });
    expect(await given('unfence', from)).toMatchObject([{ notAfterMs: NOW + 11_000 }]);
  });

  test('of an incident names the instance, its region and its identity', async () => {
    expect(await given('fence', fencing())).toEqual([
      {
        ...{ pair: 'ledger', epoch: 3, target: { instance: 'old', region: 'eu-west-1' }, resourceId: 'db-OLD' },
        notAfterMs: NOW + 15_000,
      },
    ]);
  });

  test('that throws is an outcome to remember, and no end', async () => {
    const fence = () => Promise.reject(new Error('timeout'));
    expect(await carriedOut('fence', fencing(), { fencing: { fence } })).toEqual({ error: 'timeout' });
  });
});
