import { describe, expect, test } from '@jest/globals';
import { RULES } from '../../functions/failover/core/decide.ts';
import type { LeaseStore } from '../../functions/failover/run/ports.ts';
import type { FaultKind } from './simulation/faults.ts';
import { live, type Planted } from './simulation/run.ts';
import { FOR_EVER, lostHost, type Scenario } from './simulation/scenario.ts';
import { START_MS } from './simulation/world.ts';

// Worlds of a leased pair, and how they must end; simulation.test.ts lives through any.

const leased = (change: Partial<Scenario> = {}): Scenario =>
  lostHost({ fence: 'lease', leaseSeconds: 9, maxLossSeconds: 90, ...change });
const at = (kind: FaultKind, atMs = 30_000, forMs = FOR_EVER) => ({ kind, atMs, forMs });

const ending = async (scenario: Scenario, planted: Planted = {}) => {
  const { world, record } = await live(scenario, planted);
  return {
    phase: record?.phase,
    epoch: record?.epoch,
    open: !world.fenced() && world.roleMayLogin,
    violations: world.violations,
    calls: world.calls,
    record,
  };
};

describe('a leased pair', () => {
  test('whose region falls silent is promoted once the lease has run out, and its old primary closed by itself', async () => {
    const ended = await ending(leased({ faults: [at('region-cut')] }));
    expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, open: false, violations: [] });
    expect(ended.calls['lease-no-answer-close']).toBeGreaterThan(0);
    const { fencing = 0, promoting = 0 } = ended.record?.passed ?? {};
    expect(promoting).toBeGreaterThan(fencing);
    expect(ended.record?.lossSeconds).toBeLessThan(90);
  });

  test('whose engine goes into maintenance as its region falls silent: the same, for nobody can see that', async () => {
    const ended = await ending(leased({ faults: [at('maintenance'), at('region-cut')] }));
    expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, violations: [] });
  });

  test.each([30_000, 40_721, 46_721, 60_000])(
    'whose engine comes back behind the cut after %d ms, as the replica is promoted, takes writes for one step of its guard',
    async (forMs) => {
      const faults = [at('process-killed', 20_000, forMs), at('region-cut', 20_000)];
      const ended = await ending(leased({ leaseSeconds: 9, confirmSeconds: 5, selfHealSeconds: 15, faults }));
      expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, open: false, violations: [] });
    },
  );

  test.each([29_148, 29_200])(
    'whose engine comes back %d ms after it was lost, before the empty group behind it is active: its clients are ended all the same',
    async (forMs) => {
      const faults = [at('host-lost', 32_773, forMs), at('region-cut', 50_041)];
      const timing = { confirmSeconds: 5, selfHealSeconds: 15, promoteMs: 3_000, groupsActiveAfterMs: 500, hints: 0 };
      const ended = await ending(leased({ ...timing, faults }));
      expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, open: false, violations: [] });
    },
  );

  test.each(Array.from({ length: 12 }, (_, at) => at * 5 + 4))(
    'the same, when every other run of the guard starts %d s late',
    async (guardOffset) => {
      for (const cutMs of [90_000, 118_000, 219_000]) {
        const ended = await ending(leased({ guardOffset, faults: [at('region-cut', cutMs)] }));
        expect(ended).toMatchObject({ phase: 'degraded', open: false, violations: [] });
      }
    },
  );

  test('whose host is lost is fenced by order and proof, as ever', async () => {
    expect(await ending(leased())).toMatchObject({ phase: 'degraded', epoch: 1, violations: [] });
  });

  test('whose recovery region is lost goes on: nobody is shut out', async () => {
    const ended = await ending(leased({ faults: [at('store-outage'), at('observer-cut'), at('link-cut')] }));
    expect(ended).toMatchObject({ phase: 'healthy', epoch: 0, open: true, violations: [] });
    expect(Object.keys(ended.calls).filter((call) => call.endsWith('-close'))).toEqual([]);
  });

  test('nobody can ask, and whose guard renews, is not promoted', async () => {
    const faults = [at('observer-cut'), at('witness-cut'), at('link-cut')];
    expect(await ending(leased({ faults }))).toMatchObject({
      phase: 'confirming',
      epoch: 0,
      open: true,
      violations: [],
    });
  });

  test('whose guard loses the store shuts its leader out, and opens the door when the store is back', async () => {
    const ended = await ending(leased({ faults: [at('lease-cut', 30_000, 60_000)] }));
    expect(ended).toMatchObject({ phase: 'healthy', epoch: 0, open: true, violations: [] });
    expect(ended.calls['lease-no-answer-close']).toBeGreaterThan(0);
    expect(ended.calls['lease-renewed-open']).toBeGreaterThan(0);
  });

  // Two runs of its guard overlap: one that heard nothing for a ttl closes the door, the other renews and finds it closed.
  test.each([
    [2, 99_750, 9_000],
    [2, 99_500, 9_100],
    [22, 99_750, 10_000],
  ])(
    'whose guard loses the store for about a ttl (%d, %d, %d) is not left shut out',
    async (guardOffset, atMs, forMs) => {
      const ended = await ending(leased({ guardOffset, faults: [at('lease-cut', atMs, forMs)], worldMs: 300_000 }));
      expect(ended).toMatchObject({ phase: 'healthy', epoch: 0, open: true, violations: [] });
    },
  );

  test.each([78_721, 80_000, 81_000])(
    'whose guard gets the store back at %d, opens the door and loses the host, all between two looks: the loss counts from the last one',
    async (backMs) => {
      const faults = [at('link-cut', 20_000), at('lease-cut', 20_000, backMs - 20_000), at('host-lost', 82_001)];
      const ended = await ending(leased({ guardOffset: 22, faults }));
      expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, violations: [] });
    },
  );

  test('whose region comes back before the lease has run out gets it back, and its door opened', async () => {
    const ended = await ending(leased({ faults: [at('region-cut', 30_000, 40_000)] }));
    expect(ended).toMatchObject({ phase: 'healthy', open: true, violations: [] });
    expect(ended.epoch).toBe(1);
    expect(ended.record?.lease?.holder).toBe('eu-west-1');
  });

  test('whose host is frozen behind a cut keeps its sessions for one step of the guard when it thaws', async () => {
    const faults = [at('frozen', 30_000, 200_000), at('region-cut', 31_000)];
    expect(await ending(leased({ faults }))).toMatchObject({ phase: 'degraded', open: false, violations: [] });
  });

  test('in mode observe the guard shuts nobody out', async () => {
    const ended = await ending(leased({ mode: 'observe', faults: [at('lease-cut')] }));
    expect(ended).toMatchObject({ epoch: 0, open: true, violations: [] });
  });

  test('with less loss allowed than the wait costs holds in G6', async () => {
    const ended = await ending(leased({ maxLossSeconds: 30, faults: [at('region-cut')] }));
    expect(ended).toMatchObject({ phase: 'confirming', epoch: 0, violations: [] });
    expect(ended.record?.hold?.sentence).toContain('G6');
  });

  test('without a table for it holds in G7', async () => {
    const ended = await ending(leased({ leaseSeconds: undefined, faults: [at('region-cut')] }));
    expect(ended.record?.hold?.sentence).toContain('G7 a lease needs a table');
  });
});

