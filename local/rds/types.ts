import type { Host } from './host.ts';

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
  | 'incompatible-restore'
  | 'modifying'
  | 'rebooting'
  | 'resetting-master-credentials'
  | 'starting'
  | 'stopped'
  | 'stopping';

/** What a client chose or may change. */
export type InstanceSettings = {
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
};

export type Instance = InstanceRef & {
  readonly arn: string;
  readonly resourceId: string;
  readonly endpointName: string;
  readonly settings: InstanceSettings;
  status: InstanceStatus;
  createdAt: number | undefined;
  securityGroups: { readonly id: string; readonly status: 'active' | 'adding' | 'removing' }[];
  tags: readonly Tag[];
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
  /** Only planted ones are members of a cluster. */
  clusterId: string | undefined;
  /** The running server; an engine other than PostgreSQL is a record without one. */
  host: Host | undefined;
};

export type Snapshot = InstanceRef & {
  readonly arn: string;
  readonly type: 'manual' | 'automated';
  readonly instanceId: string;
  readonly resourceId: string;
  readonly settings: InstanceSettings;
  status: 'creating' | 'available' | 'copying' | 'failed';
  readonly startedAt: number;
  readonly durationMs: number;
  /** Absent while creating; a copy has its own. */
  createdAt: number | undefined;
  /** A copy keeps its source's. */
  originalCreatedAt: number | undefined;
  readonly sourceSnapshotArn: string | undefined;
  readonly sourceRegion: string | undefined;
  tags: readonly Tag[];
  /** Where its files lie, with the passwords that live in them; undefined for engines without a server and planted ones. */
  files: SnapshotFiles | undefined;
};

export type SnapshotFiles = {
  readonly dir: string;
  readonly secrets: { readonly admin: string; readonly replication: string };
};

export type RdsEvent = {
  readonly id: string | undefined;
  readonly source: { readonly type: 'DB_INSTANCE' | 'SNAPSHOT'; readonly id: string; readonly arn: string };
  readonly categories: readonly string[];
  readonly message: string;
  readonly at: number;
};

export type RegionState = {
  readonly name: string;
  readonly instances: Map<string, Instance>;
  readonly snapshots: Map<string, Snapshot>;
  events: RdsEvent[];
  quotas: { manualSnapshots: number; instances: number };
};

/** How long states take on the clock, in milliseconds. */
export type Durations = {
  readonly createMs: number;
  readonly snapshotMs: number;
  readonly copyMs: number;
  readonly restoreMs: number;
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
};
