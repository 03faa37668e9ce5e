import { RDSClient } from '@aws-sdk/client-rds';
import { rdsSnapshots } from '../functions/snapshots/aws/rds.ts';
import { rdsQuotas } from '../functions/snapshots/aws/rds-quotas.ts';
import { rdsDatabases } from '../functions/snapshots/aws/rds-reading.ts';
import { HOUR_MS } from '../functions/snapshots/core/calendar.ts';
import { snapshotName } from '../functions/snapshots/core/names.ts';
import type { Settings } from '../functions/snapshots/core/policy.ts';
import { tagsFor } from '../functions/snapshots/core/tags.ts';
import { openInMemoryRds } from '../functions/snapshots/run/in-memory.ts';
import { runSnapshots } from '../functions/snapshots/run/run.ts';
import type { Measure } from './measure.ts';
import { type CountedRds, openCountedRds } from './snapshots-rds.ts';
import { usualHour } from './snapshots-usual.ts';

// A steady hour of a large estate: every database gets a snapshot, every database lets one go. The floor is what nobody can
// do without: the pages of what must be read, and one call for each change.

const FLOOR_RATIO = 1.05;
const PAGE = 100;
const KEPT = 24;
const AUTOMATED = 7;
const SLOT = Date.parse('2026-08-14T10:00:00Z');

const settings: Settings = {
  stack: 'mainstay-bench',
  tagKey: 'mainstay:snapshots',
  prefix: 'ms',
  expiry: 'armed',
  policy: { keepHourly: KEPT },
  minKeep: 2,
  maxDeletionsPerRun: 50,
  creationBrokenAfterHours: 6,
  includeReplicas: false,
  failedKeepHours: 24,
  onQuota: 'wait',
  metricsPerDatabase: false,
  usdPerGibMonth: 0.095,
};

/** Opens an estate in its steady state: each database with what the policy keeps, and the one that this hour lets go. */
const openEstate = async (databases: number): Promise<CountedRds> => {
  const rds = openCountedRds(SLOT - HOUR_MS);
  for (let number = 0; number < databases; number++) {
    const database = await rds.createDatabase(`orders-${String(number).padStart(4, '0')}`, {
      'mainstay:snapshots': 'true',
      CopyDBSnapshot: 'True',
    });
    for (let age = 1; age <= KEPT + 1; age++) {
      const slotMs = SLOT - age * HOUR_MS;
      const name = snapshotName(settings.prefix, database.id, database.resourceId, slotMs);
      rds.plant(database, {
        id: name,
        type: 'manual',
        createdAt: slotMs,
        tags: { ...tagsFor(database, name, slotMs, settings.stack), CreatedBy: 'Snapshot Tool for RDS' },
      });
    }
    for (let day = 1; day <= AUTOMATED; day++)
      rds.plant(database, { id: `rds:${database.id}-${day}`, type: 'automated', createdAt: SLOT - day * 24 * HOUR_MS });
  }
  await rds.advanceTo(SLOT);
  rds.calls.clear();
  return rds;
};

const clientOf = (rds: CountedRds): RDSClient =>
  new RDSClient({
    region: rds.region,
    credentials: { accessKeyId: rds.account, secretAccessKey: 'local' },
    requestHandler: rds.requestHandler,
  });

const sum = (calls: ReadonlyMap<string, number>): number => [...calls.values()].reduce((all, one) => all + one, 0);

/** Our hour: the run that the Lambda makes, over the AWS adapters. */
const ourHour = async (databases: number) => {
  const rds = await openEstate(databases);
  const client = clientOf(rds);
  const { ports } = openInMemoryRds();
  const counted = <A extends unknown[], R>(what: string, call: (...args: A) => R) => {
    return (...args: A): R => {
      rds.calls.set(what, (rds.calls.get(what) ?? 0) + 1);
      return call(...args);
    };
  };
  // What is no call of RDS is counted too: the key of the snapshots, the orders of people, the notice.
  const run = runSnapshots(
    {
      ...ports,
      databases: rdsDatabases(client),
      snapshots: rdsSnapshots(client),
      quotas: rdsQuotas(client),
      keys: { state: counted('DescribeKey', async () => 'usable' as const) },
      control: { ...ports.control, orders: counted('GetItem', () => ports.control.orders()) },
      reports: { publish: counted('Publish', (notice) => ports.reports.publish(notice)) },
    },
    settings,
    { remainingMs: () => 900_000 },
  );
  const { outcome } = await run({ nowMs: SLOT, dryRun: false });
  return { calls: sum(rds.calls), listTags: rds.calls.get('ListTagsForResource') ?? 0, counts: outcome.counts };
};

/** The usual approach's hour, on an estate of its own. */
const theirHour = async (databases: number) => {
  const rds = await openEstate(databases);
  const done = await usualHour(clientOf(rds), SLOT, KEPT);
  return { calls: sum(rds.calls), listTags: rds.calls.get('ListTagsForResource') ?? 0, ...done };
};

/** Calls of a steady hour: ours against the floor, and against the usual approach. */
export const apiCalls = async (progress: (line: string) => void, databases = 1_000): Promise<Measure[]> => {
  const ours = await ourHour(databases);
  progress(`our hour: ${ours.counts.created} created, ${ours.counts.deleted} deleted, ${ours.calls} calls`);
  const theirs = await theirHour(databases);
  progress(`the usual hour: ${theirs.created} created, ${theirs.deleted} deleted, ${theirs.calls} calls`);
  const isWhole = [ours.counts.created, ours.counts.deleted, theirs.created, theirs.deleted].every(
    (count) => count === databases,
  );
  const pages = (items: number) => Math.max(1, Math.ceil(items / PAGE));
  // Instances, clusters, both kinds of manual snapshots, the quotas; then the changes.
  const floor = pages(databases) + 1 + pages(databases * (KEPT + 1)) + 1 + 1 + 2 * databases;
  return [
    {
      name: `API calls of an hour, ${databases} databases × ${KEPT}`,
      value: ours.calls,
      unit: 'calls (baseline: the floor)',
      baseline: floor,
      ratio: ours.calls / floor,
      goal: `≤ ${FLOOR_RATIO} ×`,
      met: isWhole && ours.calls / floor <= FLOOR_RATIO,
    },
    {
      name: 'the same hour by ListTags per database and snapshot',
      value: ours.calls,
      unit: 'calls (baseline: the usual approach)',
      baseline: theirs.calls,
      ratio: ours.calls / theirs.calls,
      met: isWhole,
    },
    {
      name: 'ListTagsForResource in that hour',
      value: ours.listTags,
      unit: 'calls (baseline: the usual approach)',
      baseline: theirs.listTags,
      ratio: ours.listTags / theirs.listTags,
      goal: '0',
      met: ours.listTags === 0,
    },
  ];
};
