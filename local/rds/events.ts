import type { Announcement } from './event-catalogue.ts';
import { isAskedFor, type Notification, notificationOf } from './subscriptions.ts';
import type { Database, RdsEvent, RegionState, Snapshot, SourceType } from './types.ts';

const detailTypes = {
  DB_INSTANCE: 'RDS DB Instance Event',
  SNAPSHOT: 'RDS DB Snapshot Event',
  CLUSTER: 'RDS DB Cluster Event',
  CLUSTER_SNAPSHOT: 'RDS DB Cluster Snapshot Event',
} as const satisfies Record<SourceType, string>;

/** An EventBridge envelope of an RDS event (EventBridge reference, events-ref-rds; User Guide, rds-cloud-watch-events). */
export type RdsEnvelope = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': (typeof detailTypes)[SourceType];
  readonly source: 'aws.rds';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly EventCategories: readonly string[];
    readonly SourceType: SourceType;
    readonly SourceArn: string;
    readonly Date: string;
    readonly Message: string;
    readonly SourceIdentifier: string;
    readonly EventID: string;
  };
};

/** Tells what happened to a database or a snapshot: kept for DescribeEvents, handed to EventBridge, published to who subscribed. */
export type Announce = {
  database(database: Database, what: Announcement): void;
  snapshot(snapshot: Snapshot, what: Announcement): void;
};

/** 14 days (API reference, DescribeEvents). */
const keptMs = 14 * 24 * 3_600_000;
const prunedAtOnce = 1_000;

/** `emit` and `publish` get every event that has a documented id. */
export const openAnnouncements = (
  account: string,
  now: () => number,
  newId: () => string,
  regionOf: (name: string) => RegionState,
  out: { emit: (event: RdsEnvelope) => void; publish: (notification: Notification) => void },
): Announce => {
  const record = (region: string, source: RdsEvent['source'], what: Announcement): void => {
    const at = now();
    const state = regionOf(region);
    const event: RdsEvent = { ...what, source, at };
    state.events.push(event);
    if ((state.events[prunedAtOnce]?.at ?? at) < at - keptMs) {
      state.events = state.events.filter((old) => old.at > at - keptMs);
    }
    if (what.id === undefined) return;
    out.emit(envelope(account, region, event, what.id, newId()));
    for (const subscription of state.subscriptions.values()) {
      if (isAskedFor(subscription, event)) out.publish(notificationOf(subscription.topicArn, region, event, what.id));
    }
  };
  return {
    database: ({ kind, region, id, arn }, what) =>
      record(region, { type: kind === 'instance' ? 'DB_INSTANCE' : 'CLUSTER', id, arn }, what),
    snapshot: ({ kind, region, id, arn }, what) =>
      record(region, { type: kind === 'instance' ? 'SNAPSHOT' : 'CLUSTER_SNAPSHOT', id, arn }, what),
  };
};

const envelope = (account: string, region: string, event: RdsEvent, eventId: string, id: string): RdsEnvelope => {
  const time = new Date(event.at).toISOString();
  return {
    version: '0',
    id,
    'detail-type': detailTypes[event.source.type],
    source: 'aws.rds',
    account,
    time: `${time.slice(0, 19)}Z`,
    region,
    resources: [event.source.arn],
    detail: {
      EventCategories: event.categories,
      SourceType: event.source.type,
      SourceArn: event.source.arn,
      Date: time,
      Message: event.message,
      // AWS's own samples show both `name` and `rds:name`: whoever needs the name parses SourceArn.
      SourceIdentifier: event.source.id,
      EventID: eventId,
    },
  };
};
