import fc from 'fast-check';
import { judgeReceipts } from './aurora.ts';
import type { FaultKind } from './faults.ts';
import { live, type Planted } from './run.ts';
import { anyScenario, FOR_EVER, type Scenario } from './scenario.ts';

/** What can happen to clusters beside what can happen to instances. */
const OF_CLUSTERS: readonly FaultKind[] = ['writer-replaced', 'replica-headless', 'replica-drifted'];

const extra = fc.record({
  kind: fc.constantFrom(...OF_CLUSTERS),
  atMs: fc.integer({ min: 20_000, max: 120_000 }),
  forMs: fc.oneof(fc.integer({ min: 2_000, max: 90_000 }), fc.constant(FOR_EVER)),
});

/** Any world of a pair of Aurora clusters: those of instances, with what is Aurora's own. */
export const anyAurora = (kind: NonNullable<Scenario['kind']>): fc.Arbitrary<Scenario> =>
  fc
    .record({
      base: anyScenario,
      more: fc.array(extra, { maxLength: 1 }),
      isCalm: fc.boolean(),
      resyncMs: fc.constantFrom(3_000, 20_000, 60_000),
    })
    .map(({ base, more, isCalm, resyncMs }) => ({
      ...base,
      kind,
      resyncMs,
      // The storage of a global database's secondary takes no writes of its own, whatever anybody sets.
      faults: [...base.faults, ...(isCalm ? [] : more)].filter(
        // Nor are worlds lived of which the README says what stays open: forced past the fence, and out of Aurora's reach.
        (one) =>
          kind !== 'aurora-global' ||
          (one.kind !== 'replica-writes' && !(one.kind === 'link-cut' && base.person?.verb === 'force')),
      ),
    }));

/** A world of Aurora, lived through and judged as every other, and by its receipts. */
export const liveAurora = async (scenario: Scenario, planted: Planted = {}) => {
  const ended = await live(scenario, planted);
  judgeReceipts(ended.world, ended.record);
  return ended;
};
