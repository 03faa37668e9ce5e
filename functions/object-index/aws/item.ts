import type { Plain, PlainItem } from '../../../shared/aws/attribute-value.ts';
import { NULL_SLOT } from '../core/fact.ts';
import { CURRENT, identityOf, placeOf } from '../core/keys.ts';
import type { LiveObject, ObjectRow } from '../core/row.ts';
import type { ListedObject } from '../run/ports.ts';
import { sha256 } from './digest.ts';

// Short names: what a row costs is counted in kilobytes, names included.
//
//   st 1 live, 0 tombstone · r revision · q sequencer · et time of the newest event · vt S3's clock when asked · v version
//   va its versions have rows (of a version: absent) · dm 1 on a delete marker
//   z size · e entity tag · t date · sc storage class · ct content type · c customer · a attributes · f fingerprint · cd counted by day
//   gs gc gd gl gz ga1… index keys · x when a tombstone goes (TTL, seconds)

/** Names of the index partition keys, by index. All but the one by size share one sort key. */
export const INDEX_SORT = 'gs';
export const indexPartitionName = (index: string): string => NAMES[index] ?? `ga${index.slice('by-attribute-'.length)}`;
const NAMES: Readonly<Record<string, string>> = { 'by-customer': 'gc', 'by-date': 'gd', 'by-size': 'gl' };
/** The sort key of an index: its date, or its size. */
export const indexSortName = (index: string): string => (index === 'by-size' ? 'gz' : INDEX_SORT);

/** A row as the item that is put: a live row carries no `x`, so that a re-created object does not expire with its tombstone. */
export const itemOf = (row: ObjectRow): PlainItem => ({
  ...placeOf(row, sha256),
  st: row.state === 'live' ? 1 : 0,
  r: row.revision,
  q: row.sequencer,
  et: row.eventTimeMs,
  vt: row.truthAtMs,
  v: row.versionId,
  va: row.apart ? 1 : undefined,
  ...(row.state === 'live' ? liveItem(row.object) : { x: row.expiresAtSeconds }),
});

const liveItem = (object: LiveObject): PlainItem => ({
  dm: object.isMarker ? 1 : undefined,
  z: object.sizeBytes,
  e: object.etag,
  t: object.dateMs,
  sc: object.storageClass,
  ct: object.contentType,
  c: object.customer,
  a: object.attributes,
  f: object.fingerprint,
  cd: object.countedByDay ? 1 : undefined,
  gs: object.indexKeys.sort,
  gc: object.indexKeys.byCustomer,
  gd: object.indexKeys.byDate,
  gl: object.indexKeys.bySize?.partition,
  gz: object.indexKeys.bySize?.sort,
  ...Object.fromEntries(object.indexKeys.byAttribute.map((key, index) => [`ga${index + 1}`, key])),
});

/** The row that an item holds. */
export const rowOf = (item: PlainItem): ObjectRow => {
  const row = {
    ...identityOf(String(item.pk)),
    revision: Number(item.r),
    sequencer: optionalText(item.q),
    eventTimeMs: Number(item.et),
    truthAtMs: item.vt === undefined ? undefined : Number(item.vt),
    versionId: optionalText(item.v),
    slot: item.sk === CURRENT ? undefined : (optionalText(item.v) ?? NULL_SLOT),
    apart: item.va === 1,
  };
  if (item.st !== 1) {
    return { ...row, state: 'tombstone', expiresAtSeconds: item.x === undefined ? undefined : Number(item.x) };
  }
  const byAttribute = Object.keys(item).filter((name) => /^ga\d+$/.test(name));
  const slots = Math.max(0, ...byAttribute.map((name) => Number(name.slice(2))));
  return {
    ...row,
    state: 'live',
    object: {
      isMarker: item.dm === 1,
      sizeBytes: Number(item.z),
      etag: String(item.e),
      dateMs: Number(item.t),
      storageClass: String(item.sc),
      contentType: optionalText(item.ct),
      customer: String(item.c),
      attributes: (item.a ?? {}) as Record<string, string>,
      fingerprint: BigInt(item.f as number | bigint),
      countedByDay: item.cd === 1,
      indexKeys: {
        sort: String(item.gs),
        byCustomer: String(item.gc),
        byDate: optionalText(item.gd),
        bySize: item.gl === undefined ? undefined : { partition: String(item.gl), sort: String(item.gz) },
        byAttribute: Array.from({ length: slots }, (_, index) => optionalText(item[`ga${index + 1}`])),
      },
    },
  };
};

/** What an index projects, as a list shows it; `sort` is its place in that index. */
export const listedOf = (item: PlainItem, index = ''): ListedObject => ({
  ...identityOf(String(item.pk)),
  ...(item.sk === CURRENT ? {} : { slot: optionalText(item.v) ?? NULL_SLOT }),
  sort: String(item[indexSortName(index)]),
  customer: String(item.c),
  date: String(item.gs).split('#')[0] ?? '',
  sizeBytes: Number(item.z),
  etag: String(item.e),
  storageClass: String(item.sc),
  versionId: optionalText(item.v),
  attributes: (item.a ?? {}) as Record<string, string>,
});

/** A counter shard's numbers, without its keys. */
export const countersOf = (item: PlainItem): Record<string, bigint> =>
  Object.fromEntries(
    Object.entries(item)
      .filter(
        (entry): entry is [string, number | bigint] => typeof entry[1] === 'number' || typeof entry[1] === 'bigint',
      )
      .map(([name, value]) => [name, BigInt(value)]),
  );

const optionalText = (value: Plain | undefined): string | undefined =>
  value === undefined || value === null ? undefined : String(value);
