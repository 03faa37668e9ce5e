import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import type {
  Database,
  Inventory,
  Orders,
  Part,
  Quota,
  Snapshot,
  Tags,
} from '../../functions/snapshots/core/inventory.ts';
import type { Settings } from '../../functions/snapshots/core/policy.ts';
import { tagsFor } from '../../functions/snapshots/core/tags.ts';

// Values for tests: a deployment, databases and snapshots as RDS would show them.

export const settings: Settings = {
  stack: 'mainstay-test',
  tagKey: 'mainstay:snapshots',
  prefix: 'ms',
  expiry: 'armed',
  policy: { keepLast: 3 },
  minKeep: 1,
  maxDeletionsPerRun: 50,
  creationBrokenAfterHours: 6,
  includeReplicas: false,
  failedKeepHours: 24,
  onQuota: 'wait',
  metricsPerDatabase: false,
  usdPerGibMonth: 0.095,
};

/** A database that is selected and ready; its resource id is derived from its name. */
export const database = (id: string, over: Partial<Database> = {}): Database => ({
  kind: 'instance',
  id,
  resourceId: `db-${id.toUpperCase()}`,
  arn: `arn:aws:rds:eu-west-1:111122223333:${over.kind === 'cluster' ? 'cluster' : 'db'}:${id}`,
  engine: 'postgres',
  status: 'available',
  tags: { 'mainstay:snapshots': 'true' },
  ...over,
});

/** A good snapshot of ours. */
export const snapshot = (
  of: Database,
  slotMs: number,
  over: Partial<Snapshot> & { extraTags?: Tags } = {},
): Snapshot => {
  const { extraTags, ...rest } = over;
  const id = rest.id ?? `ms-${of.id}-${slotMs / HOUR_MS}`;
  return {
    kind: of.kind,
    id,
    databaseId: of.id,
    resourceId: of.resourceId,
    arn: `arn:aws:rds:eu-west-1:111122223333:snapshot:${id}`,
    type: 'manual',
    status: 'available',
    tags: { ...tagsFor(of, id, slotMs, settings.stack), ...extraTags },
    ...rest,
  };
};

/** One snapshot for every hour, the newest `newestMs`. */
export const hourly = (of: Database, newestMs: number, count: number): Snapshot[] =>
  Array.from({ length: count }, (_, index) => snapshot(of, newestMs - index * HOUR_MS));

/** An inventory with room in both quotas, and people who have ordered nothing. */
export const inventory = (
  databases: readonly Database[],
  snapshots: readonly Snapshot[],
  quotas: readonly Quota[] = [
    { kind: 'instance', max: 10_000, used: snapshots.length },
    { kind: 'cluster', max: 10_000, used: 0 },
  ],
): Inventory => ({ databases, snapshots, quotas, unseen: [], orders: { pauses: [], confirmations: [] } });

/** Orders in which one part is paused. */
export const paused = (part: Part): Orders => ({
  pauses: [{ part, by: 'ann', why: 'storage migration', atMs: Date.parse('2026-08-14T08:00:00Z') }],
  confirmations: [],
});

/** An inventory without people's orders: nobody asked, or nobody answered. */
export const orderless = ({ orders: _, ...rest }: Inventory): Inventory => rest;
