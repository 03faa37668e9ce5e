import fc from 'fast-check';
import type { Step } from './s3-model.ts';
import type { History } from './world.ts';

const key = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('put' as const), key, content: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), key, ruleDate: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('transition' as const),
      key,
      storageClass: fc.constantFrom('GLACIER' as const, 'STANDARD_IA' as const),
      back: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('versioning' as const),
      to: fc.constantFrom('enabled' as const, 'suspended' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('delete-version' as const), key, nth: fc.integer({ min: 0, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire-noncurrent' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 4, 8, 60, 3600, 86_400 * 25, 86_400 * 40),
    }),
  },
);
/** Histories of a bucket with four keys, and how badly they are delivered. */
export const history: fc.Arbitrary<History> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
  seed: fc.integer(),
  /** Whether versioning may be turned on and suspended on the way. */
  versioned: fc.boolean(),
  crashRate: fc.constantFrom(0, 0.05, 0.15),
  faultRate: fc.constantFrom(0, 0.2, 0.4),
  copies: fc.constantFrom(0, 1, 4),
  writers: fc.integer({ min: 1, max: 4 }),
});
