/** Keys that show what a pattern makes of folders. */
const PROBES = ['a/b', 'a/b/c', 'a/b/c/d', 'a/b/c/d/e'];

/**
 * Why a pattern could give one object to two customers, or one value to two meanings: an empty list when it can't, as far as
 * its text and a few keys show. It must compile.
 */
export const ambiguities = (pattern: string, group: 'customer' | 'value'): string[] => {
  const problems: string[] = [];
  const named = pattern.split(`(?<${group}>`).length - 1;
  if (named > 1) problems.push(`expected one group (?<${group}>…): with two, where the value comes from is ambiguous`);
  const sides = alternatives(pattern);
  const isAnchored = sides.every((one) => one.startsWith('^') || (group === 'value' && /(^|[^\\])\$$/.test(one)));
  if (!isAnchored) {
    const where = group === 'value' ? '^ or $' : '^';
    problems.push(`expected every alternative to be anchored by ${where}: elsewhere in a key it may match by chance`);
  }
  if (group === 'customer' && named === 1) problems.push(...nested(pattern));
  return problems;
};

/** `a/b` and `a` as customers at once: an object's depth would decide whose it is. */
const nested = (pattern: string): string[] => {
  const expression = new RegExp(pattern, 'u');
  const found = PROBES.flatMap((key) => expression.exec(key)?.groups?.customer ?? []);
  const [inner] = found.filter((one) => found.some((other) => one.startsWith(`${other}/`)));
  return inner === undefined
    ? []
    : [
        `expected a group that stops at a "/": ambiguous, for of ${PROBES.join(' and ')} one would be of customer ${inner}, another of a folder above it`,
      ];
};

/** The parts between `|` at the top level. */
const alternatives = (pattern: string): string[] => {
  const parts: string[] = [''];
  let depth = 0;
  let inClass = false;
  for (let index = 0; index < pattern.length; index += 1) {
    const letter = pattern[index] as string;
    const isEscape = letter === '\\';
    if (!isEscape && letter === '[') inClass = true;
    if (!isEscape && letter === ']') inClass = false;
    if (!inClass && letter === '(') depth += 1;
    if (!inClass && letter === ')') depth -= 1;
    if (letter === '|' && depth === 0 && !inClass) {
      parts.push('');
      continue;
    }
    parts[parts.length - 1] += isEscape ? letter + (pattern[++index] ?? '') : letter;
  }
  return parts;
};
