// Event patterns, as rules and event-source mappings use them
// (docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
// Not modelled: `$or`, `cidr`, `wildcard`, `equals-ignore-case`; a pattern that uses one is refused when it is loaded.

type Json = unknown;
type Matcher = (value: Json | undefined) => boolean;

/** A pattern that can not be kept here, or is not one. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Compiles a pattern; throws PatternError naming the first part that is wrong. */
export const compilePattern = (pattern: Json): ((event: Json) => boolean) => {
  if (!isObject(pattern)) throw new PatternError('An event pattern is a JSON object.');
  const fields = Object.entries(pattern).map(([name, part]) => [name, compilePart(part, name)] as const);
  return (event) => fields.every(([name, matches]) => matches(isObject(event) ? event[name] : undefined));
};

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const compilePart = (part: Json, path: string): Matcher => {
  if (Array.isArray(part)) {
    const options = part.map((option) => compileOption(option, path));
    // An array in the event matches when any of its elements does.
    return (value) => options.some((matches) => (Array.isArray(value) ? value.some(matches) : matches(value)));
  }
  if (!isObject(part)) throw new PatternError(`${path}: a pattern's values stand in an array.`);
  if (path.split('.').pop() === '$or') throw new PatternError(`${path}: $or is not modelled here.`);
  const fields = Object.entries(part).map(([name, inner]) => [name, compilePart(inner, `${path}.${name}`)] as const);
  const matchesOne = (value: Json | undefined) =>
    fields.every(([name, matches]) => matches(isObject(value) ? value[name] : undefined));
  return (value) => (Array.isArray(value) ? value.some(matchesOne) : matchesOne(value));
};

const compileOption = (option: Json, path: string): Matcher => {
  if (!isObject(option)) return (value) => value === option;
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(option);
  if (more.length > 0) throw new PatternError(`${path}: one operator at a time.`);
  switch (operator) {
    case 'exists':
      // `exists` looks at leaves only: an object is not a value.
      return (value) => (value !== undefined && !isObject(value)) === operand;
    case 'prefix':
      return textMatcher(operand, path, (text, part) => text.startsWith(part));
    case 'suffix':
      return textMatcher(operand, path, (text, part) => text.endsWith(part));
    case 'numeric':
      return numericMatcher(operand, path);
    case 'anything-but':
      return anythingBut(operand, path);
    default:
      throw new PatternError(`${path}: the operator "${operator}" is not modelled here.`);
  }
};

const textMatcher = (operand: Json, path: string, test: (text: string, part: string) => boolean): Matcher => {
  if (typeof operand !== 'string') throw new PatternError(`${path}: expected a text after prefix or suffix.`);
  return (value) => typeof value === 'string' && test(value, operand);
};

const anythingBut = (operand: Json, path: string): Matcher => {
  if (isObject(operand)) {
    const [[kind, parts] = ['', undefined]] = Object.entries(operand);
    if (kind !== 'prefix' && kind !== 'suffix')
      throw new PatternError(`${path}: the operator "anything-but ${kind}" is not modelled here.`);
    const matchers = [parts].flat().map((part) => compileOption({ [kind]: part }, path));
    return (value) => value !== undefined && !matchers.some((matches) => matches(value));
  }
  const excluded = [operand].flat();
  return (value) => value !== undefined && value !== null && !isObject(value) && !excluded.includes(value);
};

const COMPARISONS: Record<string, (value: number, bound: number) => boolean> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

const numericMatcher = (operand: Json, path: string): Matcher => {
  const terms = Array.isArray(operand) ? operand : [];
  if (terms.length === 0 || terms.length % 2 === 1)
    throw new PatternError(`${path}: numeric expects pairs of a comparison and a number.`);
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < terms.length; index += 2) {
    const compare = COMPARISONS[terms[index] as string];
    const bound = terms[index + 1];
    if (!compare || typeof bound !== 'number')
      throw new PatternError(`${path}: numeric expects pairs of a comparison and a number.`);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((holds) => holds(value));
};
