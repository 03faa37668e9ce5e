import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../counts.ts';
import type { FaultKind } from './simulation/faults.ts';
import { live } from './simulation/run.ts';
import { FOR_EVER, lostHost, type Scenario } from './simulation/scenario.ts';

// Worlds of a leased pair whose record is one over three regions (failover.record: mrsc), with a region of the pair lost.

const kept = (change: Partial<Scenario> = {}): Scenario =>
  lostHost({ record: 'mrsc', fence: 'lease', leaseSeconds: 9, maxLossSeconds: 90, ...change });
const at = (kind: FaultKind, atMs = 30_000, forMs = FOR_EVER) => ({ kind, atMs, forMs });

const ending = async (scenario: Scenario) => {
  const { world, record } = await live(scenario);
  return {
    phase: record?.phase,
    epoch: record?.epoch,
    holder: record?.lease?.holder,
    hold: record?.hold?.sentence,
    open: !world.fenced() && world.roleMayLogin,
    violations: world.violations,
    calls: world.calls,
  };
};

describe('a pair whose record and lease are one over three regions', () => {
  test('fails over when the primary region is lost: the lease is taken through the third one', async () => {
    const ended = await ending(kept({ faults: [at('region-cut')] }));
    expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, open: false, violations: [] });
    expect(ended.holder).toBe('eu-central-1');
  });

  test('goes on when the recovery region is lost: its guard renews, nobody is shut out, nothing is promoted', async () => {
    const ended = await ending(kept({ faults: [at('recovery-cut')] }));
    expect(ended).toMatchObject({ phase: 'healthy', epoch: 0, open: true, violations: [] });
    expect(ended.calls['lease-renewed-nothing']).toBeGreaterThan(50);
    expect(Object.keys(ended.calls).filter((call) => /^lease-.*-close$|^promote|^fence/.test(call))).toEqual([]);
  });

  test('is not promoted by a recovery region that reaches nobody, though its replica is there and its leader dies', async () => {
    const ended = await ending(kept({ faults: [at('recovery-cut'), at('host-lost', 40_000)] }));
    expect(ended).toMatchObject({ phase: 'healthy', epoch: 0, violations: [] });
    expect(ended.calls.promote).toBeUndefined();
  });

  test('whose leader died meanwhile fails over once the recovery region is back', async () => {
    const ended = await ending(kept({ faults: [at('recovery-cut', 30_000, 40_000), at('host-lost', 40_000)] }));
    expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, violations: [] });
  });

  test('the same after a longer cut holds in G6: nobody saw when the last row was taken', async () => {
    const ended = await ending(kept({ faults: [at('recovery-cut', 30_000, 90_000), at('host-lost', 40_000)] }));
    expect(ended).toMatchObject({ phase: 'confirming', epoch: 0, violations: [] });
    expect(ended.hold).toContain('G6');
  });

  test.each(Array.from({ length: 14 }, (_, nth) => 35_000 + nth * 10_000))(
    'whose recovery region is lost for a minute after %d ms, in the midst of a failover, ends it when that is back',
    async (cutMs) => {
      const faults = [at('region-cut'), at('recovery-cut', cutMs, 60_000)];
      const ended = await ending(kept({ faults, worldMs: 600_000 }));
      expect(ended).toMatchObject({ phase: 'degraded', epoch: 1, violations: [] });
    },
  );

  test('gets a door opened that its guard had closed, opened and closed again, each time for a silent table', async () => {
    const cuts = [at('recovery-cut', 20_000), at('region-cut', 103_555, 16_446), at('region-cut', 125_381, 3_680)];
    const ended = await ending(kept({ guardOffset: 0, faults: cuts }));
    expect(ended).toMatchObject({ phase: 'healthy', epoch: 0, open: true, violations: [] });
  });

  test('loses nothing of its promises in any order of lost regions, cut links, dead hosts and dead workers', async () => {
    const time = fc.integer({ min: 20_000, max: 200_000 });
    const forMs = fc.oneof(fc.integer({ min: 2_000, max: 120_000 }), fc.constant(FOR_EVER));
    const kind = fc.constantFrom<FaultKind>(
      ...(['region-cut', 'region-cut', 'recovery-cut', 'recovery-cut'] as const),
      ...(['lease-cut', 'observer-cut', 'witness-cut', 'link-cut'] as const),
    );
    const cuts = fc.array(fc.record({ kind, atMs: time, forMs }), { maxLength: 4 });
    // Of its own time, or soon after a cut has ended: while its guard opens the door.
    const death = fc.record({
      kind: fc.constantFrom<FaultKind>('host-lost', 'host-lost-rds-slow'),
      atMs: time,
      afterMs: fc.option(fc.integer({ min: 0, max: 12_000 }), { nil: undefined }),
    });
    const world = fc.record({
      cuts,
      death: fc.option(death, { nil: undefined }),
      crash: fc.option(fc.record({ call: fc.integer({ min: 20, max: 260 }), after: fc.boolean() }), { nil: undefined }),
      freeze: fc.option(
        fc.record({ call: fc.integer({ min: 20, max: 260 }), forMs: fc.integer({ min: 5_000, max: 200_000 }) }),
        { nil: undefined },
      ),
      guardOffset: fc.integer({ min: 0, max: 59 }),
      tickOffset: fc.constantFrom(0, 0, 0, 7, 30, 58),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ cuts, death, ...rest }) => {
        const [first] = cuts;
        const isAfter = first !== undefined && first.forMs < FOR_EVER && death?.afterMs !== undefined;
        const atMs = isAfter ? first.atMs + first.forMs + (death.afterMs ?? 0) : death?.atMs;
        const deaths = death === undefined ? [] : [at(death.kind, atMs)];
        expect((await ending(kept({ ...rest, faults: [...cuts, ...deaths] }))).violations).toEqual([]);
      }),
      lengthOf(300, 5_000),
    );
  }, 3_600_000);
});
