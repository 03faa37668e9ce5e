import type { Digest } from './digest.ts';
import type { ObjectIdentity, RowAddress } from './fact.ts';
import type { IndexKeys } from './row.ts';
import { formatDay, formatInstant } from './time.ts';

// Every key of the one table, in one place. An object's key is never part of a sort key: those end at 1,024 bytes
// (docs: ServiceQuotas), as long as an S3 key alone may be.
//
//   row                pk                    sk
//   current object     o#<bucket>#<key>      h
//   version            o#<bucket>#<key>      v#<version id, or its digest above 1,000 bytes>; v#null
//   customer's totals  t#<customer>          s#<00…63>
//   customer's month   t#<customer>          m#<YYYY-MM>#<00…63>
//   everything         t                     s#<00…63>
//   closing of a day   t#<customer>, t       close#<YYYY-MM-DD>
//   job                job#<kind>#<id>       state; part#<00000000>#<00>

/** Attributes that can be asked for by value: one index each. */
export const ATTRIBUTE_SLOTS = 3;
/** Shards of the sum over all customers: every transaction adds to it, so it always has the most. */
export const OVERALL_SHARDS = 64;

const two = (shard: number) => String(shard).padStart(2, '0');

export const objectPartition = ({ bucket, key }: ObjectIdentity): string => `o#${bucket}#${key}`;
export const CURRENT = 'h';
export const versionSort = (versionId: string, digest: Digest): string =>
  byteLength(versionId) > 1000 ? `v#sha256-${digest(versionId)}` : `v#${versionId}`;

export const rowSort = (slot: string | undefined, digest: Digest): string =>
  slot === undefined ? CURRENT : versionSort(slot, digest);
/** Where a row is. */
export const placeOf = (address: RowAddress, digest: Digest): { pk: string; sk: string } => ({
  pk: objectPartition(address),
  sk: rowSort(address.slot, digest),
});

/** The object that a partition key names. */
export const identityOf = (partition: string): ObjectIdentity => {
  const [, bucket = ''] = partition.split('#', 2);
  return { bucket, key: partition.slice(bucket.length + 3) };
};

/** A counter's partition; undefined means the sum over all customers. */
export const totalsPartition = (customer: string | undefined): string =>
  customer === undefined ? 't' : `t#${customer}`;
export const totalsSort = (shard: number): string => `s#${two(shard)}`;
/** The month of a month row's sort key. */
export const monthOf = (sort: string): string => sort.slice(2, 9);
export const monthSort = (month: string, shard: number): string => `m#${month}#${two(shard)}`;

export const closingSort = (day: string): string => `close#${day}`;

export const jobPartition = (kind: string, id: string): string => `job#${kind}#${id}`;
export const STATE = 'state';
export const PARTS = 'part#';
/** What one part of a job found: all of its slices are under the key without one. */
export const partSort = (part: number, slice?: number): string =>
  `${PARTS}${String(part).padStart(8, '0')}#${slice === undefined ? '' : String(slice).padStart(2, '0')}`;
/** The part of a slice's sort key. */
export const partOf = (sort: string): string => sort.slice(PARTS.length, PARTS.length + 8);

// Index partitions. The shard is behind the last `#`, so a `#` in a customer or value does no harm.
export const customerPartition = (customer: string, shard: number): string => `c#${customer}#${shard}`;
/** Versions of a customer's objects, current ones too. */
export const versionsPartition = (customer: string, shard: number): string => `v#${customer}#${shard}`;
export const datePartition = (day: string, shard: number): string => `d#${day}#${shard}`;
/** Large objects of everyone. */
export const sizePartition = (shard: number): string => `l#${shard}`;
/** `<bytes>#<16 hex>`: S3 keeps objects of up to 50 TB (14 digits); sizes sort as text. */
export const sizeSort = (sizeBytes: number, tieBreak: string): string =>
  `${String(sizeBytes).padStart(16, '0')}#${tieBreak}`;
export const attributePartition = (name: string, value: string, shard: number, digest: Digest): string =>
  `a#${name}=${indexedValue(value, digest)}#${shard}`;
/** Where every totals shard is listed under its customer: who the customers are. */
export const CUSTOMERS_PARTITION = 'customers';

/** `<instant>#<16 hex>`: objects in order of date, and two of one millisecond in an order of their own. */
export const dateSort = (dateMs: number, tieBreak: string): string => `${formatInstant(dateMs)}#${tieBreak}`;

const indexedValue = (value: string, digest: Digest): string =>
  byteLength(value) > 256 ? `sha256-${digest(value)}` : value;

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** The index keys of a live object. `attributeNames[i]` is what slot i holds. */
export const indexKeysOf = (
  object: RowAddress & { customer: string; dateMs: number; sizeBytes: number; attributes: Record<string, string> },
  layout: { dateShards: number; attributeNames: readonly string[]; largestFromBytes: number },
  digest: Digest,
): IndexKeys => {
  const { slot } = object;
  const hash = digest(slot === undefined ? `${object.bucket}/${object.key}` : `${object.bucket}/${object.key}@${slot}`);
  const shard = Number.parseInt(hash.slice(16, 24), 16) % layout.dateShards;
  if (slot !== undefined) {
    return {
      sort: dateSort(object.dateMs, hash.slice(0, 16)),
      byCustomer: versionsPartition(object.customer, shard),
      byDate: undefined,
      byAttribute: [],
    };
  }
  return {
    sort: dateSort(object.dateMs, hash.slice(0, 16)),
    byCustomer: customerPartition(object.customer, shard),
    byDate: datePartition(formatDay(object.dateMs), shard),
    bySize:
      object.sizeBytes < layout.largestFromBytes
        ? undefined
        : { partition: sizePartition(shard), sort: sizeSort(object.sizeBytes, hash.slice(0, 16)) },
    byAttribute: layout.attributeNames.map((name) => {
      const value = object.attributes[name];
      return value === undefined ? undefined : attributePartition(name, value, shard, digest);
    }),
  };
};
