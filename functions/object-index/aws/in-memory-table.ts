import type { PlainItem } from '../../../shared/aws/attribute-value.ts';
import { addressText, type RowAddress } from '../core/fact.ts';
import {
  CURRENT,
  CUSTOMERS_PARTITION,
  monthOf,
  OVERALL_SHARDS,
  objectPartition,
  placeOf,
  totalsPartition,
  totalsSort,
} from '../core/keys.ts';
import type { ObjectRow } from '../core/row.ts';
import type { CommitResult, IndexReader, IndexTable, IndexTransaction } from '../run/ports.ts';
import { sha256 } from './digest.ts';
import { countersOf, INDEX_SORT, indexPartitionName, itemOf, listedOf, rowOf } from './item.ts';
import { counterPlace } from './transaction.ts';

export interface InMemoryOptions {
  /** Awaited inside every call: lets other writers in between. */
  between?: () => Promise<void>;
  /** Called after each commit that took effect. */
  committed?: () => void;
  /** An image of the row that an eventually consistent read may still give. */
  staleRead?: () => boolean;
  /** Only ever false in the test that shows what the condition is for. */
  checkRevision?: boolean;
}

export interface InMemoryTable extends IndexTable, IndexReader {
  items(): PlainItem[];
  /** Deletes what TTL would have deleted by now. */
  expire(nowSeconds: number): void;
}

const place = (pk: string, sk: string) => JSON.stringify([pk, sk]);
const placeIn = (address: RowAddress) => {
  const { pk, sk } = placeOf(address, sha256);
  return place(pk, sk);
};

/** The index's table in memory, with DynamoDB's transactions: all or nothing, conditions, reasons in order, tokens replayed. */
export const inMemoryTable = (options: InMemoryOptions = {}): InMemoryTable => {
  const { between = async () => {}, checkRevision = true } = options;
  const items = new Map<string, PlainItem>();
  const older = new Map<string, PlainItem>();
  const tokens = new Set<string>();
  const all = () => [...items.values()];

  const apply = ({ changes, counters }: IndexTransaction): CommitResult => {
    const verdicts = changes.map(({ before, after }) => {
      const current = items.get(placeIn(after));
      const holds = !checkRevision || current?.r === before?.revision;
      return holds
        ? ({ kind: 'fine' } as const)
        : ({ kind: 'changed', current: current === undefined ? undefined : rowOf(current) } as const);
    });
    if (verdicts.some(({ kind }) => kind !== 'fine')) {
      return { kind: 'cancelled', rows: verdicts, counters: counters.map(() => ({ kind: 'fine' })) };
    }
    for (const { after } of changes) {
      const at = placeIn(after);
      const was = items.get(at);
      if (was !== undefined) older.set(at, was);
      items.set(at, withoutUndefined(itemOf(after)));
    }
    for (const counter of counters) {
      const { pk, sk, listed } = counterPlace(counter);
      const item: PlainItem = { ...items.get(place(pk, sk)), pk, sk, ...listed };
      for (const [name, value] of Object.entries(counter.adds)) {
        item[name] = BigInt((item[name] as bigint | undefined) ?? 0) + value;
      }
      items.set(place(pk, sk), item);
    }
    options.committed?.();
    return { kind: 'committed' };
  };

  return {
    items: all,
    expire: (nowSeconds) => {
      for (const [at, item] of items) if (item.x !== undefined && Number(item.x) < nowSeconds) items.delete(at);
    },

    readRows: async (addresses, consistency) => {
      await between();
      const rows = new Map<string, ObjectRow>();
      for (const address of addresses) {
        const at = placeIn(address);
        const stale = consistency === 'eventual' && options.staleRead?.() === true;
        const item = stale ? older.get(at) : items.get(at);
        if (item !== undefined) rows.set(addressText(address), rowOf(item));
      }
      await between();
      return rows;
    },

    commit: async (transaction) => {
      refuseDoubles(transaction);
      await between();
      const result = tokens.has(transaction.token) ? ({ kind: 'committed' } as const) : apply(transaction);
      if (result.kind === 'committed') tokens.add(transaction.token);
      await between();
      return result;
    },

    readTotals: async (customer) =>
      Array.from({ length: OVERALL_SHARDS }, (_, shard) =>
        items.get(place(totalsPartition(customer), totalsSort(shard))),
      ).flatMap((item) => (item === undefined ? [] : [countersOf(item)])),

    readMonths: async (customer, from, to) =>
      all()
        .filter(({ pk, sk }) => pk === totalsPartition(customer) && String(sk).startsWith('m#'))
        .map((item) => ({ month: monthOf(String(item.sk)), counters: countersOf(item) }))
        .filter(({ month }) => month >= from && month <= to),

    readCustomers: async (after = '', limit) => {
      const names = all().flatMap((item) => (item.gd === CUSTOMERS_PARTITION ? [String(item[INDEX_SORT])] : []));
      return [...new Set(names)]
        .filter((name) => name > after)
        .sort()
        .slice(0, limit);
    },

    readIndex: async ({ index, partition, above, below, order, filter, limit }) => {
      const found = all()
        .filter((item) => item[indexPartitionName(index)] === partition && String(item.pk).startsWith('o#'))
        .map((item) => listedOf(item, index))
        .filter(({ sort }) => (above === undefined || sort > above) && (below === undefined || sort < below))
        .sort((a, b) => (a.sort < b.sort === (order === 'oldest') ? -1 : 1));
      const page = found.slice(0, limit);
      return {
        objects: page
          .filter(({ customer }) => filter.customer === undefined || customer === filter.customer)
          .filter(({ attributes }) => {
            const { attribute } = filter;
            return attribute === undefined || attributes[attribute.name] === attribute.value;
          }),
        readUpTo: found.length > limit ? page.at(-1)?.sort : undefined,
      };
    },

    readRow: async (object) => {
      const item = items.get(place(objectPartition(object), CURRENT));
      return item === undefined ? undefined : rowOf(item);
    },

    readVersions: async (object) =>
      all()
        .filter(({ pk, sk }) => pk === objectPartition(object) && sk !== CURRENT)
        .map(rowOf),
  };
};

const withoutUndefined = (item: PlainItem): PlainItem =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));

// DynamoDB refuses a transaction that names an item twice, or more than 100 (docs: transaction-apis).
const refuseDoubles = ({ changes, counters }: IndexTransaction): void => {
  const names = [
    ...changes.map(({ after }) => placeIn(after)),
    ...counters.map((counter) => place(counterPlace(counter).pk, counterPlace(counter).sk)),
  ];
  if (names.length > 100) throw new Error(`a transaction of ${names.length} items`);
  if (new Set(names).size !== names.length) throw new Error('a transaction names an item twice');
};
