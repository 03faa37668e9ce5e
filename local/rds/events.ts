import { randomUUID } from 'node:crypto';
import type { Announcement } from './event-catalogue.ts';
import type { Instance, RdsEvent, RegionState, Snapshot } from './types.ts';

/** An EventBridge envelope of an RDS event (EventBridge reference, events-ref-rds; User Guide, rds-cloud-watch-events). */
export type RdsEnvelope = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'RDS DB Instance Event' | 'RDS DB Snapshot Event';
  readonly source: 'aws.rds';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly EventCategories: readonly string[];
    readonly SourceType: RdsEvent['source']['type'];
    readonly SourceArn: string;
    readonly Date: string;
    readonly Message: string;
    readonly SourceIdentifier: string;
    readonly EventID: string;
  };
};

/** Tells what happened to an instance or a snapshot: kept for DescribeEvents, and handed to EventBridge. */
export type Announce = {
  instance(instance: Instance, what: Announcement): void;
  snapshot(snapshot: Snapshot, what: Announcement): void;
};

/** 14 days (API reference, DescribeEvents). */
const keptMs = 14 * 24 * 3_600_000;

/** `emit` gets every event that has a documented id, in its region's envelope. */
export const openAnnouncements = (
  account: string,
  now: () => number,
  regionOf: (name: string) => RegionState,
  emit: (event: RdsEnvelope) => void,
): Announce => {
  const record = (region: string, source: RdsEvent['source'], what: Announcement): void => {
    const at = now();
    const state = regionOf(region);
    const event: RdsEvent = { ...what, source, at };
    state.events = [...state.events.filter((old) => old.at > at - keptMs), event];
    if (what.id !== undefined) emit(envelope(account, region, event, what.id));
  };
  return {
    instance: ({ region, id, arn }, what) => record(region, { type: 'DB_INSTANCE', id, arn }, what),
    snapshot: ({ region, id, arn }, what) => record(region, { type: 'SNAPSHOT', id, arn }, what),
  };
};

const envelope = (account: string, region: string, event: RdsEvent, id: string): RdsEnvelope => {
  const time = new Date(event.at).toISOString();
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': event.source.type === 'DB_INSTANCE' ? 'RDS DB Instance Event' : 'RDS DB Snapshot Event',
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
      EventID: id,
    },
  };
};
