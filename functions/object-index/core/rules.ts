import { ATTRIBUTE_SLOTS } from './keys.ts';

/** The config section, as far as the index reads it. */
export interface IndexConfig {
  buckets: readonly {
    name: string;
    customer: { pattern: string };
    attributes: Readonly<Record<string, { pattern: string } | { contentType: true }>>;
  }[];
  shards: { totals: number; dates: number };
  statistics?: { days?: boolean | undefined } | undefined;
}

/** The config, ready to use. */
export interface IndexRules {
  buckets: ReadonlyMap<string, BucketRules>;
  totalsShards: number;
  dateShards: number;
  /** Attributes that can be asked for by value, in their slots. */
  attributeNames: readonly string[];
  countByDay: boolean;
}

interface BucketRules {
  customer: RegExp;
  fromKey: readonly (readonly [name: string, pattern: RegExp])[];
  fromContentType: readonly string[];
}

/** Where an object goes whose key matches no customer: visible, never dropped. */
export const UNKNOWN_CUSTOMER = 'unknown';

/** Prepares the config section. Throws RangeError naming the attributes when there are more than the table has indexes for. */
export const compileRules = (config: IndexConfig): IndexRules => {
  const attributeNames = [...new Set(config.buckets.flatMap(({ attributes }) => Object.keys(attributes)))];
  if (attributeNames.length > ATTRIBUTE_SLOTS) {
    throw new RangeError(
      `objectIndex declares ${attributeNames.length} attributes (${attributeNames.join(', ')}), and the table has indexes for ${ATTRIBUTE_SLOTS}`,
    );
  }
  const buckets = config.buckets.map(({ name, customer, attributes }): [string, BucketRules] => {
    const declared = Object.entries(attributes);
    return [
      name,
      {
        customer: new RegExp(customer.pattern, 'u'),
        fromKey: declared.flatMap(([attribute, rule]) =>
          'pattern' in rule ? [[attribute, new RegExp(rule.pattern, 'u')] as const] : [],
        ),
        fromContentType: declared.flatMap(([attribute, rule]) => ('contentType' in rule ? [attribute] : [])),
      },
    ];
  });
  return {
    buckets: new Map(buckets),
    totalsShards: config.shards.totals,
    dateShards: config.shards.dates,
    attributeNames,
    countByDay: config.statistics?.days ?? false,
  };
};

/** Whose object it is. */
export const customerOf = (rules: IndexRules, bucket: string, key: string): string =>
  rules.buckets.get(bucket)?.customer.exec(key)?.groups?.customer || UNKNOWN_CUSTOMER;

/** The declared attributes that this object has. An empty value is none: no index can hold it. */
export const attributesOf = (
  rules: IndexRules,
  bucket: string,
  key: string,
  contentType: string | undefined,
): Record<string, string> => {
  const found = rules.buckets.get(bucket);
  const fromKey = (found?.fromKey ?? []).map(([name, pattern]) => [name, pattern.exec(key)?.groups?.value] as const);
  const fromType = (found?.fromContentType ?? []).map((name) => [name, contentType] as const);
  return Object.fromEntries([...fromKey, ...fromType].filter((pair): pair is [string, string] => Boolean(pair[1])));
};

/** True when an event alone can't describe an object of this bucket, and S3 must be asked. */
export const needsHead = (rules: IndexRules, bucket: string): boolean =>
  (rules.buckets.get(bucket)?.fromContentType.length ?? 0) > 0;
