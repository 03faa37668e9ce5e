// What somebody meant who slipped: a letter left out, added, or another one.

/** Slips that still leave no doubt about a key of this length: none in a short one, two in a long one. */
const slipsIn = ({ length }: string): number => Math.min(2, Math.floor(length / 6));

/** The first of these keys that a text is when one or two letters are put right; undefined when it is none, or exactly one of them. */
export const meantBy = (text: string, keys: readonly string[]): string | undefined =>
  keys.includes(text) ? undefined : keys.find((key) => isWithin(text.toLowerCase(), key.toLowerCase(), slipsIn(key)));

/** Whether so many letters make one text the other (Levenshtein's distance, row by row). */
const isWithin = (text: string, key: string, most: number): boolean => {
  if (Math.abs(text.length - key.length) > most) return false;
  let above = Array.from({ length: key.length + 1 }, (_, column) => column);
  for (let row = 1; row <= text.length; row++) {
    const line = [row];
    for (let column = 1; column <= key.length; column++) {
      const other = text[row - 1] === key[column - 1] ? 0 : 1;
      line.push(Math.min(above[column]! + 1, line[column - 1]! + 1, above[column - 1]! + other));
    }
    above = line;
  }
  return above[key.length]! <= most;
};
