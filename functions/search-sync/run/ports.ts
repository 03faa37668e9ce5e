import type { Item } from '../core/attribute-value.ts';
import type { BucketSums } from '../core/drift.ts';
import type { Operation } from '../core/operation.ts';
import type { BulkAnswer } from '../core/outcome.ts';
import type { Wanted } from '../core/search-request.ts';

/** An index that writes by condition and reads in real time. */
export interface SearchIndex {
  /** One request; answers in the order of the operations. Never throws: what is not known is `none`. */
  bulk(operations: readonly Operation[]): Promise<BulkAnswer>;
  /** Which change each stored document says it is of, in the order asked; undefined where there is no document. */
  stamps(index: string, ids: readonly string[]): Promise<(Stamp | undefined)[]>;
  /** Documents, read in real time, with what a conditional write needs; undefined where there is none. In the order asked. */
  reads(index: string, ids: readonly string[]): Promise<(StoredRead | undefined)[]>;
  /** Ranked hits of a query. Throws BadQueryError when the query is at fault. */
  search(index: string, query: RankedQuery): Promise<RankedHits>;
}

/** What a document's `_sync` block says: its sequence number, its stream, the digest of its content. */
export interface Stamp {
  sequence: string;
  stream: string;
  digest: string;
}

/** The indexes of a table that take every write, by the aliases that only writes use. */
export interface Written {
  /** Behind the alias that is searched. */
  serving: string;
  /** One that is built anew, or the one before the cut-over. */
  shadow?: string | undefined;
}

/** Which indexes a table has. */
export interface Generations {
  /** Read anew each time. Throws when there is none. */
  of(alias: string): Promise<Written>;
  /** Lets go of a shadow that can't keep up. False: it is the shadow no more, so look again. Throws when unknown. */
  abandon(alias: string, shadow: string): Promise<boolean>;
}

/** What an index holds, for comparison with its table. */
export interface Census {
  /** Sums by bucket, of what is written when it is asked. */
  sums(index: string): Promise<BucketSums>;
  /** The documents of these buckets, page by page. `next` of one page is `after` of the following one. */
  members(index: string, buckets: readonly number[], after?: string): Promise<{ keys: Item[]; next?: string }>;
}

/** One page of a table's parallel scan. */
export interface ScanPage {
  items: Item[];
  /** Where it goes on: the key of the last item read, as text. Undefined: the segment is read. */
  next: string | undefined;
  readUnits: number;
}

/** The table, read whole. */
export interface TableScan {
  page(ask: { segment: number; segments: number; after?: string | undefined; consistent: boolean }): Promise<ScanPage>;
}

export interface StoredRead {
  version: bigint;
  seqNo: number;
  primaryTerm: number;
  /** The document exactly as it was written. */
  source: string;
}

export interface RankedQuery {
  query?: string | undefined;
  /** Texts that hits are to be like, and the document that they are of, which is no hit. */
  like?: { text: string; id: string } | undefined;
  where?: Readonly<Record<string, Wanted>> | undefined;
  facets?: readonly string[] | undefined;
  highlight?: boolean | undefined;
  size: number;
  /** The `next` of the page before. */
  after?: readonly unknown[] | undefined;
}

export interface RankedHits {
  total: number;
  hits: RankedHit[];
  /** By attribute, the most frequent values first. */
  facets?: Facets | undefined;
}

export type Facets = Record<string, { value: string | number; count: number }[]>;

export interface RankedHit {
  id: string;
  score: number;
  keys: Item;
  /** Where the next page begins after this hit. */
  cursor: readonly unknown[];
  /** Snippets by field, as OpenSearch marked them with <em>: of the document, which may be older than the item. */
  highlights?: Record<string, string[]> | undefined;
}

/** The caller's query can't be understood: said to the caller, and no fault of the index. */
export class BadQueryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadQueryError';
  }
}

/** The table: the truth. */
export interface Table {
  /** A strongly consistent read. */
  item(keys: Item): Promise<Item | undefined>;
  /** Consistent reads of many keys, in the order asked; undefined where there is no item. */
  items(keys: readonly Item[]): Promise<(Item | undefined)[]>;
}

/** The indexes that log events go to, one per UTC day. Domains that make no index by themselves are the better ones. */
export interface DayIndexes {
  ensure(index: string): Promise<void>;
  /** Something was missing: look again. */
  forget(): void;
}

/** Where records go that no index takes. Putting the same one twice is one. */
export interface DeadLetters {
  put(letter: DeadLetter): Promise<void>;
}

export interface DeadLetter {
  /** Names it for ever: a redelivery writes the same one. */
  name: string;
  reason: string;
  /** Where it came from: a table or a log group. */
  source: string;
  keys?: Item | undefined;
  /** What was delivered, whole. */
  record: unknown;
}

/** The dead letters, to be read again. */
export interface LetterBox {
  /** Names, page by page. */
  list(after?: string): Promise<{ names: string[]; next?: string }>;
  /** Undefined: it is gone. */
  read(name: string): Promise<string | undefined>;
  remove(name: string): Promise<void>;
}

/** Time, patience and chance, handed in. */
export interface Patience {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** 0 ≤ x < 1. */
  chance(): number;
  /** What is left of the invocation, in milliseconds. */
  remainingMs(): number;
}
