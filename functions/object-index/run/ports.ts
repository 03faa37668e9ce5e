import type { CounterChange } from '../core/contribution.ts';
import type { ObjectIdentity, RowAddress } from '../core/fact.ts';
import type { Job, JobKind, JobMessage } from '../core/job.ts';
import type { ListedEntry } from '../core/listing.ts';
import type { RowChange } from '../core/pack.ts';
import type { AttributeValue, IndexName } from '../core/query.ts';
import type { ObjectRow, Truth } from '../core/row.ts';
import type { MonthCounters } from '../core/statistics.ts';

/** Rows and counters in one transaction. It holds only if every row is still the image `before`: that is all that I1 rests on. */
export interface IndexTransaction {
  changes: readonly RowChange[];
  /** Which shard of its counter each change goes to; any shard may take any change. */
  counters: readonly (CounterChange & { shard: number })[];
  /** Equal transactions have equal tokens: the table then applies a repeated one once (for ten minutes). */
  token: string;
}

export type CommitResult =
  | { kind: 'committed' }
  /** Nothing was written. One verdict per change and counter, in their order. */
  | { kind: 'cancelled'; rows: RowVerdict[]; counters: CounterVerdict[] }
  /** Nothing was written, and the table does not say which part it refuses. */
  | { kind: 'refused'; because: string }
  | { kind: 'throttled'; because: string }
  /** No answer: it may have been applied, or may still be. */
  | { kind: 'unknown'; because: string };

export type RowVerdict =
  | { kind: 'fine' }
  /** The row is no longer what was read; `current` is what it is now. */
  | { kind: 'changed'; current: ObjectRow | undefined }
  | { kind: 'conflict' }
  | { kind: 'throttled' }
  | { kind: 'refused'; because: string };
export type CounterVerdict = Exclude<RowVerdict, { kind: 'changed' }>;

/** The index's rows and counters, for who writes them. */
export interface IndexTable {
  /** These rows, by `addressText`; absent ones are not in the map. */
  readRows(addresses: readonly RowAddress[], consistency: 'eventual' | 'strong'): Promise<Map<string, ObjectRow>>;
  /** Throws only where trying again can not help (no such table, not allowed). */
  commit(transaction: IndexTransaction): Promise<CommitResult>;
}

/** A message that can't be read, now or later, and why. */
export interface DeadLetter {
  messageId: string;
  body: string;
  because: string;
}

/** Where such messages are kept for people, beside those that the queue itself gives up on. */
export interface DeadLetters {
  keep(letter: DeadLetter): Promise<void>;
}

/** The bucket itself. */
export interface Objects {
  /**
   * The current object, or one of its versions, read after the call began. Throws when S3 gives no clear answer: that is
   * no evidence of absence.
   */
  look(address: RowAddress): Promise<Truth>;
}

/** One object as a list shows it. */
export interface ListedObject extends ObjectIdentity {
  /** Which version, where it is a version's row. */
  slot?: string;
  /** Its place in the list; also where a page after it begins. */
  sort: string;
  customer: string;
  date: string;
  sizeBytes: number;
  etag: string;
  storageClass: string;
  versionId: string | undefined;
  attributes: Record<string, string>;
}

export interface IndexRead {
  index: IndexName;
  partition: string;
  /** Sort keys strictly between; either side open when undefined. */
  above: string | undefined;
  below: string | undefined;
  order: 'newest' | 'oldest';
  filter: { customer?: string; attribute?: AttributeValue };
  limit: number;
}

export interface IndexReadPage {
  objects: ListedObject[];
  /** The sort key that was read up to; undefined at the end. */
  readUpTo: string | undefined;
}

/** The index, for who asks. */
export interface IndexReader {
  /** All shards of one customer's totals, or of the sum over all when undefined. Strongly consistent. */
  readTotals(customer: string | undefined): Promise<Record<string, bigint>[]>;
  /** A customer's sums by day of last modification, first month to last, both in. Strongly consistent. */
  readMonths(customer: string, from: string, to: string): Promise<MonthCounters[]>;
  /** Customers that have ever held something, in order, after a given one. */
  readCustomers(after: string | undefined, limit: number): Promise<string[]>;
  /** One page of one partition of an index. Eventually consistent, as every index of DynamoDB is. */
  readIndex(read: IndexRead): Promise<IndexReadPage>;
  /** One object's row, strongly consistent. */
  readRow(object: ObjectIdentity): Promise<ObjectRow | undefined>;
  /** The rows of its versions, strongly consistent; in no order. */
  readVersions(object: ObjectIdentity): Promise<ObjectRow[]>;
}

/** All that is in a bucket, a page at a time; strongly consistent, in order of keys. */
export interface BucketList {
  /** `at` is the place that the page before gave; `next` is undefined at the end. */
  page(bucket: string, at: string | undefined): Promise<{ entries: ListedEntry[]; next: string | undefined }>;
}

/** Jobs where they are remembered. */
export interface Jobs {
  read(kind: JobKind, id: string): Promise<Job | undefined>;
  /** Stores a job where `step` is still what is stored (undefined: nothing is). False when it is not. */
  store(job: Job, step: number | undefined): Promise<boolean>;
  /** Keeps what one part of a job found, and gives what is kept: of two attempts at one part the first counts for both. */
  keepPart<Found>(kind: JobKind, id: string, part: number, found: Found): Promise<Found>;
  /** What the parts found, in their order. */
  readParts(kind: JobKind, id: string): Promise<unknown[]>;
}

/** Messages to ourselves that continue a job. */
export interface JobMessages {
  send(message: JobMessage): Promise<void>;
}

/** A customer's totals at the end of a day (undefined: of everything). Kept for good, and never changed. */
export interface Closing {
  customer: string | undefined;
  day: string;
  /** When they were read: a little after midnight, UTC. */
  atMs: number;
  counters: Readonly<Record<string, bigint>>;
}

export interface ClosingBook {
  /** False when that day is closed already. */
  close(closing: Closing): Promise<boolean>;
}

/** What was closed, for who asks. */
export interface Closings {
  /** Of these customers on one day; absent ones are left out. */
  ofDay(customers: readonly (string | undefined)[], day: string): Promise<Closing[]>;
  /** Of one customer, first day to last, both in. */
  ofCustomer(customer: string | undefined, from: string, to: string): Promise<Closing[]>;
}