describe('a leased pair with the roles swapped', () => {
  const swapped = (change: Partial<Scenario> = {}): Scenario =>
    leased({
      faults: [{ kind: 'host-lost', atMs: 30_000, forMs: 60_000 }],
      later: [{ verb: 'ack', atMs: 150_000 }],
      cooldownSeconds: 60,
      worldMs: 600_000,
      ...change,
    });

  test('is armed again once its lease is handed to the new leader, whose own guard keeps it and promises', async () => {
    const { phase, epoch, violations, record, calls } = await ending(swapped());
    expect({ phase, epoch, violations, leader: record?.leader.instance }).toEqual({
      phase: 'healthy',
      epoch: 1,
      violations: [],
      leader: 'new',
    });
    expect(record?.lease).toMatchObject({
      holder: 'eu-central-1',
      keeper: { instance: 'new', region: 'eu-central-1' },
      closesAfterSeconds: 9,
    });
    expect(calls['lease-renewed-nothing']).toBeGreaterThan(50);
    expect(calls['lease-renewed-open']).toBeUndefined();
  });

  test('whose region was cut off, its guard having shut it by itself: the same', async () => {
    const { phase, epoch, violations } = await ending(swapped({ faults: [at('region-cut', 30_000, 110_000)] }));
    expect({ phase, epoch, violations }).toEqual({ phase: 'healthy', epoch: 1, violations: [] });
  });

  test('waits for that as long as the lease cannot be read', async () => {
    const unread: Planted = {
      ports: (ports, world) => ({
        ...ports,
        leases: ports.leases && {
          ...ports.leases,
          load: (pair) =>
            world.now > START_MS + 160_000 ? Promise.reject(new Error('503')) : (ports.leases as LeaseStore).load(pair),
        },
      }),
    };
    const { world, record, reports } = await live(swapped(), unread);
    expect({ phase: record?.phase, violations: world.violations }).toEqual({ phase: 'degraded', violations: [] });
    expect(reports.at(-1)?.sentence).toContain('its lease could not be read (503)');
  });

  test('fails over again when the region that leads now is lost as a host, and the lease is taken from its guard', async () => {
    const again = swapped({
      faults: [
        { kind: 'host-lost', atMs: 30_000, forMs: 60_000 },
        { kind: 'host-lost', atMs: 420_000, forMs: FOR_EVER },
      ],
      worldMs: 800_000,
    });
    const { epoch, phase, violations, record } = await ending(again);
    expect({ epoch, phase, violations }).toEqual({ epoch: 2, phase: 'degraded', violations: [] });
    expect(record?.leader.region).toBe('eu-west-1');
  });
});

