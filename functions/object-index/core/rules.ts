import type { ObjectIdentity } from './fact.ts';
import { ATTRIBUTE_SLOTS } from './keys.ts';
import type { LiveRow } from './row.ts';

/** Where a value is taken from: a key by a named group, or what only S3 can tell of an object. */
export type Source =
  | { pattern: string }
  | { contentType: true }
  /** User metadata, without `x-amz-meta-`. */
  | { metadata: string }
  | { tag: string };

/** The config section, as far as the index reads it. */
export interface IndexConfig {
  buckets: readonly {
    name: string;
    customer: Exclude<Source, { contentType: true }>;
    attributes: Readonly<Record<string, Source & { maxBytes?: number | undefined }>>;
  }[];
  shards: { totals: number; dates: number };
  statistics?: { days?: boolean | undefined } | undefined;
  /** Objects of at least so many bytes are listed by size. */
  largestFromBytes?: number | undefined;
}

/** The config, ready to use. */
export interface IndexRules {
  buckets: ReadonlyMap<string, BucketRules>;
  totalsShards: number;
  dateShards: number;
  /** Attributes that can be asked for by value, in their slots. */
  attributeNames: readonly string[];
  countByDay: boolean;
  largestFromBytes: number;
}

interface BucketRules {
  customer: Reader;
  customerFromKey: boolean;
  attributesFromKey: readonly string[];
  attributes: readonly (readonly [name: string, read: Reader, maxBytes: number])[];
  needsHead: boolean;
  needsTags: boolean;
}

/** An object with what S3 told of it, where it was asked. */
export interface Described extends ObjectIdentity {
  contentType?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

type Reader = (object: Described) => string | undefined;

/** Where an object goes that no customer can be read from: visible, never dropped. */
export const UNKNOWN_CUSTOMER = 'unknown';

/** A value beyond this is kept up to here: what a row costs is counted in kilobytes. */
export const ATTRIBUTE_BYTES = 256;
/** A customer's name is part of a key; those end at 2,048 bytes (docs: ServiceQuotas). */
const CUSTOMER_BYTES = 1024;
const LARGEST_FROM_BYTES = 1_048_576;

/** Prepares the config section. Throws RangeError naming the attributes when there are more than the table has indexes for. */
export const compileRules = (config: IndexConfig): IndexRules => {
  const attributeNames = [...new Set(config.buckets.flatMap(({ attributes }) => Object.keys(attributes)))];
  if (attributeNames.length > ATTRIBUTE_SLOTS) {
    throw new RangeError(
      `objectIndex declares ${attributeNames.length} attributes (${attributeNames.join(', ')}), and the table has indexes for ${ATTRIBUTE_SLOTS}`,
    );
  }
  return {
    buckets: new Map(config.buckets.map((bucket) => [bucket.name, compileBucket(bucket)])),
    totalsShards: config.shards.totals,
    dateShards: config.shards.dates,
    attributeNames,
    countByDay: config.statistics?.days ?? false,
    largestFromBytes: config.largestFromBytes ?? LARGEST_FROM_BYTES,
  };
};

const compileBucket = ({ customer, attributes }: IndexConfig['buckets'][number]): BucketRules => {
  const sources: Source[] = [customer, ...Object.values(attributes)];
  return {
    customer: readerOf(customer, 'customer'),
    customerFromKey: 'pattern' in customer,
    attributesFromKey: Object.entries(attributes).flatMap(([name, source]) => ('pattern' in source ? [name] : [])),
    attributes: Object.entries(attributes).map(([name, source]) => [
      name,
      readerOf(source, 'value'),
      source.maxBytes ?? ATTRIBUTE_BYTES,
    ]),
    needsHead: sources.some((source) => !('pattern' in source)),
    needsTags: sources.some((source) => 'tag' in source),
  };
};

const readerOf = (source: Source, group: string): Reader => {
  if ('pattern' in source) {
    const pattern = new RegExp(source.pattern, 'u');
    return ({ key }) => pattern.exec(key)?.groups?.[group];
  }
  if ('contentType' in source) return ({ contentType }) => contentType;
  if ('metadata' in source) {
    const name = source.metadata.toLowerCase();
    return ({ metadata }) => metadata?.[name];
  }
  return ({ tags }) => tags?.[source.tag];
};

/** Whose object it is. */
export const customerOf = (rules: IndexRules, object: Described): string =>
  upTo(CUSTOMER_BYTES, rules.buckets.get(object.bucket)?.customer(object) ?? '') || UNKNOWN_CUSTOMER;

/** The declared attributes that this object has. An empty value is none: no index can hold it. */
export const attributesOf = (rules: IndexRules, object: Described): Record<string, string> =>
  Object.fromEntries(
    (rules.buckets.get(object.bucket)?.attributes ?? []).flatMap(([name, read, maxBytes]) => {
      const value = upTo(maxBytes, read(object) ?? '');
      return value === '' ? [] : [[name, value]];
    }),
  );

/**
 * True when a row holds what the config reads from the object's key today. What is read from S3 itself is not looked at:
 * a list does not show it.
 */
export const isReadAsNow = (rules: IndexRules, { bucket, key, slot, object }: LiveRow): boolean => {
  const own = rules.buckets.get(bucket);
  if (own === undefined || object.isMarker) return true;
  if (own.customerFromKey && object.customer !== customerOf(rules, { bucket, key })) return false;
  if (slot !== undefined) return true;
  const read = attributesOf(rules, { bucket, key });
  return own.attributesFromKey.every((name) => object.attributes[name] === read[name]);
};

/** True when an event alone can't describe an object of this bucket, and S3 must be asked. */
export const needsHead = (rules: IndexRules, bucket: string): boolean => rules.buckets.get(bucket)?.needsHead ?? false;

/** True when its tags must be read as well. */
export const needsTags = (rules: IndexRules, bucket: string): boolean => rules.buckets.get(bucket)?.needsTags ?? false;

// Cut between characters.
const upTo = (maxBytes: number, text: string): string => {
  if (text.length * 4 <= maxBytes) return text;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  return new TextDecoder().decode(bytes.slice(0, maxBytes)).replace(/�+$/u, '');
};
