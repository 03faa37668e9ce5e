import { randomBytes } from 'node:crypto';
import type { Context } from './context.ts';
import { arnOf, resourceIdFrom } from './names.ts';
import type { RegionState, Snapshot, Tag } from './types.ts';

/** A snapshot that is there without having been taken: an automated one, an old one, somebody else's. */
export type PlantedSnapshot = {
  readonly id: string;
  readonly type?: 'manual' | 'automated';
  readonly instanceId: string;
  /** Of the instance as it is; or of one that was deleted, so that a name can come back with another identity. */
  readonly resourceId?: string;
  readonly engine?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly status?: Snapshot['status'];
  readonly tags?: readonly Tag[];
};

/** Puts a snapshot without data into the region, past every rule of the API. An automated one's name begins with `rds:`. */
export const plantSnapshot = (context: Context, region: RegionState, planted: PlantedSnapshot): void => {
  const instance = region.instances.get(planted.instanceId);
  const type = planted.type ?? 'manual';
  const id = type === 'automated' && !planted.id.startsWith('rds:') ? `rds:${planted.id}` : planted.id;
  const status = planted.status ?? 'available';
  const createdAt = status === 'creating' ? undefined : planted.createdAt;
  region.snapshots.set(id, {
    region: region.name,
    id,
    arn: arnOf(region.name, context.account, 'snapshot', id),
    type,
    instanceId: planted.instanceId,
    resourceId: planted.resourceId ?? instance?.resourceId ?? resourceIdFrom(randomBytes(26)),
    settings: {
      ...(instance?.settings ?? goneSettings),
      ...(planted.engine === undefined ? {} : { engine: planted.engine }),
    },
    status,
    startedAt: planted.createdAt,
    durationMs: context.durations.snapshotMs,
    createdAt,
    originalCreatedAt: createdAt,
    sourceSnapshotArn: undefined,
    sourceRegion: undefined,
    tags: planted.tags ?? [],
    files: undefined,
  });
};

/** What is said of an instance that isn't there any more. */
const goneSettings: Snapshot['settings'] = {
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
};
