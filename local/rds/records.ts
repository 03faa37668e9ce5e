// New records, with what RDS fills in.
import { type Context, follow, lengthMs } from './context.ts';
import { arnOf, checkIdentifier, endpointNameOf, longestDatabase, resourceIdFrom } from './names.ts';
import { invalidValue, RdsRefusal } from './refusal.ts';
import type {
  Cluster,
  DatabaseSettings,
  Instance,
  InstanceRef,
  Length,
  RegionState,
  Snapshot,
  SnapshotType,
  Tag,
} from './types.ts';
import { words } from './words.ts';

/** The default security group of the local VPC: it lets everybody in, so that an estate works without any set-up. */
export const defaultSecurityGroup = 'sg-open';

type NewDatabase = {
  id: string;
  settings: DatabaseSettings;
  tags: readonly Tag[];
  securityGroups: readonly string[] | undefined;
};

/** Reserves a name in the region for a new instance in `creating`; refuses a bad or taken name, or an unknown security group. */
export const addInstance = (
  context: Context,
  region: RegionState,
  wanted: NewDatabase & { source?: InstanceRef; clusterId?: string },
): Instance => {
  const id = checkIdentifier('DBInstanceIdentifier', wanted.id, longestDatabase);
  if (region.instances.has(id)) throw new RdsRefusal('DBInstanceAlreadyExists', 'DB instance already exists');
  if (region.instances.size >= region.quotas.instances) {
    throw new RdsRefusal('InstanceQuotaExceeded', `Cannot create more than ${region.quotas.instances} DB instances`);
  }
  const instance: Instance = {
    kind: 'instance',
    region: region.name,
    id,
    arn: arnOf(region.name, context.account, 'db', id),
    resourceId: resourceIdFrom(words.instance.resourcePrefix, context.random),
    endpointName: endpointNameOf(region.name, id),
    settings: wanted.settings,
    status: 'creating',
    bornAt: context.clock.now(),
    createdAt: undefined,
    securityGroups: groupsOf(context, wanted).map((group) => ({ id: group, status: 'active' })),
    tags: wanted.tags,
    source: wanted.source,
    replicas: [],
    replication: wanted.source && { state: 'replicating' },
    isPromoting: false,
    pendingBackupRetentionDays: undefined,
    stoppedAt: undefined,
    clusterId: wanted.clusterId,
    host: undefined,
  };
  region.instances.set(id, instance);
  follow(context, wanted.source)?.replicas.push({ region: region.name, id });
  return instance;
};

/** Reserves a name in the region for a new cluster in `creating`; refuses as for an instance. */
export const addCluster = (
  context: Context,
  region: RegionState,
  wanted: NewDatabase & { isMultiAz: boolean; source?: InstanceRef },
): Cluster => {
  const id = checkIdentifier('DBClusterIdentifier', wanted.id, longestDatabase);
  if (region.clusters.has(id)) throw new RdsRefusal('DBClusterAlreadyExistsFault', 'DB Cluster already exists');
  if (region.clusters.size >= region.quotas.clusters) {
    throw new RdsRefusal(
      'DBClusterQuotaExceededFault',
      `Cannot create more than ${region.quotas.clusters} DB clusters`,
    );
  }
  const cluster: Cluster = {
    kind: 'cluster',
    region: region.name,
    id,
    arn: arnOf(region.name, context.account, 'cluster', id),
    resourceId: resourceIdFrom(words.cluster.resourcePrefix, context.random),
    settings: wanted.settings,
    isMultiAz: wanted.isMultiAz,
    status: 'creating',
    bornAt: context.clock.now(),
    createdAt: undefined,
    securityGroups: groupsOf(context, wanted),
    tags: wanted.tags,
    source: wanted.source,
    replicas: [],
    isPromoting: false,
    areWritesBlocked: false,
  };
  region.clusters.set(id, cluster);
  const source = wanted.source && context.regions.get(wanted.source.region)?.clusters.get(wanted.source.id);
  source?.replicas.push({ region: region.name, id });
  return cluster;
};

const groupsOf = (context: Context, { securityGroups }: NewDatabase): readonly string[] => {
  const groups = securityGroups?.length ? securityGroups : [defaultSecurityGroup];
  checkSecurityGroups(context, groups);
  return groups;
};

/** Refuses a group that isn't there, with EC2's words for it. */
export const checkSecurityGroups = (context: Context, groups: readonly string[]): void => {
  const unknown = groups.find((group) => !context.securityGroups.has(group));
  if (unknown !== undefined) throw invalidValue(`Invalid security group , groupId= ${unknown}, groupName=.`);
};

type NewSnapshot = Pick<Snapshot, 'kind' | 'databaseId' | 'resourceId' | 'settings' | 'tags'> & {
  id: string;
  /** The parameter that the name came in. */
  parameter: string;
  length: Length;
  status?: Snapshot['status'];
  copyOf?: Snapshot;
};

/** Reserves a manual snapshot's name; refuses a bad or taken name, and one more than the quota. */
export const addSnapshot = (context: Context, region: RegionState, wanted: NewSnapshot): Snapshot => {
  const { longestSnapshot, quotaName, snapshotExists } = words[wanted.kind];
  const shelf = region.snapshots[wanted.kind];
  const id = checkIdentifier(wanted.parameter, wanted.id, longestSnapshot);
  if (shelf.has(id)) throw snapshotExists(id);
  const quota = region.quotas[quotaName];
  if (shelf.counted >= quota) {
    throw new RdsRefusal('SnapshotQuotaExceeded', `Cannot create more than ${quota} manual snapshots`);
  }
  return shelve(context, region, 'manual', id, wanted);
};

/** Puts a snapshot that is being made on its shelf, whatever it is called. */
export const shelve = (
  context: Context,
  region: RegionState,
  type: SnapshotType,
  id: string,
  wanted: Omit<NewSnapshot, 'id' | 'parameter'>,
): Snapshot => {
  const { copyOf, kind, status = 'creating' } = wanted;
  const now = context.clock.now();
  const snapshot: Snapshot = {
    kind,
    region: region.name,
    id,
    arn: arnOf(region.name, context.account, words[kind].snapshotArn, id),
    type,
    databaseId: wanted.databaseId,
    resourceId: wanted.resourceId,
    settings: { ...wanted.settings },
    status,
    bornAt: now,
    startedAt: status === 'pending' ? undefined : now,
    durationMs: lengthMs(context, wanted.length),
    createdAt: undefined,
    originalCreatedAt: copyOf?.originalCreatedAt,
    sourceSnapshotArn: copyOf?.arn,
    sourceRegion: copyOf && copyOf.region !== region.name ? copyOf.region : undefined,
    tags: wanted.tags,
    files: undefined,
  };
  region.snapshots[kind].set(id, snapshot);
  return snapshot;
};
