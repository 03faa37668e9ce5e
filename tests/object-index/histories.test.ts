import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Step } from './s3-model.ts';
import { type History, play } from './world.ts';

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
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 4, 8, 60, 3600, 86_400 * 25, 86_400 * 40),
    }),
  },
);
const history: fc.Arbitrary<History> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
  seed: fc.integer(),
  crashRate: fc.constantFrom(0, 0.05, 0.15),
  faultRate: fc.constantFrom(0, 0.2, 0.4),
  copies: fc.constantFrom(0, 1, 4),
  writers: fc.integer({ min: 1, max: 4 }),
});

describe('random histories of a bucket', () => {
  test('with duplicates, any order, crashes, conflicts and lost answers: I1 after every commit, rows equal S3 at quiescence', async () => {
    const numRuns = Number(process.env.HISTORIES ?? 1000);
    await fc.assert(
      fc.asyncProperty(history, async (one) => {
        const { rows, expected } = await play(one);
        expect(rows).toEqual(expected);
      }),
      { numRuns },
    );
  });

  test('without the revision condition the invariants break: the condition is what they rest on', async () => {
    const broken = await fc.check(
      fc.asyncProperty(history, async (one) => {
        const { rows, expected } = await play({ ...one, checkRevision: false });
        expect(rows).toEqual(expected);
      }),
      { numRuns: 500, endOnFailure: true },
    );
    expect(broken.failed).toBe(true);
    expect(String(broken.errorInstance)).toMatch(/I1 broken/);
  });
});
