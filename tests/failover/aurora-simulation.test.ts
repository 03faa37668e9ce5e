import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../counts.ts';
import { anyAurora, liveAurora } from './simulation/aurora-scenario.ts';
import { FOR_EVER, lostHost, plannedChange, type Scenario } from './simulation/scenario.ts';
import { REPLICA_HOST } from './simulation/world.ts';

// Pairs of Aurora clusters: the same reconciler, gates, fence and phases, with Aurora's control plane in the world.

const LENGTH = lengthOf(300, 5_000);
const KINDS = ['aurora-replica', 'aurora-global'] as const;

describe.each(KINDS)('any world of a pair of kind %s', (kind) => {
  test(`${LENGTH.numRuns} disasters: the invariants of every pair, and no receipt that says what Aurora did not`, async () => {
    await fc.assert(
      fc.asyncProperty(anyAurora(kind), async (scenario) => {
        expect((await liveAurora(scenario)).world.violations).toEqual([]);
      }),
      LENGTH,
    );
  }, 3_600_000);
});

const lost = { kind: 'host-lost', atMs: 30_000, forMs: FOR_EVER } as const;
const ending = async (scenario: Scenario) => {
  const { world, record, reports } = await liveAurora(scenario);
  return { world, record, said: reports.map(({ sentence }) => sentence) };
};
const FAILED_OVER = { phase: 'degraded', epoch: 1, leader: { instance: 'new' } };

test.each(KINDS)(
  'a lost host of a pair of kind %s ends with the other one leading, once, and the name on it',
  async (kind) => {
    const { world, record } = await ending(lostHost({ kind }));
    expect([record, world.names.value, world.violations]).toMatchObject([FAILED_OVER, REPLICA_HOST, []]);
  },
);

const LIVED: Scenario['faults'] = [{ ...lost, forMs: 150_000 }];
const ACKED = { later: [{ verb: 'ack' as const, atMs: 160_000 }], cooldownSeconds: 30, worldMs: 540_000 };

