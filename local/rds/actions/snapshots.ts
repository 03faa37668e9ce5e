import { list, Written, type XmlValue } from '../../xml.ts';
import { clusterOf, instanceOf, requireAvailable } from '../context.ts';
import { snapshotEventsOf } from '../event-catalogue.ts';
import { nameOf } from '../names.ts';
import { pageOf } from '../paging.ts';
import { mergeTags } from '../params.ts';
import { addSnapshot } from '../records.ts';
import { invalidCombination, invalidValue } from '../refusal.ts';
import { snapshotXml } from '../render.ts';
import { clusterSnapshotXml } from '../render-cluster.ts';
import { takeSnapshot } from '../snapshotting.ts';
import type { Database, Kind, Snapshot } from '../types.ts';
import { listed, remove } from '../views.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';

/** One snapshot under its element's name. */
export const snapshotElement = (snapshot: Snapshot, nowMs: number): Record<string, XmlValue> =>
  snapshot.kind === 'instance'
    ? { DBSnapshot: snapshotXml(snapshot, nowMs) }
    : { DBClusterSnapshot: clusterSnapshotXml(snapshot, nowMs) };

/**
 * API reference, CreateDBSnapshot and CreateDBClusterSnapshot. Tags of the database come along only if it copies tags and
 * none were given (USER_Tagging); AWS's own tags never do.
 */
export const createSnapshot =
  (kind: Kind): Action =>
  (context, region, params) => {
    const { databaseParameter, snapshotParameter } = words[kind];
    params.only(snapshotParameter, databaseParameter, 'Tags');
    const databaseId = params.required(databaseParameter);
    const database: Database = kind === 'instance' ? instanceOf(region, databaseId) : clusterOf(region, databaseId);
    if (database.kind === 'instance') requireSnapshotted(database);
    const id = params.required(snapshotParameter);
    const given = params.tags();
    const own = database.settings.copyTagsToSnapshot ? database.tags.filter(({ key }) => !key.startsWith('aws:')) : [];
    // API reference, CreateDBSnapshot: `available` or `storage-optimization`.
    if (database.status !== 'storage-optimization') requireAvailable(database, 'create a snapshot');
    if (database.settings.encrypted) context.keys.usable(region.name, database.settings.kmsKeyId);
    const snapshot = addSnapshot(context, region, {
      ...{ kind, id, parameter: snapshotParameter, length: context.durations.snapshotMs },
      ...{ databaseId: database.id, resourceId: database.resourceId, settings: database.settings },
      tags: mergeTags([], given ?? own),
    });
    takeSnapshot(context, database, snapshot);
    return snapshotElement(snapshot, context.clock.now());
  };

const requireSnapshotted = (instance: Database & { kind: 'instance' }): void => {
  if (instance.clusterId !== undefined) {
    throw invalidValue(
      'The specified instance is a member of a cluster and a snapshot cannot be created directly. Please use the CreateDBClusterSnapshot API instead.',
    );
  }
  if (instance.source !== undefined && instance.settings.engine.startsWith('sqlserver-')) {
    throw words.instance.invalidState('Snapshots of a SQL Server read replica are not supported');
  }
};

const types = {
  instance: ['automated', 'manual', 'shared', 'public', 'awsbackup'],
  cluster: ['automated', 'manual', 'shared', 'public'],
};
const filterNames = {
  instance: ['db-instance-id', 'db-snapshot-id', 'dbi-resource-id', 'snapshot-type', 'engine'],
  cluster: ['db-cluster-id', 'db-cluster-snapshot-id', 'snapshot-type', 'engine'],
};
const resourceParameter = { instance: 'DbiResourceId', cluster: 'DbClusterResourceId' } as const;

/**
 * API reference, DescribeDBSnapshots and DescribeDBClusterSnapshots: automated and manual ones unless SnapshotType says
 * otherwise; an automated one is found by name only if its type is given too; a database without snapshots, or none at all, is
 * an empty list. A snapshot that is asked for by name is looked up, and not read from a list that may lag behind.
 */
