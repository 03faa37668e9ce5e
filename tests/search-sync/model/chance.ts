/** A small seeded generator (mulberry32): the same seed is the same history, on every machine. */
export interface Chance {
  /** 0 ≤ x < 1. */
  next(): number;
  /** True with this probability. */
  hit(probability: number): boolean;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
}

export const chanceOf = (seed: number): Chance => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    hit: (probability) => next() < probability,
    whole,
    pick: <T>(from: readonly T[]) => from[whole(0, from.length - 1)] as T,
  };
};
