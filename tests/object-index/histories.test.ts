import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../counts.ts';
import { history } from './arbitrary.ts';
import { play } from './world.ts';

describe('random histories of a bucket', () => {
  test('with duplicates, any order, crashes, conflicts and lost answers: I1 after every commit, rows equal S3 at quiescence', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (one) => {
        const { seen, expected } = await play(one);
        expect(seen).toEqual(expected);
      }),
      lengthOf(2000, 40_000),
    );
  });

  test('without the revision condition the invariants break: the condition is what they rest on', async () => {
    const broken = await fc.check(
      fc.asyncProperty(history, async (one) => {
        const { seen, expected } = await play({ ...one, checkRevision: false });
        expect(seen).toEqual(expected);
      }),
      { ...lengthOf(500, 500), endOnFailure: true },
    );
    expect(broken.failed).toBe(true);
    expect(String(broken.errorInstance)).toMatch(/I1 broken/);
  });
});
