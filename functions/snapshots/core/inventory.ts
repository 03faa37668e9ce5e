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
}

/** A snapshot as it was seen. It carries no time: its age is our own tag (SnapshotCreateTime changes when copied, and is absent while creating). */
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
}

/** The account's limit on manual snapshots of one kind in one region, and how much of it is used. */
export interface Quota {
  kind: Kind;
  max: number;
  used: number;
}

/** Something that could not be seen. Unknown is never taken for empty where it would allow a deletion. */
export interface Unseen {
  what: 'databases' | 'snapshots' | 'quotas';
  kind?: Kind;
  detail: string;
}

/** Everything that a plan is made from. */
export interface Inventory {
  databases: readonly Database[];
  snapshots: readonly Snapshot[];
  quotas: readonly Quota[];
  unseen: readonly Unseen[];
}
