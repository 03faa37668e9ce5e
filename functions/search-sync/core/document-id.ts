import { type AttributeValue, ConversionError, type Item, typeOf } from './attribute-value.ts';
import { numberText } from './number-text.ts';
import { utf8Bytes } from './utf8.ts';
import { base64Of, stringText } from './value-text.ts';

/** The names of a table's key attributes. */
export interface KeySchema {
  partition: string;
  sort?: string | undefined;
}

/** sha256 of a text's UTF-8, in hex: handed in, for core knows no crypto. */
export type Hash = (text: string) => string;

/** OpenSearch refuses longer ids (`_id` is too long, must be no longer than 512 bytes). */
const LONGEST_ID_BYTES = 512;

/**
 * The document id of a key: typed and injective (`Sa`, `N7`, `Sa|N7`), so that no two items share a document. Keys can
 * be 2048 + 1024 bytes: an id above 512 bytes becomes `#` and its hash. Throws ConversionError when a key is missing.
 */
export const documentId = (keys: Item, schema: KeySchema, hash: Hash): string => {
  const parts = keyNames(schema).map((name) => keyPart(name, keys[name]));
  const id = parts.join('|');
  return id.length * 3 > LONGEST_ID_BYTES && utf8Bytes(id) > LONGEST_ID_BYTES ? `#${hash(id)}` : id;
};

const keyPart = (name: string, value: AttributeValue | undefined): string => {
  // By far the most.
  if (typeof value?.S === 'string') return `S${escaped(value.S)}`;
  if (value === undefined || Object.keys(value).length === 0) {
    throw new ConversionError(`the key attribute ${name} is missing`);
  }
  switch (typeOf(value)) {
    case 'N':
      return `N${numberText(value.N as string)}`;
    case 'B':
      return `B${base64Of(value.B as string | Uint8Array)}`;
    default:
      throw new ConversionError(`the key attribute ${name} is neither S, N nor B`);
  }
};

const escaped = (text: string): string =>
  text.includes('\\') || text.includes('|') ? text.replaceAll('\\', '\\\\').replaceAll('|', '\\|') : text;

/** Partition key first, then the sort key where there is one. */
export const keyNames = (schema: KeySchema): string[] =>
  schema.sort === undefined ? [schema.partition] : [schema.partition, schema.sort];

/** Only the key attributes of an item; throws ConversionError when one is missing. */
export const keysOf = (item: Item, { partition, sort }: KeySchema): Item =>
  sort === undefined
    ? { [partition]: keyOf(item, partition) }
    : { [partition]: keyOf(item, partition), [sort]: keyOf(item, sort) };

const keyOf = (item: Item, name: string): AttributeValue => {
  const value = item[name];
  if (value === undefined) throw new ConversionError(`the key attribute ${name} is missing`);
  return value;
};

/** A key as JSON with its types, kept in every document: what a hit is read back from the table with. */
export const keyText = (keys: Item, schema: KeySchema): string =>
  `{${keyNames(schema)
    .map((name) => `${stringText(name)}:${typedText(keys[name] as AttributeValue)}`)
    .join(',')}}`;

const typedText = (value: AttributeValue): string =>
  typeof value.S === 'string'
    ? `{"S":${stringText(value.S)}}`
    : value.B === undefined
      ? `{"${typeOf(value)}":${stringText((value.S ?? value.N) as string)}}`
      : `{"B":${stringText(base64Of(value.B))}}`;
