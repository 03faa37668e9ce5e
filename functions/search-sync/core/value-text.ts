import { type AttributeValue, ConversionError, type Item, typeOf } from './attribute-value.ts';
import { nestedFieldName } from './field-name.ts';
import { byNumber, numberText } from './number-text.ts';

/**
 * A DynamoDB value as JSON text, written directly: `unmarshall` and JSON.stringify would round numbers, turn sets into
 * `{}` and drop an attribute named `__proto__`. The text is canonical: names and sets are sorted, so that the same
 * value is the same text whichever way it was read, and it never holds a line break.
 */
export const valueText = (value: AttributeValue): string => {
  switch (typeOf(value)) {
    case 'S':
      return stringText(value.S as string);
    case 'N':
      return numberText(value.N as string);
    case 'BOOL':
      return value.BOOL ? 'true' : 'false';
    case 'NULL':
      return 'null';
    case 'B':
      return stringText(base64Of(value.B as string | Uint8Array));
    case 'SS':
      return listText([...(value.SS as readonly string[])].sort().map(stringText));
    case 'NS':
      return listText((value.NS as readonly string[]).map(numberText).sort(byNumber));
    case 'BS':
      return listText((value.BS as readonly (string | Uint8Array)[]).map(base64Of).sort().map(stringText));
    case 'L':
      return listText((value.L as readonly AttributeValue[]).map(valueText));
    case 'M':
      return mapText(value.M as Item);
  }
};

const listText = (parts: readonly string[]): string => `[${parts.join(',')}]`;

const mapText = (map: Item): string =>
  `{${sortedNames(map)
    .map((name) => `${stringText(nestedFieldName(name))}:${valueText(map[name] as AttributeValue)}`)
    .join(',')}}`;

/** The names of a map in code unit order: the one order that every reader of the item agrees on. */
export const sortedNames = (map: Item): string[] => {
  const names = Object.keys(map);
  for (let i = 1; i < names.length; i++) {
    if ((names[i - 1] as string) > (names[i] as string)) return names.sort();
  }
  return names;
};

/** A string as JSON on one line. U+2028 and U+2029 are legal in JSON, but some readers of lines break at them. */
export const stringText = (text: string): string => {
  if (typeof text !== 'string') throw new ConversionError('a string value is not a string');
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
