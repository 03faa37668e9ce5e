import { describe, expect, test } from '@jest/globals';
import { RULES, type Rules } from '../../functions/failover/core/decide.ts';
import type { Situation } from '../../functions/failover/core/situation.ts';
import { isClosed, isDrained } from '../../functions/failover/core/switchover.ts';
import type { LeaseStore } from '../../functions/failover/run/ports.ts';
import type { FaultKind } from './simulation/faults.ts';
import { live, type Planted } from './simulation/run.ts';
import { FOR_EVER, plannedChange, type Scenario } from './simulation/scenario.ts';
import { REPLICA_HOST, type World } from './simulation/world.ts';

// A planned change of a leased pair, whose guard opens and closes the door by itself: it must let the lease go first.

const leased = (change: Partial<Scenario> = {}): Scenario =>
  plannedChange({ fence: 'lease', leaseSeconds: 9, maxLossSeconds: 90, ...change });
const at = (kind: FaultKind, atMs: number, forMs = FOR_EVER) => ({ kind, atMs, forMs });

const ending = async (scenario: Scenario, planted: Planted = {}) => {
  const { world, record, reports } = await live(scenario, planted);
  return {
    phase: record?.phase,
    epoch: record?.epoch,
    leader: record?.leader.instance,
    lost: record?.lossSeconds,
    name: world.names.value,
    open: world.roleMayLogin && !world.fenced(),
    holder: record?.lease?.holder,
    violations: world.violations,
    record,
    acts: reports.flatMap(({ decision }) => (decision.kind === 'act' ? [decision.step] : [])),
    sentences: reports.map(({ sentence }) => sentence),
  };
};
const inShort = ({ phase, leader, open }: Awaited<ReturnType<typeof ending>>) =>
  `${phase} ${leader} ${open ? 'open' : 'shut'}`;

const SWITCHED = { phase: 'degraded', epoch: 1, leader: 'new', lost: 0, name: REPLICA_HOST, violations: [] };
/** The other one leads and the old one is shut, or nothing has changed and the leader is open. */
const WELL = ['degraded new shut', 'healthy old open'];

describe('a leased pair that is asked to switch over', () => {
  test.each([3, 9, 30])(
    'with a lease of %d s: the replica leads, no row is lost, the lease is ours before the promotion',
    async (leaseSeconds) => {
      const end = await ending(leased({ leaseSeconds }));
      expect(end).toMatchObject({ ...SWITCHED, holder: 'eu-central-1' });
      expect(end.acts.indexOf('take-lease')).toBeGreaterThan(end.acts.indexOf('fence'));
      expect(end.acts.indexOf('promote')).toBeGreaterThan(end.acts.indexOf('take-lease'));
    },
  );

  test.each([5, 20, 40, 59])('whose every other run of the guard starts %d s late: the same', async (guardOffset) => {
    expect(await ending(leased({ guardOffset }))).toMatchObject(SWITCHED);
  });

  test('is armed again with the roles swapped, and switched back: the lease goes with the leader, there and back', async () => {
    const end = await ending(
      leased({
        person: { verb: 'switchover', atMs: 60_000 },
        later: [
          { verb: 'ack', atMs: 150_000 },
          { verb: 'switchover', atMs: 400_000 },
          { verb: 'ack', atMs: 550_000 },
        ],
        cooldownSeconds: 30,
        worldMs: 900_000,
      }),
    );
    expect(end).toMatchObject({ phase: 'healthy', epoch: 2, violations: [] });
    expect(end.record?.leader.region).toBe('eu-west-1');
    expect(end.record?.lease).toMatchObject({ holder: 'eu-west-1', keeper: { region: 'eu-west-1' } });
  });

  test('a crash or a frozen worker at any call: switched or called off, never two primaries, nobody left shut out', async () => {
    for (let call = 30; call <= 130; call += 1) {
      const crash = { call, after: call % 2 === 1 };
      const freeze = { call, forMs: 3_000 + (call % 7) * 9_000 };
      for (const change of [{ crash }, { freeze }]) {
        const end = await ending(leased(change));
        expect({ change, violations: end.violations }).toEqual({ change, violations: [] });
        expect(WELL).toContain(inShort(end));
      }
    }
  }, 120_000);

  test('whose guard loses the store for a while, before, amid or after: never two primaries, nobody left shut out', async () => {
    const ends = new Set<string>();
    for (let cutMs = 40_000; cutMs <= 110_000; cutMs += 2_000) {
      for (const forMs of [8_000, 12_000, 25_000]) {
        const end = await ending(leased({ faults: [at('lease-cut', cutMs, forMs)] }));
        expect({ cutMs, forMs, violations: end.violations }).toEqual({ cutMs, forMs, violations: [] });
        ends.add(inShort(end));
      }
    }
    expect([...ends].sort()).toEqual(WELL);
  }, 120_000);

  test.each(['region-cut', 'host-lost'] as const)(
    'with a %s at any moment of it: replaced all the same, or held with what to type',
    async (kind) => {
      const ends = new Map<string, number>();
      for (let cutMs = 60_000; cutMs <= 110_000; cutMs += 1_000) {
        const end = await ending(leased({ faults: [at(kind, cutMs)] }));
        expect({ cutMs, violations: end.violations }).toEqual({ cutMs, violations: [] });
        const hold = end.record?.hold?.sentence.match(/G\d+/g)?.join(' ');
        const what = end.phase === 'degraded' ? 'replaced' : `${end.phase}: ${hold}`;
        ends.set(what, (ends.get(what) ?? 0) + 1);
      }
      // Cut while it closed: nobody saw when the last row was written, and the bound is too large.
      expect([...ends.keys()].filter((end) => !['replaced', 'confirming: G6'].includes(end))).toEqual([]);
      expect(ends.get('replaced')).toBeGreaterThan(45);
    },
    60_000,
  );
});

