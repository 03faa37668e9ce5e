import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** What an item of ours may hold. Numbers above 2^53 are bigints: nothing is rounded. */
export type Plain = string | number | bigint | boolean | null | Plain[] | { [key: string]: Plain | undefined };
export type PlainItem = { [key: string]: Plain | undefined };

/** A plain value as DynamoDB's AttributeValue; undefined attributes are left out of maps. */
export const toAttribute = (value: Plain): AttributeValue => {
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
    case 'bigint':
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
    default:
      return { M: toItem(value) };
  }
};

/** A plain object as an item. */
export const toItem = (plain: PlainItem): Record<string, AttributeValue> =>
  Object.fromEntries(
    Object.entries(plain).flatMap(([key, value]) => (value === undefined ? [] : [[key, toAttribute(value)]])),
  );

/** An AttributeValue as a plain value. Whole numbers beyond 2^53 come back as bigints; sets are not ours and throw. */
export const fromAttribute = (value: AttributeValue): Plain => {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return toNumber(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(fromAttribute);
  if (value.M !== undefined) return fromItem(value.M);
  throw new TypeError(`expected S, N, BOOL, NULL, L or M, and got ${Object.keys(value).join(', ')}`);
};

/** An item as a plain object. */
export const fromItem = (item: Record<string, AttributeValue>): PlainItem =>
  Object.fromEntries(Object.entries(item).map(([key, value]) => [key, fromAttribute(value)]));

const toNumber = (text: string): number | bigint => {
  const number = Number(text);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
};
