import { HOUR_MS } from '../functions/snapshots/core/calendar.ts';
import type { Database, Snapshot } from '../functions/snapshots/core/inventory.ts';
import type { Settings } from '../functions/snapshots/core/policy.ts';
import { tagsFor } from '../functions/snapshots/core/tags.ts';
import { type InMemoryRds, openInMemoryRds } from '../functions/snapshots/run/in-memory.ts';
import { runSnapshots } from '../functions/snapshots/run/run.ts';
import type { Measure } from './measure.ts';

// Two bad months, ours beside the rule that most tools have: take one of each, delete what is older than so many hours.

const START = Date.parse('2026-08-14T00:00:00Z');
const KEEP_HOURS = 24;

const settings: Settings = {
  stack: 'mainstay-bench',
  tagKey: 'mainstay:snapshots',
  prefix: 'ms',
  expiry: 'armed',
  policy: { keepHourly: KEEP_HOURS },
  minKeep: 1,
  maxDeletionsPerRun: 50,
  creationBrokenAfterHours: 6,
  includeReplicas: false,
  failedKeepHours: 24,
  onQuota: 'wait',
  metricsPerDatabase: false,
  usdPerGibMonth: 0.095,
};

const databasesOf = (count: number): Database[] =>
  Array.from({ length: count }, (_, number) => ({
    kind: 'instance',
    id: `orders-${String(number).padStart(2, '0')}`,
    resourceId: `db-${number}`,
    arn: `arn:aws:rds:eu-west-1:111122223333:db:orders-${number}`,
    engine: 'postgres',
    status: 'available',
    tags: { 'mainstay:snapshots': 'true' },
  }));

const snapshotOf = (database: Database, slotMs: number): Snapshot => {
  const id = `ms-${database.id}-${slotMs / HOUR_MS}`;
  return {
    ...{ kind: 'instance', id, databaseId: database.id, resourceId: database.resourceId, type: 'manual' },
    ...{ arn: `arn:aws:rds:eu-west-1:111122223333:snapshot:${id}`, status: 'available', createdMs: slotMs },
    tags: tagsFor(database, id, slotMs, settings.stack),
  };
};

const hourWith = (over: Partial<Settings>) => (rds: InMemoryRds) => {
  const run = runSnapshots(rds.ports, { ...settings, ...over }, { remainingMs: () => 900_000 });
  return (nowMs: number) => run({ nowMs, dryRun: false }).then(() => undefined);
};
const ourHour = hourWith({});
const evictingHour = hourWith({ onQuota: 'evict-oldest' });

/** The age-only rule: every database in the order of names, every refusal tried again with the next; age alone deletes. */
const ageOnlyHour = (rds: InMemoryRds) => async (nowMs: number) => {
  const { snapshots } = rds.ports;
  for (const database of rds.databases) {
    const { id: name, tags } = snapshotOf(database, nowMs);
    await snapshots.create({ kind: 'instance', databaseId: database.id, name, tags });
  }
  for (const { id, tags } of await snapshots.list('instance')) {
    const takenMs = Date.parse(tags['mainstay:slot'] ?? '');
    if (nowMs - takenMs > KEEP_HOURS * HOUR_MS) await snapshots.delete('instance', id);
  }
};

type Hour = (rds: InMemoryRds) => (nowMs: number) => Promise<void>;

/** Creation is refused for thirty days, while the hourly run goes on: how many databases are left without any backup. */
const brokenCreation = async (hourOf: Hour): Promise<number> => {
  const rds = openInMemoryRds(10_000);
  rds.databases = databasesOf(10);
  rds.snapshots = rds.databases.flatMap((one) =>
    Array.from({ length: KEEP_HOURS }, (_, age) => snapshotOf(one, START - (age + 1) * HOUR_MS)),
  );
  for (const { id } of rds.databases)
    rds.faults.set(`create ${id}`, { answer: { kind: 'refused', detail: 'InvalidParameterValue' } });
  const hour = hourOf(rds);
  for (let passed = 0; passed < 30 * 24; passed++) await hour(START + passed * HOUR_MS);
  return rds.databases.filter(({ id }) => !rds.snapshots.some(({ databaseId }) => databaseId === id)).length;
};

/** Fifty databases that want 24 each, and a quota of 100, for three days: the worst age of a newest snapshot, and calls refused for want of room. */
const quotaSqueeze = async (hourOf: Hour): Promise<{ worstHours: number; refused: number }> => {
  const rds = openInMemoryRds(100);
  rds.databases = databasesOf(50);
  let refused = 0;
  const { create } = rds.ports.snapshots;
  rds.ports.snapshots.create = async (request) => {
    const answer = await create(request);
    if (answer.kind === 'quota-full') refused += 1;
    return answer;
  };
  const hour = hourOf(rds);
  const hours = 72;
  for (let passed = 0; passed < hours; passed++) {
    await hour(START + passed * HOUR_MS);
    rds.settle();
  }
  const nowMs = START + hours * HOUR_MS;
  const newest = rds.databases.map(({ id }) =>
    Math.max(
      START - HOUR_MS,
      ...rds.snapshots
        .filter(({ databaseId }) => databaseId === id)
        .map(({ tags }) => Date.parse(tags['mainstay:slot'] ?? '')),
    ),
  );
  return { worstHours: (nowMs - Math.min(...newest)) / HOUR_MS, refused };
};

/** The two scenarios as figures: ours, and the age-only rule as baseline. */
export const harm = async (progress: (line: string) => void): Promise<Measure[]> => {
  const [bare, bareBaseline] = [await brokenCreation(ourHour), await brokenCreation(ageOnlyHour)];
  progress('thirty days of broken creation');
  const [squeeze, squeezeBaseline] = [await quotaSqueeze(ourHour), await quotaSqueeze(ageOnlyHour)];
  const evicting = await quotaSqueeze(evictingHour);
  progress('three days of a short quota');
  const ageOnly = '(baseline: age only)';
  return [
    {
      name: 'creation broken for 30 days: databases without any backup',
      value: bare,
      unit: `of 10 ${ageOnly}`,
      baseline: bareBaseline,
      ratio: bare / bareBaseline,
      goal: '0',
      met: bare === 0,
    },
    {
      name: '50 databases, quota 100, 3 days: calls refused',
      value: squeeze.refused,
      unit: `calls ${ageOnly}`,
      baseline: squeezeBaseline.refused,
      ratio: squeeze.refused / squeezeBaseline.refused,
      goal: '0',
      met: squeeze.refused === 0,
    },
    {
      name: '… oldest newest snapshot, onQuota: wait (a person has to raise it)',
      value: squeeze.worstHours,
      unit: `h ${ageOnly}`,
      baseline: squeezeBaseline.worstHours,
      ratio: squeeze.worstHours / squeezeBaseline.worstHours,
      met: true,
    },
    {
      name: '… oldest newest snapshot, onQuota: evict-oldest',
      value: evicting.worstHours,
      unit: `h ${ageOnly}`,
      baseline: squeezeBaseline.worstHours,
      ratio: evicting.worstHours / squeezeBaseline.worstHours,
      goal: '≤ 1 h, refused 0',
      met: evicting.worstHours <= 1 && evicting.refused === 0,
    },
  ];
};