describe('a global database', () => {
  test('its old primary is added back by Aurora, let in again, and follows: the roles are swapped with nobody building anything', async () => {
    const { world, record } = await ending(lostHost({ kind: 'aurora-global', faults: LIVED, ...ACKED }));
    expect(record).toMatchObject({
      phase: 'healthy',
      leader: { instance: 'new' },
      candidate: { instance: 'old' },
      retired: [],
    });
    expect([world.calls.build, world.calls.salvage, world.calls.stop, world.violations]).toEqual([
      ...[undefined, undefined, undefined],
      [],
    ]);
    expect(world.old.groups.map(({ id }) => id)).toEqual(['sg-app']);
    expect(world.calls.unfence).toBeGreaterThan(0);
  });

  test('without a word of a person it stays behind the empty group, and nothing is armed', async () => {
    const { world, record } = await ending(lostHost({ kind: 'aurora-global', faults: LIVED, worldMs: 540_000 }));
    expect([record?.phase, world.old.source !== undefined, world.fenced()]).toEqual(['degraded', true, true]);
  });

  test("the attempt at the old primary's storage is on the fence's receipt and in the page; what succeeded proves nothing by itself", async () => {
    const { record, world } = await ending(lostHost({ kind: 'aurora-global' }));
    expect(record?.retired[0]?.fence).toMatchObject({ storage: 'blocked', provenAtMs: expect.any(Number) });
    expect(world.pages.find((page) => page.includes('RDS-EVENT-0390'))).toContain('goes from promoting to verifying');
    // Nobody fences, so nothing is promoted: no event of Aurora's stands for the proof.
    const refused = await ending(lostHost({ kind: 'aurora-global', failedRefusesGroups: true }));
    expect([refused.record?.phase, refused.world.calls.promote]).toEqual(['fencing', undefined]);
  });

  test('an attempt that timed out pages, with where the rows are; the name moves all the same', async () => {
    const faults: Scenario['faults'] = [
      { ...lost, forMs: 250_000 },
      { kind: 'region-cut', atMs: 30_000, forMs: 240_000 },
    ];
    const { record, world } = await ending(lostHost({ kind: 'aurora-global', fence: 'none', faults }));
    expect(record?.retired[0]?.fence?.storage).toBe('timed-out');
    const page = world.pages.find((one) => one.includes('RDS-EVENT-0391'));
    expect(page).toContain('could NOT block writes');
    expect(page).toContain('rds:unplanned-global-failover-');
    expect(world.names.value).toBe(REPLICA_HOST);
  });

  test('with the link cut for a minute, no switchover begins on the news of before: its writers go on', async () => {
    // The run that would have looked meanwhile died: for the next one all that came before the cut is news.
    const { world, record, said } = await ending(
      plannedChange({
        ...{ kind: 'aurora-global', crash: { call: 21, after: false }, hints: 0, resyncMs: 3_000 },
        ...{ confirmSeconds: 5, selfHealSeconds: 15, maxLossSeconds: 90, promoteMs: 3_000, groupsActiveAfterMs: 500 },
        faults: [{ kind: 'link-cut', atMs: 20_000, forMs: FOR_EVER }],
        person: { verb: 'switchover', atMs: 91_231 },
      }),
    );
    expect([record?.phase, record?.epoch, world.violations, world.calls.quiesce]).toEqual([
      'healthy',
      0,
      [],
      undefined,
    ]);
    expect(said.some((one) => one.includes('known at the next look') || one.includes('does not hear'))).toBe(true);
  });

  test('its old primary, forced past a group that was not active yet, is not let in again while it waits for its volume', async () => {
    const { record, world } = await ending(
      lostHost({
        ...{
          kind: 'aurora-global',
          fence: 'lease',
          leaseSeconds: 9,
          groupsActiveAfterMs: 30_000,
          hints: 0,
          resyncMs: 3_000,
        },
        ...{ confirmSeconds: 5, selfHealSeconds: 15, maxLossSeconds: 10, promoteMs: 3_000 },
        ...{ faults: [{ ...lost, atMs: 20_000 }], person: { verb: 'force', atMs: 22_491 } },
      }),
    );
    expect([record?.phase, record?.epoch, world.fenced(), world.violations]).toEqual(['degraded', 1, true, []]);
  });

  test('switched over: nothing lost, the old one follows at once, and back again', async () => {
    const there = plannedChange({ kind: 'aurora-global', ...ACKED });
    const { world, record } = await ending({
      ...there,
      later: [...ACKED.later, { verb: 'switchover', atMs: 300_000 }, { verb: 'ack', atMs: 420_000 }],
    });
    expect(record).toMatchObject({ epoch: 2, leader: { instance: 'old' }, lossSeconds: 0 });
    expect([record?.phase, world.violations, world.aurora?.told.map(({ how }) => how)]).toEqual([
      ...['healthy', []],
      ['blocked', 'blocked'],
    ]);
  });

  test('a switchover that Aurora refuses, its drained primary gone silent, becomes a failover: nothing can be lost by then', async () => {
    const { world, record } = await liveAurora(plannedChange({ kind: 'aurora-global' }), {
      ports: (ports, there) => ({
        ...ports,
        instances: {
          ...ports.instances,
          promote: (...order) => {
            there.link = false;
            there.farReachable.recovery = false;
            return ports.instances.promote(...order);
          },
        },
      }),
    });
    expect(record).toMatchObject({ phase: 'degraded', leader: { instance: 'new' }, lossSeconds: 0 });
    expect([world.calls.promote, world.violations, world.aurora?.told[0]?.how]).toEqual([4, [], 'timed-out']);
  });
});

describe('what RDS would refuse is refused by name before an epoch is used', () => {
  test.each([
    ['replica-headless', 'it is headless'],
    ['replica-drifted', 'it runs another engine version'],
  ] as const)('%s', async (kind, because) => {
    const faults: Scenario['faults'] = [lost, { kind, atMs: 20_000, forMs: FOR_EVER }];
    const { record, world, said } = await ending(lostHost({ kind: 'aurora-global', faults }));
    expect([record?.epoch, world.calls.promote]).toEqual([0, undefined]);
    expect(said.at(-1)).toContain(`G5 ${because}`);
  });

  test('and goes on once it is repaired', async () => {
    const faults: Scenario['faults'] = [lost, { kind: 'replica-headless', atMs: 20_000, forMs: 80_000 }];
    const { record } = await ending(lostHost({ kind: 'aurora-global', faults, maxLossSeconds: 90 }));
    expect(record).toMatchObject(FAILED_OVER);
  });

  test('a writer that Aurora replaces by a reader is no disaster', async () => {
    const faults: Scenario['faults'] = [{ kind: 'writer-replaced', atMs: 30_000, forMs: 60_000 }];
    const { record } = await ending(lostHost({ kind: 'aurora-replica', faults }));
    expect(record).toMatchObject({ phase: 'healthy', epoch: 0 });
  });
});
