import type { Directory } from './directory.ts';
import type { Host } from './host.ts';
import type { SnapshotShelf } from './snapshot-shelf.ts';
import type { Subscription } from './subscriptions.ts';
import type { Upkeep } from './upkeep.ts';

export type Tag = { readonly key: string; readonly value: string };

/** Where an instance is: identifiers are unique per region only. */
export type InstanceRef = { readonly region: string; readonly id: string };

/** The documented statuses that this world shows (User Guide, accessing-monitoring.html#Overview.DBInstance.Status). */
export type InstanceStatus =
  | 'available'
  | 'backing-up'
  | 'creating'
  | 'deleting'
  | 'failed'
  | 'incompatible-parameters'
  | 'incompatible-restore'
  | 'modifying'
  | 'rebooting'
  | 'renaming'
  | 'resetting-master-credentials'
  | 'starting'
  | 'stopped'
  | 'stopping'
  | 'storage-optimization';

/** What RDS calls by two names; each has its own API, snapshots and quota. */
export type Kind = 'instance' | 'cluster';

/** Tags, and what a list that is not up to date still says of them. */
export type Tagged = {
  tags: readonly Tag[];
  retagged?: { readonly at: number; readonly before: readonly Tag[] };
};

/** What a client chose or may change; of an instance or of a cluster. */
export type DatabaseSettings = {
  engine: string;
  engineVersion: string;
  instanceClass: string;
  allocatedStorageGib: number;
  storageType: string;
  masterUsername: string;
  databaseName: string | undefined;
  multiAz: boolean;
  backupRetentionDays: number;
  backupWindow: string;
  maintenanceWindow: string;
  encrypted: boolean;
  kmsKeyId: string | undefined;
  iamAuthentication: boolean;
  deletionProtection: boolean;
  copyTagsToSnapshot: boolean;
  publiclyAccessible: boolean;
  autoMinorVersionUpgrade: boolean;
  /** These three by name only. */
  subnetGroup: string;
  parameterGroup: string;
  optionGroup: string;
  /** Of an instance that was made by name or as a replica. */
  upkeep?: Upkeep | undefined;
};

export type Instance = Tagged & {
  readonly kind: 'instance';
  readonly region: string;
  /** A rename changes these three, and nothing else of its identity. */
  id: string;
  arn: string;
  endpointName: string;
  readonly resourceId: string;
  readonly settings: DatabaseSettings;
  status: InstanceStatus;
  readonly bornAt: number;
  createdAt: number | undefined;
  securityGroups: { readonly id: string; readonly status: 'active' | 'adding' | 'removing' }[];
  /** Set for a read replica, and cleared late in its promotion. */
  source: InstanceRef | undefined;
  replicas: InstanceRef[];
  replication: { readonly state: 'replicating' | 'error' | 'terminated'; readonly message?: string } | undefined;
  /** A promotion that is under way: its first and last moments look like a replica that is available. */
  isPromoting: boolean;
  /** Asked for without ApplyImmediately; waits for a maintenance window, which never comes here. */
  pendingBackupRetentionDays: number | undefined;
  /** When it was stopped: RDS starts it again after seven days. */
  stoppedAt: number | undefined;
  /** The cluster that it is a member of. */
  readonly clusterId: string | undefined;
  /** The running server; an engine that this machine has no servers of is a record without one. */
  host: Host | undefined;
};

/** An Aurora cluster, whose members are created one by one, or a Multi-AZ cluster, which comes with three. Records only. */
export type Cluster = Tagged & {
  readonly kind: 'cluster';
  readonly region: string;
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly settings: DatabaseSettings;
  readonly isMultiAz: boolean;
  status: ClusterStatus;
  readonly bornAt: number;
  createdAt: number | undefined;
  securityGroups: readonly string[];
  /** The cluster of another region that it replicates by the binary log; cleared late in its promotion. */
  source: InstanceRef | undefined;
  replicas: InstanceRef[];
  /** A promotion that is under way: its first and last moments look like a replica that is available. */
  isPromoting: boolean;
  /** A global database's change of primary has told its storage to take no writes. */
  areWritesBlocked: boolean;
};

/** The statuses of a cluster that this world shows (Aurora User Guide, accessing-monitoring). */
export type ClusterStatus =
  | 'available'
  | 'backing-up'
  | 'creating'
  | 'deleting'
  | 'modifying'
  | 'promoting'
  | 'resetting-master-credentials'
  | 'starting'
  | 'stopped'
  | 'stopping';

export type Database = Instance | Cluster;

export type SnapshotType = 'manual' | 'automated' | 'awsbackup' | 'shared' | 'public';

