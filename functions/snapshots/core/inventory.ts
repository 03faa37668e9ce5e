/** What RDS calls by two names: a DB instance and a DB cluster. Each has its own API, snapshots and quota. */
export type Kind = 'instance' | 'cluster';
export const KINDS: readonly Kind[] = ['instance', 'cluster'];

export type Tags = Readonly<Record<string, string>>;

/** A database as it was seen. */
export interface Database {
  kind: Kind;
  id: string;
  /** DbiResourceId or DbClusterResourceId: survives a rename, and is new after delete-and-recreate. */
  resourceId: string;
  arn: string;
  engine: string;
  status: string;
  tags: Tags;
  /** The cluster that this instance is a member of. */
  memberOf?: string;
  /** The database that this one replicates from. */
  replicaOf?: string;
  engineVersion?: string;
  /** Gibibytes allocated: the most that one snapshot of it can hold. */
  allocatedGib?: number;
  encrypted?: boolean;
  /** False where one instance stands alone: a snapshot of it stops its input and output for a moment. */
  multiAz?: boolean;
  /** The latest moment that point-in-time recovery reaches, where automated backups are on. */
  latestRestorableMs?: number;
  backupRetentionDays?: number;
}

/** A snapshot as it was seen. Its age is our own tag, never `createdMs` (SnapshotCreateTime changes when copied, and is absent while creating). */
export interface Snapshot {
  kind: Kind;
  id: string;
  databaseId: string;
  /** The resource id of the database that it was taken from, where AWS says it. */
  resourceId?: string;
  arn: string;
  /** manual, automated, awsbackup, shared or public. */
  type: string;
  status: string;
  tags: Tags;
  engine?: string;
  /** SnapshotCreateTime, for people to read; never an age. */
  createdMs?: number;
  /** The moment of the newest data in it, where AWS says it: what a restoration "at" a moment goes by. */
  dataMs?: number;
  encrypted?: boolean;
  /** The key that it is encrypted with: without it, it does not restore. */
  kmsKeyId?: string;
  /** A copy's source, where AWS says it. */
  sourceArn?: string;
  /** An option group other than a default one: a copy elsewhere needs its counterpart. */
  optionGroup?: string;
  allocatedGib?: number;
  percentProgress?: number;
}

/** Whether a KMS key can decrypt now. `unknown` is no evidence: such a snapshot is not good, and is not deleted either. */
export type KeyState = 'usable' | 'unusable' | 'unknown';

/** The four things that a person can stop without a deployment. */
export const PARTS = ['creation', 'expiry', 'copies', 'verification'] as const;
export type Part = (typeof PARTS)[number];

/** Somebody stopped a part, and said why. */
export interface Pause {
  part: Part;
  by: string;
  why: string;
  atMs: number;
}

/** The two runs with a circuit breaker: over the snapshots where the databases are, and over the copies. */
export const BREAKERS = ['snapshots', 'copies'] as const;
export type Breaker = (typeof BREAKERS)[number];

/** Somebody looked at a plan that a circuit breaker stopped, and lets that much pass, once. */
export interface Confirmation {
  /** What may be deleted: the other breaker still holds. */
  of: Breaker;
  /** How many deletions, at most. */
  deletions: number;
  /** Only of snapshots of this slot or older: what the person saw. */
  newestSlotMs: number;
  by: string;
  why: string;
  atMs: number;
  /** It lapses then. */
  untilMs: number;
}

/** What people have told the wing to do; read from the state table. */
export interface Orders {
  pauses: readonly Pause[];
  /** At most one of each breaker. */
  confirmations: readonly Confirmation[];
}

/** The account's limit on manual snapshots of one kind in one region, and how much of it is used. */
export interface Quota {
  kind: Kind;
  max: number;
  used: number;
}

/** Something that could not be seen. Unknown is never taken for empty where it would allow a deletion. */
export interface Unseen {
  what: 'databases' | 'snapshots' | 'quotas' | 'keys' | 'orders' | 'copies';
  kind?: Kind;
  detail: string;
}

/** Everything that a plan is made from. */
export interface Inventory {
  databases: readonly Database[];
  snapshots: readonly Snapshot[];
  quotas: readonly Quota[];
  unseen: readonly Unseen[];
  /** By key id as the snapshots name it; a key that is not in it is `unknown`. */
  keys?: Readonly<Record<string, KeyState>>;
  /** Without it (and with `orders` unseen) nothing is deleted. */
  orders?: Orders;
  /** ARNs of snapshots that a copy is being made from, in any region that we copy to. */
  copying?: ReadonlySet<string>;
}