describe('a guard of the lease taken out is noticed', () => {
  test('the wait: the last renewal of one run, and the next one starts late', async () => {
    // G7 waits for the first part of it, the row for the rest.
    const unwaited: Planted = {
      rules: {
        ...RULES,
        gates: RULES.gates.filter(({ name }) => name !== 'G7'),
        conditions: { ...RULES.conditions, 'lease-run-out': () => true },
      },
    };
    const violations = [];
    for (let cutMs = 205_000; cutMs < 226_000; cutMs += 1_000) {
      const cut = leased({ faults: [at('region-cut', cutMs)], leaseSeconds: 15, guardOffset: 59, promoteMs: 500 });
      expect((await ending(cut)).violations).toEqual([]);
      violations.push(...(await ending(cut, unwaited)).violations);
    }
    expect(violations).toContain('two primaries take writes');
  });

  test('the taking before the fence: the guard opens the door of a region that comes back', async () => {
    const back = leased({ faults: [at('region-cut', 30_000, 120_000)], promoteMs: 3_000 });
    expect((await ending(back)).violations).toEqual([]);
    const untaken: Planted = {
      rules: {
        ...RULES,
        conditions: {
          ...RULES.conditions,
          'lease-not-taken': () => false,
          'lease-run-out': ({ lease, nowMs }) => lease !== undefined && nowMs - lease.sinceMs > 44_000,
        },
      },
    };
    expect((await ending(back, untaken)).violations).toContain('two primaries take writes');
  });

  test('the compare-and-swap on seq: a guard that overwrites keeps what was taken', async () => {
    const careless = (leases: LeaseStore): LeaseStore => ({
      ...leases,
      // It believes that it still holds it, and writes whatever is stored.
      load: async (pair) => {
        const lease = await leases.load(pair);
        return lease && { ...lease, holder: 'eu-west-1' };
      },
    });
    const back = leased({ faults: [at('region-cut', 30_000, 120_000)], promoteMs: 3_000 });
    expect((await ending(back, { leases: careless })).violations).toContain('two primaries take writes');
  });
});
