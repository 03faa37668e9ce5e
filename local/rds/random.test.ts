import { expect, test } from '@jest/globals';
import { seededRandom, seedOf } from './random.ts';

test('the same seed gives the same numbers, and close seeds other ones', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 5 }, random);
  };
  expect(draw(7)).toEqual(draw(7));
  expect(new Set([...draw(7), ...draw(8), ...draw(0)]).size).toBe(15);
});

test('first draws of neighbouring subjects are spread evenly', () => {
  const draws = Array.from({ length: 10_000 }, (_, turn) =>
    seededRandom(seedOf(1, 'eu-west-1 CreateDBSnapshot', turn))(),
  );
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const share = draws.filter((draw) => Math.floor(draw * 10) === tenth).length / draws.length;
    expect(Math.abs(share - 0.1)).toBeLessThan(0.02);
  }
  expect(draws.filter((draw) => draw < 0.01).length).toBeGreaterThan(50);
});
