import { list } from '../../xml.ts';
import { instanceOf } from '../context.ts';
import { snapshotEvents } from '../event-catalogue.ts';
import { takeSnapshot } from '../lifecycle.ts';
import { nameOf } from '../names.ts';
import { pageOf } from '../paging.ts';
import { mergeTags, type Params } from '../params.ts';
import { addSnapshot } from '../records.ts';
import { invalidInstanceState, invalidSnapshotState, invalidValue, snapshotNotFound } from '../refusal.ts';
import { snapshotXml } from '../render.ts';
import type { RegionState, Snapshot } from '../types.ts';
import type { Action } from './instances.ts';

/** API reference, CreateDBSnapshot. Tags of the instance come along only if it copies tags and none were given (USER_Tagging). */
export const createSnapshot: Action = (context, region, params) => {
  params.only('DBSnapshotIdentifier', 'DBInstanceIdentifier', 'Tags');
  const instance = instanceOf(region, params.required('DBInstanceIdentifier'));
  if (instance.clusterId !== undefined) {
    throw invalidValue(
      'The specified instance is a member of a cluster and a snapshot cannot be created directly. Please use the CreateDBClusterSnapshot API instead.',
    );
  }
  if (instance.source !== undefined && instance.settings.engine.startsWith('sqlserver-')) {
    throw invalidInstanceState('Snapshots of a SQL Server read replica are not supported');
  }
  const id = params.required('DBSnapshotIdentifier');
  const given = params.tags();
  const inherited = instance.settings.copyTagsToSnapshot ? instance.tags : [];
  if (instance.status !== 'available' || instance.isPromoting) {
    throw invalidInstanceState(
      `Cannot create a snapshot because the database instance ${instance.id} is not currently in the available state.`,
    );
  }
  const snapshot = addSnapshot(context, region, {
    ...{ id, parameter: 'DBSnapshotIdentifier', durationMs: context.durations.snapshotMs },
    ...{ instanceId: instance.id, resourceId: instance.resourceId, settings: instance.settings },
    tags: mergeTags([], given ?? inherited),
  });
  takeSnapshot(context, instance, snapshot);
  return { DBSnapshot: snapshotXml(snapshot, context.clock.now()) };
};

const types = ['automated', 'manual', 'shared', 'public', 'awsbackup'];

/**
 * API reference, DescribeDBSnapshots: automated and manual ones unless SnapshotType says otherwise; an automated one is found
 * by name only if its type is given too; an instance without snapshots, or none at all, is an empty list.
 */
export const describeSnapshots: Action = (context, region, params) => {
  params.only(
    ...[
      'DBInstanceIdentifier',
      'DBSnapshotIdentifier',
      'DbiResourceId',
      'SnapshotType',
      'Filters',
      'MaxRecords',
      'Marker',
    ],
    ...['IncludeShared', 'IncludePublic'],
  );
  const type = params.text('SnapshotType');
  if (type !== undefined && !types.includes(type)) throw invalidValue(`Invalid snapshot type: ${type}`);
  const id = params.text('DBSnapshotIdentifier');
  const found = id === undefined ? undefined : region.snapshots.get(nameOf(id, region.name, 'snapshot'));
  if (id !== undefined && (found === undefined || (found.type === 'automated' && type === undefined)))
    throw snapshotNotFound(id);
  const matching = (found === undefined ? [...region.snapshots.values()] : [found]).filter(
    (snapshot) => (type === undefined || snapshot.type === type) && matches(snapshot, region, params),
  );
  const { items, marker } = pageOf(params, matching, (snapshot) => snapshot.id);
  return {
    Marker: marker,
    DBSnapshots: list(
      'DBSnapshot',
      items.map((one) => snapshotXml(one, context.clock.now())),
    ),
  };
};

const matches = (snapshot: Snapshot, region: RegionState, params: Params): boolean => {
  const instanceId = params.text('DBInstanceIdentifier');
  if (instanceId !== undefined && snapshot.instanceId !== nameOf(instanceId, region.name, 'db')) return false;
  const resourceId = params.text('DbiResourceId');
  if (resourceId !== undefined && snapshot.resourceId !== resourceId) return false;
  const filters = params.filters(['db-instance-id', 'db-snapshot-id', 'dbi-resource-id', 'snapshot-type', 'engine']);
  return filters.every(({ name, values }) => values.some((value) => isField(snapshot, name, value, region.name)));
};

const isField = (snapshot: Snapshot, filter: string, value: string, region: string): boolean => {
  switch (filter) {
    case 'db-instance-id':
      return snapshot.instanceId === nameOf(value, region, 'db');
    case 'db-snapshot-id':
      return snapshot.id === nameOf(value, region, 'snapshot');
    case 'dbi-resource-id':
      return snapshot.resourceId === value;
    case 'snapshot-type':
      return snapshot.type === value;
    default:
      return snapshot.settings.engine === value;
  }
};

/** API reference, DeleteDBSnapshot: only a manual snapshot that is available; a copy under way from it fails. */
export const deleteSnapshot: Action = (context, region, params) => {
  params.only('DBSnapshotIdentifier');
  const id = params.required('DBSnapshotIdentifier');
  const snapshot = region.snapshots.get(nameOf(id, region.name, 'snapshot'));
  if (snapshot === undefined) throw snapshotNotFound(id);
  if (snapshot.type !== 'manual')
    throw invalidSnapshotState(`Only manual snapshots may be deleted: ${snapshot.id} is automated`);
  if (snapshot.status !== 'available' && snapshot.status !== 'failed') {
    throw invalidSnapshotState(
      `Cannot delete the snapshot because it is not currently in the available state: ${snapshot.id} is ${snapshot.status}`,
    );
  }
  region.snapshots.delete(snapshot.id);
  const { files } = snapshot;
  if (files !== undefined) context.begin(() => context.provision.forget(files));
  context.announce.snapshot(snapshot, snapshotEvents.deleted);
  return { DBSnapshot: { ...(snapshotXml(snapshot, context.clock.now()) as object), Status: 'deleted' } };
};
