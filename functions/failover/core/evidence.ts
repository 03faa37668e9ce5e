import type { LeaseReport } from './lease.ts';
import type { ReadersReport } from './names-reader.ts';

/** What somebody said when asked. Silence and unknown errors are `no-answer`: never "down", never "done". */
export type Answer<Report> =
  | { kind: 'ok'; report: Report }
  | { kind: 'no-answer'; because: string }
  | { kind: 'not-asked' };

export interface Endpoint {
  host: string;
  port: number;
}

/** A DB instance as the RDS API describes it. */
export interface InstanceView {
  instance: string;
  /** DbiResourceId: names can be reused, this cannot. */
  resourceId: string;
  /** DBInstanceStatus, as RDS writes it. */
  status: string;
  endpoint?: Endpoint | undefined;
  engineVersion: string;
  /** Set while the instance is a replica: the name or ARN of its source. */
  source?: string | undefined;
  securityGroups: { id: string; active: boolean }[];
  backupRetentionDays: number;
  backupWindow?: string | undefined;
  /** Why RDS would not let this cluster lead, and what would make it possible (core/aurora.ts). */
  unfit?: string | undefined;
  /** Our tag: its guard has once renewed a lease for it, so that a store which falls silent is one that was there. */
  isLeased?: true | undefined;
}

/** The guard's write probe, from inside the primary's VPC. */
export type WriteProbe =
  | { kind: 'wrote'; lsn: string; epoch: number; latencyMs: number }
  /** A server answered and refused: wrong password, no heartbeat table, read-only. It is alive, and says nothing more. */
  | { kind: 'answered'; because: string }
  /** No connection, or a server that is starting or stopping. */
  | { kind: 'unreachable'; because: string };

/** The guard, in the primary's region. */
export interface GuardReport {
  atMs: number;
  instance: Answer<InstanceView>;
  write: WriteProbe;
}

/**
 * Why the newest heartbeat on a replica does not bound what is missing: it still applies what it received and would be promoted
 * without it, or it applies transactions in another order than their source committed them in.
 */
export type Unsettled = 'applying' | 'out-of-order';

/** The replica's own view, by the observer in its VPC. */
export interface ReplicaReport {
  atMs: number;
  inRecovery: boolean;
  /** It heard its source no longer ago than this; undefined where nothing proves it, or no receiver runs. */
  lastMessageAgeMs?: number | undefined;
  /** As young as its last message may be, where that is not the same: evidence neither of life nor of death. 0: silence proves nothing. */
  mayHearAgeMs?: number | undefined;
  receivedLsn?: string | undefined;
  replayedLsn?: string | undefined;
  /** Commit time, by the primary's clock, of the newest transaction replayed. */
  lastReplayedCommitMs?: number | undefined;
  heartbeat?: { atMs: number; epoch: number } | undefined;
  /** What is wrong with setup.sql and the application roles, one sentence each; undefined where that was not asked. */
  lacks?: readonly string[] | undefined;
  unsettled?: Unsettled | undefined;
  /** Transactions that it took from nobody, so that its source never had them: somebody wrote to it. */
  errant?: string | undefined;
  /** What it was heard by, where a server tells no time of its source's last message: given back at the next look. */
  heard?: Heard | undefined;
}

/** What came from the source, by marks that change with every message: it came after `afterMs`, and by `sinceMs` it was there. */
export interface Heard {
  marks: string;
  /** The first look that found these marks. */
  sinceMs: number;
  /** The last look that found others; undefined where none is remembered. */
  afterMs?: number | undefined;
  /** The last look. */
  lookedMs: number;
}

/** The witness, in a third region: could it reach the guard, and what did the guard tell it? */
export type WitnessReport = { atMs: number; guard: Answer<GuardReport> };

/** The writer's name in Route 53 and, where asked, at the authoritative servers. */
export interface NamesReport {
  value?: string | undefined;
  ttlSeconds?: number | undefined;
  epochText?: string | undefined;
  epochTtlSeconds?: number | undefined;
  /** What every authoritative server answers now; undefined where they differ or were not asked. */
  answered?: string | undefined;
  /** Whether Route 53 says that our last change is everywhere (GetChange); undefined where that is not known. */
  inSync?: boolean | undefined;
}

/** What RDS says of one that led before, by the epoch that ended its lead. */
export interface RetiredSeen {
  epoch: number;
  answer: Answer<InstanceView | 'gone'>;
}

/** What RDS says of a further reader. */
export interface ReaderSeen {
  instance: string;
  answer: Answer<InstanceView | 'gone'>;
}

/**
 * What Aurora says of its attempt to block writes at an old primary's storage (RDS-EVENT-0390, 0391); `not-told`: its events are
 * best effort. It goes on the receipt of the fence, and proves nothing.
 */
export type StorageBlock = 'blocked' | 'timed-out' | 'not-told';

/** One frozen snapshot of everything that a decision is taken on. */
export interface Evidence {
  takenAtMs: number;
  guard: Answer<GuardReport>;
  witness: Answer<WitnessReport>;
  candidate: Answer<InstanceView>;
  replica: Answer<ReplicaReport>;
  names: Answer<NamesReport>;
  /** Asked for a leased pair. */
  lease?: Answer<LeaseReport> | undefined;
  /** Those who led before, as RDS describes them; `gone`: RDS has no such instance any more. */
  retired?: readonly RetiredSeen[] | undefined;
  /** Asked once the writer's name has moved. */
  readers?: Answer<ReadersReport> | undefined;
  /** Asked while a global database fails over. */
  storage?: Answer<StorageBlock> | undefined;
  /** Asked with them: the readers beside the pair's own. */
  others?: readonly ReaderSeen[] | undefined;
}

/** The report inside an answer, or undefined: no evidence. */
export const reportOf = <Report>(answer: Answer<Report> | undefined): Report | undefined =>
  answer?.kind === 'ok' ? answer.report : undefined;

/** Hosts are compared without case and without the final dot. */
export const sameHost = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && plainHost(one) === plainHost(other);

const plainHost = (host: string): string => host.toLowerCase().replace(/\.$/, '');

// A source in another region is an ARN (docs: API_DBInstance).
/** True when a replica's source, by name or ARN, is this instance or cluster. */
export const isInstance = (source: string, instance: string): boolean =>
  source === instance || source.endsWith(`:db:${instance}`) || source.endsWith(`:cluster:${instance}`);
