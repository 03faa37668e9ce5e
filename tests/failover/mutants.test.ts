import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RULES, type Rules } from '../../functions/failover/core/decide.ts';
import type { GateName } from '../../functions/failover/core/gates.ts';
import type { Condition } from '../../functions/failover/core/phases.ts';
import type { RecordStore } from '../../functions/failover/run/ports.ts';
import type { FaultKind } from './simulation/faults.ts';
import { memoryRecords } from './simulation/memory-records.ts';
import { live, type Planted } from './simulation/run.ts';
import { anyScenario, FOR_EVER, lostHost, MARIADB, MYSQL, type Scenario } from './simulation/scenario.ts';

// Each guard of the house is taken out in turn: if the simulation does not notice, it proves nothing about that guard.

const without = (gate: GateName): Planted => ({
  rules: { ...RULES, gates: RULES.gates.filter(({ name }) => name !== gate) },
});
const always = (...conditions: Condition[]): Planted => ({
  rules: {
    ...RULES,
    conditions: { ...RULES.conditions, ...Object.fromEntries(conditions.map((one) => [one, () => true])) },
  } as Rules,
});
const never = (condition: Condition): Planted => ({
  rules: { ...RULES, conditions: { ...RULES.conditions, [condition]: () => false } } as Rules,
});

const died = { kind: 'host-lost', atMs: 30_000, forMs: FOR_EVER } as const;
const and = (kind: FaultKind, atMs = 31_000, forMs = FOR_EVER): Scenario['faults'] => [died, { kind, atMs, forMs }];
const faults = (...kinds: FaultKind[]): Scenario['faults'] =>
  kinds.map((kind) => ({ kind, atMs: 30_000, forMs: FOR_EVER }));

const cases: [string, Planted, Scenario][] = [
  ['G1 mode', without('G1'), lostHost({ mode: 'observe' })],
  ['G2 two vantage points, confirm window', without('G2'), lostHost({ confirmSeconds: 40 })],
  [
    'G3 the replica hears nothing',
    without('G3'),
    lostHost({ fence: 'none', idle: true, faults: faults('observer-cut', 'witness-cut') }),
  ],
  ['G4 stopped by somebody', without('G4'), lostHost({ confirmSeconds: 40, faults: faults('stopped') })],
  ['G4 self-healing', without('G4'), lostHost({ selfHealSeconds: 60, faults: faults('host-lost-rds-slow') })],
  ['G5 the candidate', without('G5'), lostHost({ confirmSeconds: 40, faults: and('replica-replaced') })],
  ['G6 the loss', without('G6'), lostHost({ lagMs: 40_000, maxLossSeconds: 10 })],
  ['G7 a fence that can be proven', without('G7'), lostHost({ faults: faults('frozen') })],
  ['G7 no lease here', without('G7'), lostHost({ fence: 'lease' })],
  ['G8 the name', without('G8'), lostHost({ confirmSeconds: 40, faults: and('name-moved') })],
  ['G6 what is not applied yet', without('G6'), lostHost({ replication: MARIADB, lagMs: 40_000, maxLossSeconds: 10 })],
  [
    'G6 the order of appliers',
    without('G6'),
    lostHost({ replication: { ...MYSQL, outOfOrder: true }, lagMs: 120_000, maxLossSeconds: 10 }),
  ],
  [
    'G9 transactions of its own',
    without('G9'),
    lostHost({ replication: MARIADB, confirmSeconds: 40, faults: and('replica-diverged') }),
  ],
  ['G9 a standby', without('G9'), lostHost({ confirmSeconds: 40, faults: and('replica-writes') })],
  [
    'G10 the veto',
    without('G10'),
    lostHost({ selfHealSeconds: 30, confirmSeconds: 20, person: { verb: 'abort', atMs: 45_000 } }),
  ],
];

