import { type AttributeValue, ConversionError, type Item, typeOf } from './attribute-value.ts';
import { nestedFieldName } from './field-name.ts';
import { byNumber, numberText } from './number-text.ts';

/**
 * A DynamoDB value as JSON text, written directly: `unmarshall` and JSON.stringify would round numbers, turn sets into
 * `{}` and drop an attribute named `__proto__`. The text is canonical: names and sets are sorted, so that the same
 * value is the same text whichever way it was read, and it never holds a line break.
 */
export const valueText = (value: AttributeValue): string => {
  // The frequent ones first, by their member: asking for the type of each costs more than writing it.
  if (value.S !== undefined) return stringText(value.S);
  if (value.N !== undefined) return numberText(value.N);
  if (value.M !== undefined) return mapText(value.M);
  if (value.L !== undefined) return listText(value.L, valueText);
  switch (typeOf(value)) {
    case 'BOOL':
      return value.BOOL ? 'true' : 'false';
    case 'B':
      return stringText(base64Of(value.B as string | Uint8Array));
    case 'SS':
      return listText([...(value.SS as readonly string[])].sort(), stringText);
    case 'NS':
      return `[${(value.NS as readonly string[]).map(numberText).sort(byNumber).join(',')}]`;
    case 'BS':
      return listText((value.BS as readonly (string | Uint8Array)[]).map(base64Of).sort(), stringText);
    default:
      return 'null';
  }
};

const listText = <T>(list: readonly T[], text: (one: T) => string): string => {
  let joined = '[';
  for (let i = 0; i < list.length; i++) joined += i === 0 ? text(list[i] as T) : `,${text(list[i] as T)}`;
  return `${joined}]`;
};

const mapText = (map: Item): string => {
  const { names, labels } = shapeOf(map);
  let joined = '{';
  for (let i = 0; i < names.length; i++) {
    joined += (i === 0 ? '' : ',') + labels[i] + valueText(map[names[i] as string] as AttributeValue);
  }
  return `${joined}}`;
};

/** The names of a map in their order, and each as the beginning of a member: `"name":`. */
interface MapShape {
  /** As they came. */
  given: readonly string[];
  names: readonly string[];
  labels: readonly string[];
}

/** Items of a table are alike: what was found out about the names of one holds for the next. Small, and only a memory. */
const known = new Map<string, MapShape>();
const MOST_SHAPES = 500;
const LONGEST_SHAPE = 200;

const shapeOf = (map: Item): MapShape => {
  const given = Object.keys(map);
  const at = `${given.length}${given[0]}|${given[given.length - 1]}`;
  const before = known.get(at);
  if (before !== undefined && sameNames(before.given, given)) return before;
  const names = sortedNames(map);
  const shape = { given, names, labels: names.map((name) => `${stringText(nestedFieldName(name))}:`) };
  if (given.length <= LONGEST_SHAPE && at.length <= LONGEST_SHAPE) {
    if (known.size >= MOST_SHAPES) known.clear();
    known.set(at, shape);
  }
  return shape;
};

const sameNames = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** The names of a map in code unit order: the one order that every reader of the item agrees on. */
export const sortedNames = (map: Item): string[] => {
  const names = Object.keys(map);
  for (let i = 1; i < names.length; i++) {
    if ((names[i - 1] as string) > (names[i] as string)) return names.sort();
  }
  return names;
};

/** What a JSON string may not hold as it is, and what some readers of lines break at. */
// biome-ignore lint/complexity/useRegexLiterals: a literal would hold control characters, which lint takes for a slip
const UNSAFE = new RegExp('["\\\\\\u0000-\\u001f\\u2028\\u2029\\ud800-\\udfff]');
/** The same without the two that are sought by themselves. */
// biome-ignore lint/complexity/useRegexLiterals: as above
const UNSAFE_RANGES = new RegExp('[\\u0000-\\u001f\\u2028\\u2029\\ud800-\\udfff]');
/** From this length on three passes, two of them over whole words of memory, are quicker than one with a set of characters. */
const LONG_TEXT = 256;

const isSafe = (text: string): boolean =>
  text.length < LONG_TEXT
    ? !UNSAFE.test(text)
    : !text.includes('"') && !text.includes('\\') && !UNSAFE_RANGES.test(text);

/** A string as JSON on one line. U+2028 and U+2029 are legal in JSON, but some readers of lines break at them. */
export const stringText = (text: string): string => {
  if (typeof text !== 'string') throw new ConversionError('a string value is not a string');
  // Looking first is quicker than writing each character: most texts need no escape.
  if (isSafe(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  return /[\u2028\u2029]/.test(json) ? json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029') : json;
};

/** Bytes as base64; what came in an event is base64 already. */
export const base64Of = (bytes: string | Uint8Array): string => {
  if (typeof bytes === 'string') return bytes;
  let binary = '';
  for (let i = 0; i < bytes.length; i += 8_192) binary += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  return btoa(binary);
};
