import type {
  Endpoint,
  GuardReport,
  InstanceView,
  NamesReport,
  ReplicaReport,
  StorageBlock,
  WitnessReport,
} from '../core/evidence.ts';
import type { Lease } from '../core/lease.ts';
import type { NamesChange } from '../core/names.ts';
import type { ReadersReport } from '../core/names-reader.ts';
import type { Target } from '../core/policy.ts';
import type { InstanceShape, SecretView } from '../core/readiness.ts';
import type { FailoverRecord } from '../core/record.ts';

/** One record per pair, changed only by compare-and-swap on its version. */
export interface RecordStore {
  load(pair: string): Promise<FailoverRecord | undefined>;
  /** Writes when the stored version is `expectedVersion` (0: none is stored); otherwise says conflict. Throws when the store is out of reach. */
  save(record: FailoverRecord, expectedVersion: number): Promise<'saved' | 'conflict'>;
  /** Adds one entry under its key, once: a repeated entry changes nothing. */
  append(pair: string, entry: HistoryEntry): Promise<void>;
  /** The newest entries, newest first. */
  history(pair: string, limit: number): Promise<HistoryEntry[]>;
}

export interface HistoryEntry {
  epoch: number;
  version: number;
  atMs: number;
  phase: string;
  sentence: string;
}

/** The functions that look and act inside a region. Every one may be slow, silent or late: a throw is "no answer". */
export interface Observers {
  /** The guard of the target's region. */
  guard(target: Target, pair: string, epoch: number): Promise<GuardReport>;
  /** The witness, which asks that guard. */
  witness(target: Target, pair: string, epoch: number): Promise<WitnessReport>;
  /** The observer of a region, about an instance of it. */
  replica(region: string, pair: string, at: Endpoint): Promise<ReplicaReport>;
  /** The CNAME of a name by the resolver of the VPC in a region: the only one that knows a private zone. */
  resolve(region: string, pair: string, name: string): Promise<string | undefined>;
}

/** One lease per pair, changed only by compare-and-swap on its `seq`. */
export interface LeaseStore {
  /** Why this store cannot carry the pair's lease, or undefined. Throws when that could not be asked: then nothing is known. */
  unfit(pair: string): Promise<string | undefined>;
  load(pair: string): Promise<Lease | undefined>;
  /** Writes when the stored `seq` is `expectedSeq` (0: none is stored); otherwise says conflict. */
  save(lease: Lease, expectedSeq: number): Promise<'saved' | 'conflict'>;
}

/** What the guard can be told to do. An order that arrives after `notAfterMs` is refused. */
export interface FenceOrder {
  pair: string;
  epoch: number;
  target: Target;
  resourceId?: string | undefined;
  notAfterMs: number;
}

export interface UnfenceOrder {
  securityGroupIds: readonly string[];
  logins?: boolean;
  follower?: boolean;
}

export interface Fencing {
  /** `planned`: the leader lives, and the door is shut only with no session left inside. */
  fence(order: FenceOrder & { planned?: boolean }): Promise<void>;
  /** `logins`: it is not done until SQL has opened the logins. `follower`: only one that follows another now is let in. */
  unfence(order: FenceOrder & UnfenceOrder): Promise<void>;
  /** Closes the application logins and ends their sessions; throws while any client is left. The door stays open. */
  quiesce(order: FenceOrder): Promise<void>;
}

/** DB instances of every region, by the RDS API. */
export interface Databases {
  /** Undefined when RDS says that there is none. */
  describe(region: string, instance: string): Promise<InstanceView | undefined>;
}

/** DB instances of one region, by the RDS API. */
export interface Instances {
  /** Undefined when RDS says that there is none. */
  describe(instance: string): Promise<InstanceView | undefined>;
}

/** What readiness compares, by the RDS API of one region. */
export interface Shapes {
  /** Undefined when RDS says that there is none. */
  shape(instance: string): Promise<InstanceShape | undefined>;
}

/** The guard's login, by the Secrets Manager of one region. Its value is not read. */
export interface LoginSecrets {
  view(secretId: string): Promise<SecretView | 'missing'>;
}

/** The door of an instance: the guard's alone. */
export interface Door {
  /** Replaces all security groups of an instance. */
  setSecurityGroups(instance: string, securityGroupIds: readonly string[]): Promise<void>;
  /** Notes on the instance itself that its lease is kept (InstanceView.isLeased). */
  markLeased(instance: string): Promise<void>;
  /** Every instance of the region that was noted so. */
  leased(): Promise<InstanceView[]>;
}

/** The reconciler's alone. */
export interface Promotion {
  /** `planned`: the old one lives, is shut and drained: an Aurora global database keeps it as a follower then. */
  promote(region: string, instance: string, how: { retentionDays: number; planned?: boolean }): Promise<void>;
}

/** What Aurora says of a change of primary, by the events of one region. */
export interface StorageEvents {
  /** The newest word since then of the attempt to block this cluster's writes. */
  block(region: string, of: Target, sinceMs: number): Promise<StorageBlock>;
}

/** The old primary after a failover, by the RDS API of its own region. The reconciler's alone. */
export interface OldPrimary {
  describe(region: string, instance: string): Promise<InstanceView | undefined>;
  /** A manual snapshot under this name; one of the same instance that is there already is as good. */
  snapshot(region: string, of: InstanceView, name: string, tags: Readonly<Record<string, string>>): Promise<void>;
  stop(region: string, instance: string): Promise<void>;
}

/** A replica for the new leader. The reconciler's alone. */
export interface Building {
  /** Asks for a replica of `source` under the target's name, in all else like the instance `like` of the target's region. Throws when the name is taken. */
  replica(order: {
    target: Target;
    source: Target;
    like: string;
    securityGroupIds: readonly string[];
    tags: Readonly<Record<string, string>>;
  }): Promise<void>;
}

/** The promoted instance, opened in an epoch: application logins back, our heartbeat written. */
export interface Opening {
  open(region: string, pair: string, at: Endpoint, epoch: number): Promise<void>;
}

/** The writer's name and the readers'. */
export interface Names {
  read(zoneId: string, writer: string): Promise<NamesReport>;
  readers(zoneId: string, reader: string): Promise<ReadersReport>;
  /** One atomic batch; `conflict` when what it deletes is not what is there. */
  swap(zoneId: string, change: NamesChange): Promise<Swapped>;
  /** What every authoritative server of a public zone answers; undefined while they differ or are silent. Without a zone id
   * the servers are found by DNS alone, with no call to Route 53's control plane. */
  answered(zoneId: string | undefined, writer: string): Promise<string | undefined>;
  /** Whether a change is everywhere; undefined when Route 53 knows no such change (any more). */
  inSync(changeId: string): Promise<boolean | undefined>;
  /** Makes the pair's health check choose the secondary record, or the primary: a data-plane write in the recovery region. */
  flip(order: { pair: string; standby: boolean; atMs: number }): Promise<void>;
}

export type Swapped = { kind: 'accepted'; changeId?: string | undefined } | { kind: 'conflict' };

/** Secrets and parameters that clients read the host from, in the regions of both instances. */
export interface SecondChannel {
  /** Throws with what could not be written; what could be, was. What is of a later epoch is left alone. */
  publish(change: {
    secretIds: readonly string[];
    parameterNames: readonly string[];
    regions: readonly string[];
    epoch: number;
    at: Endpoint;
  }): Promise<void>;
}

/** Telling people and programs. */
export interface Announce {
  leaderChanged(change: { pair: string; epoch: number; instance: string; host: string }): Promise<void>;
  page(pair: string, subject: string, sentence: string): Promise<void>;
}

export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}
