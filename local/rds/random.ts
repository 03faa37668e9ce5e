/** Numbers from 0 to below 1; the same seed gives the same ones (xorshift, after the seed was scattered). */
export const seededRandom = (seed: number): (() => number) => {
  // xorshift never leaves 0, and close seeds begin alike.
  let state = seedOf(seed, 'random') || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
};

/** A seed from words: what is drawn for one subject does not depend on what was drawn for others. */
export const seedOf = (...words: readonly (string | number)[]): number => {
  let hash = 2_166_136_261;
  for (const character of `${words.join('\n')}\n`) hash = Math.imul(hash ^ character.codePointAt(0)!, 16_777_619);
  // FNV leaves what differs in the last character in the low bits: spread it.
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
};
