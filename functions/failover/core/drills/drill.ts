import type { FailoverRecord } from '../record.ts';

// What is remembered of one drill, and of all of them: values only. How it moves is in phases.ts.

/** The shape below; a book of a newer shape is left alone (a deploy was rolled back meanwhile). */
export const DRILL_SCHEMA_VERSION = 1;

export type DrillPhase =
  | 'asked'
  | 'restoring'
  | 'replicating'
  | 'naming'
  | 'settling'
  | 'breaking'
  | 'failing-over'
  | 'removing'
  | 'over';

/** `inconclusive`: it did not come as far as to say anything about a failover. */
export type DrillResult = 'ok' | 'failed' | 'inconclusive';

export type DrillReason =
  | 'failed-over'
  /** It held, or went on for too long. */
  | 'overdue'
  | 'no-snapshot'
  /** RDS does not make what is needed: a quota, a permission, a group. */
  | 'refused'
  | 'taken-over'
  | 'vanished'
  /** The throw-away primary came up in spite of the fault. */
  | 'no-fault'
  | 'called-off'
  /** The pair itself is no longer healthy: it has the floor. */
  | 'pair-in-trouble';

export type Part = 'leader' | 'replica';

/** An instance that the drill made, or is about to make. Its name is written down before RDS is asked for it. */
export interface ThrowAway {
  instance: string;
  region: string;
  askedMs?: number | undefined;
  /** Known from a look at what carries our tags. Without it nothing may be changed or removed. */
  resourceId?: string | undefined;
  /** When RDS took the order to remove it. */
  removedMs?: number | undefined;
}

/** The parameters with which no engine starts; RDS has no other identity for a group than its name. */
export interface ThrowAwayGroup {
  name: string;
  region: string;
  askedMs?: number | undefined;
  removedMs?: number | undefined;
}

/** An instance of the pair: looked at, and never changed. */
export interface Production {
  instance: string;
  region: string;
  resourceId?: string | undefined;
}

/** One drill: written before each act, and after it. */
export interface Drill {
  /** Six hexadecimal digits: in every name that it uses, and the value of a tag on what it makes. */
  name: string;
  pair: string;
  by: string;
  why: string;
  phase: DrillPhase;
  phaseSinceMs: number;
  startedMs: number;
  production: { leader: Production; candidate: Production };
  /** The pair's epoch when it began: the throw-away's heartbeat is a copy of the pair's, so its own epoch goes on from there. */
  epoch: number;
  snapshot?: { id: string; atMs: number } | undefined;
  leader: ThrowAway;
  replica: ThrowAway;
  group: ThrowAwayGroup;
  /** The name that its writers would use. */
  writer: string;
  /** When its record was written, from which the reconciler goes on. */
  enrolledMs?: number | undefined;
  /** When the primary lost its network and its engine. */
  rebootedMs?: number | undefined;
  /** Acts begun in this phase, and the last of them. */
  attempts: number;
  triedMs?: number | undefined;
  triedStep?: string | undefined;
  /** What AWS said last, where it was no success. */
  lastError?: string | undefined;
  /** What it was waiting for when it ended without a failover. */
  detail?: string | undefined;
  calledOff?: { by: string; why: string } | undefined;
  result?: DrillResult | undefined;
  reason?: DrillReason | undefined;
  measured?: Measured | undefined;
  /** Since when something that is to go is held back by a condition of throw-away.ts. */
  keptSinceMs?: number | undefined;
  /** What was left standing for people to look at. */
  left?: string | undefined;
}

/** What a drill that failed over has shown. All times in seconds. */
export interface Measured {
  /** From the first moment without an accepted write to the name that leads to the promoted one, as every server answers it. */
  rtoSeconds: number;
  /** What RDS took to promote. */
  promoteSeconds: number;
  /** The bound on the loss, as it was known before the promotion. */
  lossSeconds?: number | undefined;
  lossBytes?: number | undefined;
  /** Rows that were acknowledged and are missing; known only where the replica had received all of the log. */
  lossRows?: number | undefined;
  /** From the same zero: when each phase was entered. */
  phases: Record<string, number>;
  /** What AWS said to the order to fence, where it refused. */
  fenceAnswer?: string | undefined;
}

/** What is left of a drill that is over. */
export interface Receipt {
  pair: string;
  name: string;
  by: string;
  why: string;
  startedMs: number;
  endedMs: number;
  result: DrillResult;
  reason: DrillReason;
  measured?: Measured | undefined;
  snapshot?: { id: string; atMs: number } | undefined;
  detail?: string | undefined;
  left?: string | undefined;
}

/** The one drill that there may be, and when the last ones began: one item, one compare-and-swap. */
export interface Book {
  schemaVersion: number;
  version: number;
  open?: Drill | undefined;
  /** Beginnings of the last day, oldest first. */
  startedMs: number[];
}

export const emptyBook = (): Book => ({ schemaVersion: DRILL_SCHEMA_VERSION, version: 0, startedMs: [] });

/** What the record of a drill is kept under, beside the pair's: `~` is in no pair's name. */
export const drillPair = (pair: string): string => `${pair}~drill`;

/** The pair that a record's name is about, whether a drill's or its own. */
export const pairOf = (name: string): string => name.replace(/~drill$/, '');

/** So much of a pair's name fits: identifiers of RDS have 63 characters (docs: API_RestoreDBInstanceFromDBSnapshot). */
const CUT = 30;

const stem = (pair: string, name: string): string =>
  `mainstay-drill-${pair.slice(0, CUT).replace(/-+/g, '-').replace(/-$/, '')}-${name}`;

/** The names that a drill uses, in RDS and in DNS. */
export const namesOf = (pair: string, name: string, writer: string) => ({
  leader: `${stem(pair, name)}-a`,
  replica: `${stem(pair, name)}-b`,
  group: stem(pair, name),
  writer: `drill-${name}.${writer}`,
});

/** Whether an instance has a name by which the guard may be asked about it as a drill's of this pair. */
export const isDrillInstance = (pair: string, instance: string): boolean =>
  /^[0-9a-f]{6}-[ab]$/.test(instance.slice(stem(pair, '').length)) && instance.startsWith(stem(pair, ''));

/** What the ordinary reconciler finds at its first look at the throw-away pair. */
export const enrolled = (first: FailoverRecord, drill: Drill, stored: FailoverRecord | undefined): FailoverRecord => ({
  ...first,
  version: (stored?.version ?? 0) + 1,
  epoch: Math.max(drill.epoch, stored?.epoch ?? 0),
  leader: { instance: drill.leader.instance, region: drill.leader.region, resourceId: drill.leader.resourceId },
  candidate: { instance: drill.replica.instance, region: drill.replica.region },
});
