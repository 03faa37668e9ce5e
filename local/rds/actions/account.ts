import { list } from '../../xml.ts';
import { pageOf } from '../paging.ts';
import { invalidCombination, invalidValue } from '../refusal.ts';
import { eventXml } from '../render.ts';
import { sourceTypes } from '../subscriptions.ts';
import type { RdsEvent } from '../types.ts';
import type { Action } from './action.ts';

/** API reference, DescribeAccountAttributes. AWS's example has no entry for cluster snapshots, its list of names has: assume either. */
export const describeAccount: Action = (context, region, params) => {
  params.only();
  const instances = [...region.instances.values()];
  const quotas: [string, number, number][] = [
    ['DBInstances', instances.length, region.quotas.instances],
    ['AllocatedStorage', instances.reduce((sum, one) => sum + one.settings.allocatedStorageGib, 0), 100_000],
    ['ManualSnapshots', region.snapshots.instance.counted, region.quotas.manualSnapshots],
    ['ReadReplicasPerMaster', Math.max(0, ...instances.map((one) => one.replicas.length)), 15],
    ['DBClusters', region.clusters.size, region.quotas.clusters],
  ];
  if (context.assumptions.clusterQuotaIsListed) {
    quotas.push(['ManualClusterSnapshots', region.snapshots.cluster.counted, region.quotas.manualClusterSnapshots]);
  }
  return {
    AccountQuotas: list(
      'AccountQuota',
      quotas.map(([AccountQuotaName, Used, Max]) => ({ AccountQuotaName, Used, Max })),
    ),
  };
};

const minuteMs = 60_000;

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
  const isWanted = (event: RdsEvent): boolean =>
    event.at >= start &&
    event.at <= end &&
    (sourceType === undefined || event.source.type === sourceTypes[sourceType]) &&
    (source === undefined || event.source.id === source.toLowerCase()) &&
    (categories.length === 0 || event.categories.some((category) => categories.includes(category)));
  // Events are kept in the order of their times: a marker is a place in it, for as long as none is forgotten.
  const numbered = region.events.map((event, index) => ({ event, order: String(index).padStart(8, '0') }));
  const matching = (after: string) => numbered.filter(({ event, order }) => order > after && isWanted(event));
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
