import type { Kind } from '../inventory.ts';

// What is remembered of one restore verification, and of all of them: values only. How it moves is in verification-phases.ts.

/** The shape below; a book of a newer shape is left alone (a deploy was rolled back meanwhile). */
export const SCHEMA_VERSION = 1;

export type Phase = 'chosen' | 'restoring' | 'adding' | 'securing' | 'checking' | 'recording' | 'removing' | 'over';

/** `inconclusive`: nothing was learnt about the snapshot, so nothing is said on it. */
export type Result = 'ok' | 'failed' | 'inconclusive';

export type Reason =
  /** The check ran and held. */
  | 'checked'
  /** No check can log in to this engine: reaching `available` is the check. */
  | 'available'
  | 'mismatch'
  | 'query-failed'
  | 'unreachable'
  | 'restore-failed'
  | 'overdue'
  | 'refused'
  | 'no-answer'
  | 'vanished'
  | 'taken-over'
  | 'never-started';

/** A database that this verification made, or is about to make. Its id is written down before RDS is asked for it. */
export interface ThrowAway {
  kind: Kind;
  id: string;
  /** When RDS was last asked for it; never, while absent. */
  askedMs?: number | undefined;
  /** Known from RDS's answer, or adopted by its tags. Without it nothing may be changed or removed. */
  resourceId?: string | undefined;
  /** When RDS took the order to remove it. */
  removedMs?: number | undefined;
}

/** The database whose snapshot is tried. */
export interface Source {
  kind: Kind;
  id: string;
  resourceId: string;
  arn: string;
  engine: string;
}

/** One restore verification: written before each act, and after it. */
export interface Verification {
  schemaVersion: number;
  /** Its own, and the value of the tag on what it makes. */
  name: string;
  /** Goes up by one with every write: the compare-and-swap is on it. */
  revision: number;
  phase: Phase;
  phaseSinceMs: number;
  startedMs: number;
  source: Source;
  snapshot: { id: string; arn: string; slotMs: number };
  /** The database itself; for an Aurora cluster the cluster, then its one instance. Removed from the back. */
  throwAways: ThrowAway[];
  /** Acts begun in this phase. */
  attempts: number;
  /** Times that it was checked, over all phases. */
  checks?: number | undefined;
  /** When the last act began. */
  triedMs?: number | undefined;
  /** What RDS or the check said last, where it was no success. */
  detail?: string | undefined;
  /** RDS has decided against what this phase asks for. */
  refused?: boolean | undefined;
  /** The result stands on the snapshot. */
  taggedMs?: number | undefined;
  result?: Result | undefined;
  reason?: Reason | undefined;
  /** Since when a database that is to go is held back by a condition of throw-away.ts. */
  keptSinceMs?: number | undefined;
  /** Why something was left standing for people to look at. */
  left?: string | undefined;
  endedMs?: number | undefined;
}

/** A verification that is over, in short. */
export interface Ended {
  name: string;
  kind: Kind;
  databaseId: string;
  resourceId: string;
  snapshotId: string;
  /** From when to when a throw-away stood: what the day's cap counts. The same moment twice: none did. */
  livedFromMs: number;
  endedMs: number;
  result: Result;
  reason: Reason;
  detail?: string | undefined;
}

/** All that is open, and what ended lately: one item, one compare-and-swap. */
export interface Book {
  schemaVersion: number;
  revision: number;
  open: Verification[];
  /** Newest first. */
  recent: Ended[];
  /** Resource ids of strays that people have been told of. */
  told: string[];
  /** When it is time to look for a database that is due. */
  nextLookMs: number;
}

export const emptyBook = (): Book => ({
  schemaVersion: SCHEMA_VERSION,
  revision: 0,
  open: [],
  recent: [],
  told: [],
  nextLookMs: 0,
});

const HOUR_MS = 3_600_000;
const ALWAYS_RECENT = 50;
// One item holds 400 KB (docs: ServiceQuotas, DynamoDB); an entry is about 300 bytes.
const MOST_RECENT = 500;

/** The book without a verification that is over, which goes to the top of what ended. */
export const closeIn = (book: Book, record: Verification, nowMs: number): Book => {
  const recent = [endedOf(record, nowMs), ...book.recent.filter(({ name }) => name !== record.name)];
  return {
    ...book,
    open: book.open.filter(({ name }) => name !== record.name),
    recent: recent
      .filter(({ endedMs }, index) => index < ALWAYS_RECENT || nowMs - endedMs < 48 * HOUR_MS)
      .slice(0, MOST_RECENT),
  };
};

const endedOf = (record: Verification, nowMs: number): Ended => ({
  name: record.name,
  kind: record.source.kind,
  databaseId: record.source.id,
  resourceId: record.source.resourceId,
  snapshotId: record.snapshot.id,
  livedFromMs: livedFrom(record) ?? nowMs,
  endedMs: nowMs,
  result: record.result ?? 'inconclusive',
  reason: record.reason ?? 'never-started',
  detail: record.detail,
});

/** When the first throw-away of a verification was asked for; undefined when none was. */
export const livedFrom = ({ throwAways, startedMs }: Verification): number | undefined =>
  throwAways.some(({ askedMs }) => askedMs !== undefined) ? startedMs : undefined;
