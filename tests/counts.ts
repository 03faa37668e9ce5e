/** How long a property is tried: `short` in `npm test`, `long` in `npm run soak`. */
export const runs = (short: number, long: number): number => (process.env.MAINSTAY_SOAK === '1' ? long : short);

/** Settings of a fast-check property: its length, and the seed of this soak (fixed in `npm test`, so that a red run is red again). */
export const lengthOf = (short: number, long: number): { numRuns: number; seed: number } => ({
  numRuns: runs(short, long),
  seed: Number(process.env.MAINSTAY_SEED ?? 20_261_121),
});
