import type { Context } from './context.ts';
import { lengthMs } from './context.ts';
import { arnOf, resourceIdFrom } from './names.ts';
import type { DatabaseSettings, Kind, RegionState, Snapshot, SnapshotType, Tag } from './types.ts';
import { words } from './words.ts';

/** A snapshot that is there without having been taken: an automated one, an old one, AWS Backup's, somebody else's. */
export type PlantedSnapshot = {
  readonly id: string;
  /** An instance's unless said. */
  readonly kind?: Kind;
  readonly type?: SnapshotType;
  /** The name of the database, an instance's or a cluster's. */
  readonly instanceId: string;
  /** Of the database as it is; or of one that was deleted, so that a name can come back with another identity. */
  readonly resourceId?: string;
  readonly engine?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly status?: Snapshot['status'];
  readonly tags?: readonly Tag[];
  readonly kmsKeyId?: string;
  readonly optionGroup?: string;
};

/** Puts a snapshot without data into the region, past every rule of the API. An automated one's name begins with `rds:`. */
export const plantSnapshot = (context: Context, region: RegionState, planted: PlantedSnapshot): void => {
  const { kind = 'instance', type = 'manual', status = 'available', engine, kmsKeyId, optionGroup } = planted;
  const database =
    kind === 'instance' ? region.instances.get(planted.instanceId) : region.clusters.get(planted.instanceId);
  const id = type === 'automated' && !planted.id.startsWith('rds:') ? `rds:${planted.id}` : planted.id;
  const createdAt = status === 'creating' ? undefined : planted.createdAt;
  region.snapshots[kind].set(id, {
    kind,
    region: region.name,
    id,
    arn: arnOf(region.name, context.account, words[kind].snapshotArn, id),
    type,
    databaseId: planted.instanceId,
    resourceId:
      planted.resourceId ?? database?.resourceId ?? resourceIdFrom(words[kind].resourcePrefix, context.random),
    settings: {
      ...(database?.settings ?? goneSettings),
      ...(engine !== undefined && { engine }),
      ...(kmsKeyId !== undefined && { encrypted: true, kmsKeyId }),
      ...(optionGroup !== undefined && { optionGroup }),
    },
    status,
    bornAt: planted.createdAt,
    startedAt: planted.createdAt,
    durationMs: lengthMs(context, context.durations.snapshotMs),
    createdAt,
    originalCreatedAt: createdAt,
    sourceSnapshotArn: undefined,
    sourceRegion: undefined,
    tags: planted.tags ?? [],
    files: undefined,
  });
};

/** What is said of a database that isn't there any more. */
const goneSettings: DatabaseSettings = {
  engine: 'postgres',
  engineVersion: '18.1',
  instanceClass: 'db.t4g.micro',
  allocatedStorageGib: 20,
  storageType: 'gp3',
  masterUsername: 'master',
  databaseName: undefined,
  multiAz: false,
  backupRetentionDays: 1,
  backupWindow: '02:00-02:30',
  maintenanceWindow: 'sun:03:00-sun:03:30',
  encrypted: false,
  kmsKeyId: undefined,
  iamAuthentication: false,
  deletionProtection: false,
  copyTagsToSnapshot: false,
  publiclyAccessible: false,
  autoMinorVersionUpgrade: true,
  subnetGroup: 'default',
  parameterGroup: 'default.postgres18',
  optionGroup: 'default:postgres-18',
};