describe('a guard taken out is noticed', () => {
  test.each(cases)('%s', async (_name, planted, scenario) => {
    expect((await live(scenario)).world.violations).toEqual([]);
    expect((await live(scenario, planted)).world.violations).not.toEqual([]);
  });

  test('the fence order', async () => {
    const planted = {
      rules: {
        ...RULES,
        conditions: { ...RULES.conditions, 'fence-not-ordered': () => false, 'fence-proven': () => true },
      },
    };
    expect((await live(lostHost(), planted)).world.violations).toContain('promoted without a fence');
  });

  test('the proof of the fence: RDS accepted it, and it is not active yet', async () => {
    const scenario = lostHost({
      groupsActiveAfterMs: 60_000,
      faults: [{ kind: 'host-lost', atMs: 30_000, forMs: 50_000 }],
    });
    expect((await live(scenario)).world.violations).toEqual([]);
    expect((await live(scenario, always('fence-proven'))).world.violations).toContain('two primaries take writes');
  });

  test('the pause', async () => {
    const scenario = lostHost({ confirmSeconds: 40, person: { verb: 'pause', atMs: 50_000 } });
    const gates = RULES.gates.filter(({ name }) => name !== 'G1');
    const planted = { rules: { ...RULES, gates, conditions: { ...RULES.conditions, paused: () => false } } };
    expect((await live(scenario, planted)).world.violations).toContain('committed while paused');
  });

  test('the write of our epoch before DNS moves', async () => {
    expect((await live(lostHost(), always('writable-in-our-epoch'))).world.violations).toContain(
      'DNS names an instance that was not verified',
    );
  });

  test('the end of the promotion', async () => {
    const planted = always('candidate-is-promoted', 'writable-in-our-epoch');
    expect((await live(lostHost({ promoteMs: 90_000 }), planted)).world.violations).not.toEqual([]);
  });

  test('the compare-and-swap of the record', async () => {
    expect(await firstViolation(() => ({ memory: carelessRecords() }))).toBeDefined();
  });

  test('the compare-and-swap of the name: somebody moves it while a worker holds the batch', async () => {
    const slowly =
      (blind: boolean): NonNullable<Planted['ports']> =>
      (ports, world) => ({
        ...ports,
        names: {
          ...ports.names,
          swap: async (zone, change) => {
            await world.time.sleep(2_000);
            world.names = { ...world.names, value: 'somewhere.else.example.com' };
            if (!blind) return ports.names.swap(zone, change);
            world.setNames({ value: change.creates[0]?.value, epochText: change.creates[1]?.value });
            return { kind: 'accepted' };
          },
        },
      });
    const careful = await live(lostHost(), { ports: slowly(false) });
    expect(careful.world.violations).toEqual([]);
    expect(careful.record?.hold?.because).toBe('names-conflict');
    expect((await live(lostHost(), { ports: slowly(true) })).world.violations).toContain(
      'overwrote a name that somebody else had moved',
    );
  });

  test('the lifetime of an order: a worker that froze with a fence in its hands', async () => {
    const late: Planted = {
      ports: (ports, world) => ({
        ...ports,
        fencing: {
          fence: (order) => ports.fencing.fence({ ...order, notAfterMs: world.now + 10_000_000 }),
          quiesce: (order) => ports.fencing.quiesce({ ...order, notAfterMs: world.now + 10_000_000 }),
          unfence: (order) => ports.fencing.unfence({ ...order, notAfterMs: world.now + 10_000_000 }),
        },
      }),
    };
    // Frozen in front of any call of the incident until long after the leader is back: one of them is the order itself.
    const shutOut = async (planted: Planted) => {
      for (let call = 10; call < 120; call += 1) {
        const scenario = lostHost({ faults: [{ ...died, forMs: 14_000 }], freeze: { call, forMs: 90_000 } });
        const { world } = await live(scenario, planted);
        if (world.violations.includes('fenced a living leader')) return call;
      }
      return undefined;
    };
    expect(await shutOut({})).toBeUndefined();
    expect(await shutOut(late)).toBeDefined();
  });

  test('calling off when the leader comes back before the point of no return', async () => {
    const scenario = lostHost({ groupsActiveAfterMs: 60_000, faults: [{ ...died, forMs: 50_000 }] });
    const calledOff = await live(scenario);
    expect([calledOff.record?.phase, calledOff.record?.epoch, calledOff.world.fenced()]).toEqual(['healthy', 1, false]);
    expect((await live(scenario, never('called-off'))).world.fenced()).toBe(true);
  });
});

/** A store that writes whatever it is given, whoever wrote before. */
const carelessRecords = (): RecordStore => {
  const memory = memoryRecords();
  return {
    ...memory,
    save: async (record) => {
      const stored = await memory.load(record.pair);
      return memory.save({ ...record, version: (stored?.version ?? 0) + 1 }, stored?.version ?? 0);
    },
  };
};

/** The first violation among many worlds, or undefined. */
const firstViolation = async (planted: () => Planted): Promise<string | undefined> => {
  for (const scenario of fc.sample(anyScenario, { numRuns: 200, seed: 7 })) {
    const { world } = await live({ ...scenario, mode: 'armed' }, planted());
    if (world.violations[0] !== undefined) return world.violations[0];
  }
  return undefined;
};
