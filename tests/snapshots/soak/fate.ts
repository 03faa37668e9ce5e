// Chance that does not depend on the order in which it is asked: the same seed and the same question give the same answer,
// so that a call more or less in the code under test leaves the rest of the world as it was.

/** A number in [0, 1) for a question. */
export type Fate = (...question: readonly (string | number)[]) => number;

/** The fate of a seed. */
export const fateOf =
  (seed: number): Fate =>
  (...question) => {
    // FNV-1a, then the finalizer of MurmurHash3 (public domain): close questions get unrelated answers.
    let hash = 0x811c9dc5 ^ seed;
    for (const character of question.join('|')) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
  };