export const describeSnapshots =
  (kind: Kind): Action =>
  (context, region, params) => {
    const { databaseParameter, snapshotParameter, snapshotNotFound } = words[kind];
    params.only(
      ...[databaseParameter, snapshotParameter, resourceParameter[kind], 'SnapshotType', 'Filters'],
      ...['MaxRecords', 'Marker', 'IncludeShared', 'IncludePublic'],
    );
    const type = params.text('SnapshotType');
    if (type !== undefined && !types[kind].includes(type)) throw invalidValue(`Invalid snapshot type: ${type}`);
    const shelf = region.snapshots[kind];
    const id = params.text(snapshotParameter);
    if (id !== undefined && kind === 'cluster' && params.text(databaseParameter) !== undefined) {
      throw invalidCombination(`${snapshotParameter} can not be used with ${databaseParameter}`);
    }
    const found = id === undefined ? undefined : shelf.get(nameOf(id, region.name, words[kind].snapshotArn));
    if (id !== undefined && (found === undefined || (found.type === 'automated' && type === undefined)))
      throw snapshotNotFound(id);
    const databaseId = params.text(databaseParameter);
    const databaseName = databaseId && nameOf(databaseId, region.name, words[kind].arn);
    const resourceId = params.text(resourceParameter[kind]);
    const filters = params.filters(filterNames[kind]);
    const isWanted = (snapshot: Snapshot): boolean =>
      (type === undefined ? found !== undefined || isListedByDefault(snapshot) : snapshot.type === type) &&
      (databaseName === undefined || snapshot.databaseId === databaseName) &&
      (resourceId === undefined || snapshot.resourceId === resourceId) &&
      filters.every(({ name, values }) => values.some((value) => isField(snapshot, name, value)));
    const matching = function* (after: string): Generator<Snapshot> {
      const all = found === undefined ? listed(context, shelf, after) : [found].filter((one) => one.id > after);
      for (const snapshot of all) if (isWanted(snapshot)) yield snapshot;
    };
    const { items, marker } = pageOf(
      params,
      matching,
      (snapshot) => snapshot.id,
      () => context.pageRepeats(region.name, params.action),
    );
    const nowMs = context.clock.now();
    return {
      Marker: marker,
      ...(kind === 'instance'
        ? {
            DBSnapshots: list(
              'DBSnapshot',
              items.map((one) => asItem(one, nowMs)),
            ),
          }
        : {
            DBClusterSnapshots: list(
              'DBClusterSnapshot',
              items.map((one) => asItem(one, nowMs)),
            ),
          }),
    };
  };

const writtenOf = new WeakMap<Snapshot, { readonly tags: Snapshot['tags']; readonly written: Written }>();

/** A snapshot that is available changes in nothing but its tags: it is written once, however often it is listed. */
const asItem = (snapshot: Snapshot, nowMs: number): XmlValue => {
  const xml = snapshot.kind === 'instance' ? snapshotXml : clusterSnapshotXml;
  if (snapshot.status !== 'available') return xml(snapshot, nowMs);
  const known = writtenOf.get(snapshot);
  if (known?.tags === snapshot.tags) return known.written;
  const written = new Written(xml(snapshot, nowMs));
  writtenOf.set(snapshot, { tags: snapshot.tags, written });
  return written;
};

const isListedByDefault = ({ type }: Snapshot): boolean => type === 'manual' || type === 'automated';

const isField = (snapshot: Snapshot, filter: string, value: string): boolean => {
  switch (filter) {
    case 'db-instance-id':
    case 'db-cluster-id':
      return snapshot.databaseId === nameOf(value, snapshot.region, words[snapshot.kind].arn);
    case 'db-snapshot-id':
    case 'db-cluster-snapshot-id':
      return snapshot.id === nameOf(value, snapshot.region, words[snapshot.kind].snapshotArn);
    case 'dbi-resource-id':
      return snapshot.resourceId === value;
    case 'snapshot-type':
      return snapshot.type === value;
    default:
      return snapshot.settings.engine === value;
  }
};

/** API reference, DeleteDBSnapshot and DeleteDBClusterSnapshot: only a manual one that is available; a copy under way from it fails. */
export const deleteSnapshot =
  (kind: Kind): Action =>
  (context, region, params) => {
    const { snapshotParameter, snapshotArn, snapshotNotFound, invalidSnapshotState } = words[kind];
    params.only(snapshotParameter);
    const id = params.required(snapshotParameter);
    const snapshot = region.snapshots[kind].get(nameOf(id, region.name, snapshotArn));
    if (snapshot === undefined) throw snapshotNotFound(id);
    if (snapshot.type !== 'manual')
      throw invalidSnapshotState(`Only manual snapshots may be deleted: ${snapshot.id} is ${snapshot.type}`);
    if (snapshot.id.startsWith('awsbackup:'))
      throw invalidSnapshotState(`${snapshot.id} is managed by AWS Backup and can only be deleted there`);
    if (snapshot.status !== 'available' && snapshot.status !== 'failed') {
      throw invalidSnapshotState(
        `Cannot delete the snapshot because it is not currently in the available state: ${snapshot.id} is ${snapshot.status}`,
      );
    }
    remove(context, region.snapshots[kind], snapshot);
    const { files } = snapshot;
    if (files !== undefined) context.begin(() => context.provision.forget(files));
    context.announce.snapshot(snapshot, snapshotEventsOf(kind).deleted);
    const [[name, xml]] = Object.entries(snapshotElement(snapshot, context.clock.now())) as [[string, object]];
    return { [name]: { ...xml, Status: 'deleted' } };
  };
