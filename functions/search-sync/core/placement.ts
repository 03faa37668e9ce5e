import { type AttributeValue, type Item, typeOf } from './attribute-value.ts';
import { utf8Bytes } from './utf8.ts';

/**
 * Where a root attribute goes. A field of OpenSearch has one type for ever and a DynamoDB attribute has not: `author` is
 * text in one item and a map in the next, and the second document would be refused. So by shape, not by luck:
 * `field` (text, numbers, flags, and lists of them: under the attribute's own name), `map` (inside `_maps`, one flat
 * object, which takes any shape), `stored` (inside `_stored`, kept and not indexed: binaries, and what no index takes).
 */
export type Placement = 'field' | 'map' | 'stored';

/** Lucene refuses a term above 32,766 bytes; a flat object's term is path and value together. */
const LONGEST_TERM_BYTES = 32_000;
/** Deeper maps are kept and not indexed (index.mapping.depth.limit is 20; DynamoDB nests to 32). */
const DEEPEST_MAP = 18;

/** The place of one root attribute. */
export const placementOf = (name: string, value: AttributeValue): Placement => {
  // By far the most: nothing in it to look for.
  if (value.S !== undefined || value.N !== undefined) return 'field';
  const shape: Shape = { map: false, stored: false };
  survey(value, utf8Bytes(name), 1, shape);
  if (shape.stored) return 'stored';
  if (!shape.map) return 'field';
  return shape.longestTermBytes !== undefined && shape.longestTermBytes > LONGEST_TERM_BYTES ? 'stored' : 'map';
};

interface Shape {
  map: boolean;
  stored: boolean;
  longestTermBytes?: number;
}

const survey = (value: AttributeValue, pathBytes: number, depth: number, shape: Shape): void => {
  const type = typeOf(value);
  if (type === 'B' || type === 'BS' || depth > DEEPEST_MAP) {
    shape.stored = true;
  } else if (type === 'M') {
    shape.map = true;
    for (const [name, child] of Object.entries(value.M as Item)) {
      survey(child, pathBytes + 1 + utf8Bytes(name), depth + 1, shape);
    }
  } else if (type === 'L') {
    for (const child of value.L as readonly AttributeValue[]) survey(child, pathBytes, depth + 1, shape);
  } else {
    const longest = type === 'S' ? utf8Bytes(value.S as string) : longestOf(value.SS);
    shape.longestTermBytes = Math.max(shape.longestTermBytes ?? 0, pathBytes + longest);
  }
};

const longestOf = (set: readonly string[] | undefined): number => Math.max(0, ...(set ?? []).map(utf8Bytes));