describe('a guard of it taken out is noticed', () => {
  const conditions = (change: Partial<Rules['conditions']>): Planted => ({
    rules: { ...RULES, conditions: { ...RULES.conditions, ...change } },
  });
  const violationsIn = async (worlds: Scenario[], planted: () => Planted) => {
    const found = new Set<string>();
    for (const scenario of worlds) for (const what of (await ending(scenario, planted())).violations) found.add(what);
    return [...found];
  };

  /** The store is cut off the guard while the door is being shut: the guard finds that its lease had lapsed, and opens it. */
  const lapses = Array.from({ length: 30 }, (_, index) =>
    leased({ faults: [at('lease-cut', 80_000 + index * 1_000, 12_000)], promoteMs: 20_000 }),
  );

  test('the taking: a guard whose lease has lapsed opens the door of who leads no more', async () => {
    const untaken = () =>
      conditions({
        'lease-to-take': () => false,
        'closed-and-drained': (s, gates) => isClosed(s) && isDrained(s, gates),
      });
    expect(await violationsIn(lapses, () => ({}))).toEqual([]);
    expect(await violationsIn(lapses, untaken)).toContain('two primaries take writes');
  });

  /** A run of the guard reads the order to open, and is slow to carry it out; another run has done so meanwhile. */
  const slowly = (planted: Planted): Planted => {
    let world: World | undefined;
    let slow = 1;
    return {
      ...planted,
      ports: (ports, made) => {
        world = made;
        return ports;
      },
      leases: (leases): LeaseStore => ({
        ...leases,
        save: async (lease, seq) => {
          const outcome = await leases.save(lease, seq);
          if (outcome === 'saved' && lease.reopen && slow > 0) {
            slow -= 1;
            await world?.time.sleep(28_000);
          }
          return outcome;
        },
      }),
    };
  };
  const openings = [1, 3, 5, 7, 9].flatMap((guardOffset) =>
    Array.from({ length: 24 }, (_, index) =>
      leased({
        ...{ leaseSeconds: 30, maxLossSeconds: 9, guardOffset, promoteMs: 500, groupsActiveAfterMs: 100 },
        faults: [at('lease-cut', 40_000, 45_000)],
        person: { verb: 'switchover', atMs: 88_000 + index * 1_000 },
        worldMs: 240_000,
      }),
    ),
  );

  test('the wait for a door that may be opening', async () => {
    const calm = (s: Situation): Situation => ({
      ...s,
      ...(s.lease && { lease: { ...s.lease, openings: 0, calmSinceMs: 0 } }),
    });
    const unwaited = () =>
      slowly(
        conditions({
          'switchover-is-ready': (s, gates) => RULES.conditions['switchover-is-ready'](calm(s), gates),
          'lease-to-take': (s, gates) => RULES.conditions['lease-to-take'](calm(s), gates),
        }),
      );
    expect(await violationsIn(openings, () => slowly({}))).toEqual([]);
    expect(await violationsIn(openings, unwaited)).toContain('two primaries take writes');
  });
});
