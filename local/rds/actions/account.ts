import { list } from '../../xml.ts';
import { pageOf } from '../paging.ts';
import { manualSnapshots } from '../records.ts';
import { invalidCombination, invalidValue, RdsRefusal } from '../refusal.ts';
import { eventXml } from '../render.ts';
import type { Action } from './instances.ts';

/** API reference, DescribeAccountAttributes. As in AWS's example there is no entry for cluster snapshots. */
export const describeAccount: Action = (_context, region, params) => {
  params.only();
  const instances = [...region.instances.values()];
  const quotas: [string, number, number][] = [
    ['DBInstances', instances.length, region.quotas.instances],
    ['AllocatedStorage', instances.reduce((sum, one) => sum + one.settings.allocatedStorageGib, 0), 100_000],
    ['ManualSnapshots', manualSnapshots(region), region.quotas.manualSnapshots],
    ['ReadReplicasPerMaster', Math.max(0, ...instances.map((one) => one.replicas.length)), 15],
  ];
  return {
    AccountQuotas: list(
      'AccountQuota',
      quotas.map(([AccountQuotaName, Used, Max]) => ({ AccountQuotaName, Used, Max })),
    ),
  };
};

/** Clusters are not modelled yet: there are none. */
export const describeClusters: Action = (_context, _region, params) => {
  params.only('DBClusterIdentifier', 'Filters', 'MaxRecords', 'Marker', 'IncludeShared');
  const id = params.text('DBClusterIdentifier');
  if (id !== undefined) throw new RdsRefusal('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404);
  pageOf(params, [], String);
  return { DBClusters: list('DBCluster', []) };
};

export const describeClusterSnapshots: Action = (_context, _region, params) => {
  params.only(
    ...['DBClusterIdentifier', 'DBClusterSnapshotIdentifier', 'SnapshotType', 'Filters', 'MaxRecords', 'Marker'],
    ...['IncludeShared', 'IncludePublic', 'DbClusterResourceId'],
  );
  const id = params.text('DBClusterSnapshotIdentifier');
  if (id !== undefined)
    throw new RdsRefusal('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot ${id} not found.`, 404);
  pageOf(params, [], String);
  return { DBClusterSnapshots: list('DBClusterSnapshot', []) };
};

const minuteMs = 60_000;
const sourceTypes: Readonly<Record<string, string>> = { 'db-instance': 'DB_INSTANCE', 'db-snapshot': 'SNAPSHOT' };

/** API reference, DescribeEvents: the last hour unless said, at most 14 days. */
export const describeEvents: Action = (context, region, params) => {
  params.only(
    'SourceIdentifier',
    'SourceType',
    'StartTime',
    'EndTime',
    'Duration',
    'EventCategories',
    'MaxRecords',
    'Marker',
  );
  const sourceType = params.text('SourceType');
  const source = params.text('SourceIdentifier');
  if (source !== undefined && sourceType === undefined) {
    throw invalidCombination('SourceType must be specified together with SourceIdentifier');
  }
  const end = timeOf(params.text('EndTime'), 'EndTime') ?? context.clock.now();
  const start =
    timeOf(params.text('StartTime'), 'StartTime') ?? end - (params.whole('Duration', 1, 20_160) ?? 60) * minuteMs;
  const categories = params.list('EventCategories', 'EventCategory') ?? [];
  const numbered = region.events.map((event, index) => ({
    event,
    order: `${event.at}-${String(index).padStart(8, '0')}`,
  }));
  const matching = numbered.filter(
    ({ event }) =>
      event.at >= start &&
      event.at <= end &&
      (sourceType === undefined || event.source.type === (sourceTypes[sourceType] ?? sourceType)) &&
      (source === undefined || event.source.id === source.toLowerCase()) &&
      (categories.length === 0 || event.categories.some((category) => categories.includes(category))),
  );
  const { items, marker } = pageOf(params, matching, ({ order }) => order);
  return {
    Marker: marker,
    Events: list(
      'Event',
      items.map(({ event }) => eventXml(event)),
    ),
  };
};

const timeOf = (text: string | undefined, name: string): number | undefined => {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalidValue(`Invalid value ${text} for ${name}`);
  return ms;
};
