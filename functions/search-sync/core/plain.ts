import { type AttributeValue, type Item, typeOf } from './attribute-value.ts';
import { numberText } from './number-text.ts';
import { base64Of } from './value-text.ts';

/** What a number becomes when a float can't hold it exactly: its digits as text. */
export type PlainValue = string | number | boolean | null | PlainValue[] | { [name: string]: PlainValue };

/** An item as plain values for an answer in JSON. A number that a float would round is given as text, with every digit. */
export const plainItem = (item: Item): Record<string, PlainValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));

const plainValue = (value: AttributeValue): PlainValue => {
  switch (typeOf(value)) {
    case 'S':
      return value.S as string;
    case 'N':
      return exactNumber(value.N as string);
    case 'BOOL':
      return value.BOOL === true;
    case 'NULL':
      return null;
    case 'B':
      return base64Of(value.B as string | Uint8Array);
    case 'SS':
      return [...(value.SS as readonly string[])].sort();
    case 'NS':
      return (value.NS as readonly string[]).map(exactNumber);
    case 'BS':
      return (value.BS as readonly (string | Uint8Array)[]).map(base64Of);
    case 'L':
      return (value.L as readonly AttributeValue[]).map(plainValue);
    case 'M':
      return plainItem(value.M as Item);
  }
};

const exactNumber = (token: string): number | string => {
  const exact = numberText(token);
  return numberText(String(Number(exact))) === exact ? Number(exact) : exact;
};