/** A snapshot of an instance or of a cluster. `pending` is a copy that waits for another one of the same database. */
export type Snapshot = Tagged & {
  readonly kind: Kind;
  readonly region: string;
  readonly id: string;
  readonly arn: string;
  readonly type: SnapshotType;
  /** The database's name when it was taken, and its identity. */
  readonly databaseId: string;
  readonly resourceId: string;
  readonly settings: DatabaseSettings;
  status: 'creating' | 'copying' | 'pending' | 'available' | 'failed';
  readonly bornAt: number;
  /** Since when its progress counts; a copy that waits its turn has none. */
  startedAt: number | undefined;
  readonly durationMs: number;
  /** Absent while creating; a copy has its own. */
  createdAt: number | undefined;
  /** A copy keeps its source's. */
  originalCreatedAt: number | undefined;
  readonly sourceSnapshotArn: string | undefined;
  readonly sourceRegion: string | undefined;
  /** Where its files lie, with the passwords that live in them; undefined for engines without a server and planted ones. */
  files: SnapshotFiles | undefined;
};

export type SnapshotFiles = {
  readonly engine: string;
  readonly dir: string;
  readonly secrets: { readonly admin: string; readonly replication: string };
};

export type SourceType = 'DB_INSTANCE' | 'SNAPSHOT' | 'CLUSTER' | 'CLUSTER_SNAPSHOT';

export type RdsEvent = {
  readonly id: string | undefined;
  readonly source: { readonly type: SourceType; readonly id: string; readonly arn: string };
  readonly categories: readonly string[];
  readonly message: string;
  readonly at: number;
};

export type Quotas = {
  manualSnapshots: number;
  manualClusterSnapshots: number;
  instances: number;
  clusters: number;
};

/** `memoryBytes`: what an engine asks for at its start; undefined is the engine's default. */
export type ParameterGroup = { readonly family: string; memoryBytes: number | undefined };

export type RegionState = {
  readonly name: string;
  readonly instances: Directory<Instance>;
  readonly clusters: Directory<Cluster>;
  readonly snapshots: Readonly<Record<Kind, SnapshotShelf>>;
  /** Copies into this region that are not done, in the order in which they were asked for. */
  readonly copies: Set<Snapshot>;
  /** Option groups by name, each with the names of its options. */
  readonly optionGroups: Map<string, readonly string[]>;
  /** The customer's own DB parameter groups by name. */
  readonly parameterGroups: Map<string, ParameterGroup>;
  readonly subscriptions: Directory<Subscription>;
  events: RdsEvent[];
  quotas: Quotas;
};

/** Milliseconds; a pair is drawn between, each time anew. */
export type Length = number | readonly [least: number, most: number];

/** How long states take on the clock, in milliseconds. */
export type Durations = {
  readonly createMs: Length;
  readonly snapshotMs: Length;
  readonly copyMs: Length;
  readonly restoreMs: Length;
  readonly modifyMs: number;
  readonly stopMs: number;
  readonly startMs: number;
  readonly rebootMs: number;
  readonly deleteMs: number;
  /** From the answer of PromoteReadReplica until the status flips. */
  readonly promoteNoticeMs: number;
  /** Each of the promotion's phases: modifying, rebooting, backing-up. */
  readonly promotePhaseMs: number;
  /** From available until the source is cleared. */
  readonly promoteClearMs: number;
  /** Until RDS restarts a dead engine process. */
  readonly engineRestartMs: number;
  /** Until RDS says that a lost host is lost. */
  readonly hostLossNoticeMs: number;
  /** Of a global database: how long its failover is `pending`. */
  readonly globalNoticeMs: number;
  /** The attempt to block the old primary's writes. */
  readonly globalBlockMs: number;
  /** Until all volumes are synchronised, in a switchover. */
  readonly globalSyncMs: number;
  readonly globalPromoteMs: number;
  /** Until the writer endpoint leads to the new primary. */
  readonly globalDnsMs: number;
  /** Until a member has a new volume: minutes to hours on AWS. */
  readonly globalResyncMs: number;
};

export const defaultDurations: Durations = {
  createMs: 1_000,
  snapshotMs: 1_000,
  copyMs: 1_000,
  restoreMs: 1_000,
  modifyMs: 500,
  stopMs: 500,
  startMs: 500,
  rebootMs: 500,
  deleteMs: 500,
  promoteNoticeMs: 300,
  promotePhaseMs: 400,
  promoteClearMs: 400,
  engineRestartMs: 3_000,
  hostLossNoticeMs: 2_000,
  globalNoticeMs: 300,
  globalBlockMs: 500,
  globalSyncMs: 500,
  globalPromoteMs: 1_000,
  globalDnsMs: 500,
  globalResyncMs: 2_000,
};
