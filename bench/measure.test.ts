import { expect, test } from '@jest/globals';
import { inTurn, spread } from './measure.ts';

test('the median of an even number of runs lies between the middle two', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4 });
});

test('no runs are no figure', () => {
  expect(() => spread([])).toThrow('at least one run');
});

test('warm-up rounds are run and do not count', async () => {
  let calls = 0;
  const figures = await inTurn(
    async () => ++calls,
    async () => 0,
    { warmUps: 2, repeats: 3 },
  );
  expect(calls).toBe(5);
  expect(figures.a).toEqual({ min: 3, median: 4, max: 5 });
});
