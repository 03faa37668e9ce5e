// New records, with what RDS fills in.
import { randomBytes } from 'node:crypto';
import { type Context, follow } from './context.ts';
import { arnOf, checkIdentifier, endpointNameOf, longest, resourceIdFrom } from './names.ts';
import { invalidValue, RdsRefusal } from './refusal.ts';
import type { Instance, InstanceRef, InstanceSettings, RegionState, Snapshot, Tag } from './types.ts';

/** The default security group of the local VPC: it lets everybody in, so that an estate works without any set-up. */
export const defaultSecurityGroup = 'sg-open';

/** Reserves a name in the region for a new instance in `creating`; refuses a bad or taken name, or an unknown security group. */
export const addInstance = (
  context: Context,
  region: RegionState,
  wanted: {
    id: string;
    settings: InstanceSettings;
    tags: readonly Tag[];
    securityGroups: readonly string[] | undefined;
    source?: InstanceRef;
  },
): Instance => {
  const id = checkIdentifier('DBInstanceIdentifier', wanted.id, longest.instance);
  if (region.instances.has(id)) throw new RdsRefusal('DBInstanceAlreadyExists', 'DB instance already exists');
  if (region.instances.size >= region.quotas.instances) {
    throw new RdsRefusal('InstanceQuotaExceeded', `Cannot create more than ${region.quotas.instances} DB instances`);
  }
  const groups = wanted.securityGroups?.length ? wanted.securityGroups : [defaultSecurityGroup];
  checkSecurityGroups(context, groups);
  const instance: Instance = {
    region: region.name,
    id,
    arn: arnOf(region.name, context.account, 'db', id),
    resourceId: resourceIdFrom(randomBytes(26)),
    endpointName: endpointNameOf(region.name, id),
    settings: wanted.settings,
    status: 'creating',
    createdAt: undefined,
    securityGroups: groups.map((group) => ({ id: group, status: 'active' })),
    tags: wanted.tags,
    source: wanted.source,
    replicas: [],
    replication: wanted.source && { state: 'replicating' },
    isPromoting: false,
    pendingBackupRetentionDays: undefined,
    stoppedAt: undefined,
    clusterId: undefined,
    host: undefined,
  };
  region.instances.set(id, instance);
  follow(context, wanted.source)?.replicas.push({ region: region.name, id });
  return instance;
};

/** Refuses a group that isn't there, with EC2's words for it. */
export const checkSecurityGroups = (context: Context, groups: readonly string[]): void => {
  const unknown = groups.find((group) => !context.securityGroups.has(group));
  if (unknown !== undefined) throw invalidValue(`Invalid security group , groupId= ${unknown}, groupName=.`);
};

/** Reserves a manual snapshot's name; refuses a bad or taken name, and one more than the quota. */
export const addSnapshot = (
  context: Context,
  region: RegionState,
  wanted: Pick<Snapshot, 'instanceId' | 'resourceId' | 'settings' | 'tags' | 'durationMs'> & {
    id: string;
    parameter: string;
    copyOf?: Snapshot;
  },
): Snapshot => {
  const id = checkIdentifier(wanted.parameter, wanted.id, longest.snapshot);
  if (region.snapshots.has(id)) {
    throw new RdsRefusal(
      'DBSnapshotAlreadyExists',
      `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`,
    );
  }
  const quota = region.quotas.manualSnapshots;
  if (manualSnapshots(region) >= quota) {
    throw new RdsRefusal('SnapshotQuotaExceeded', `Cannot create more than ${quota} manual snapshots`);
  }
  const snapshot: Snapshot = {
    region: region.name,
    id,
    arn: arnOf(region.name, context.account, 'snapshot', id),
    type: 'manual',
    instanceId: wanted.instanceId,
    resourceId: wanted.resourceId,
    settings: { ...wanted.settings },
    status: 'creating',
    startedAt: context.clock.now(),
    durationMs: wanted.durationMs,
    createdAt: undefined,
    originalCreatedAt: wanted.copyOf?.originalCreatedAt,
    sourceSnapshotArn: wanted.copyOf?.arn,
    sourceRegion: wanted.copyOf && wanted.copyOf.region !== region.name ? wanted.copyOf.region : undefined,
    tags: wanted.tags,
    files: undefined,
  };
  region.snapshots.set(id, snapshot);
  return snapshot;
};

/** What counts against the quota: manual ones, also while they are being created (CHAP_Limits). */
export const manualSnapshots = (region: RegionState): number =>
  [...region.snapshots.values()].filter((snapshot) => snapshot.type === 'manual').length;
