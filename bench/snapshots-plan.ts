import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HOUR_MS } from '../functions/snapshots/core/calendar.ts';
import type { Database, Inventory, Snapshot } from '../functions/snapshots/core/inventory.ts';
import { snapshotName } from '../functions/snapshots/core/names.ts';
import { plan } from '../functions/snapshots/core/plan.ts';
import type { Settings } from '../functions/snapshots/core/policy.ts';
import { tagsFor } from '../functions/snapshots/core/tags.ts';
import { inTurn, type Measure } from './measure.ts';

// What planning costs, beside JSON.parse of the very same inventory: the least that anybody pays who has read it.

const PARSE_RATIO = 2;
const OVER_BYTES = 200 * 1024 * 1024;
const LINEAR_RATIO = 1.5;
const NOW = Date.parse('2026-08-14T10:00:00Z');

const settings: Settings = {
  stack: 'mainstay-bench',
  tagKey: 'mainstay:snapshots',
  prefix: 'ms',
  expiry: 'armed',
  policy: { keepHourly: 24, keepDaily: 30, keepWeekly: 12, keepMonthly: 36 },
  minKeep: 2,
  maxDeletionsPerRun: 50,
  creationBrokenAfterHours: 6,
  includeReplicas: false,
  failedKeepHours: 24,
  onQuota: 'wait',
  metricsPerDatabase: false,
  usdPerGibMonth: 0.095,
};

/** As it comes from the wire: each string is one of its own, and flat. One by one, so that no text of them all is held. */
const asRead = <T>(one: T): T => JSON.parse(JSON.stringify(one));

/** An estate as RDS would show it: every database selected, with a history of hourly snapshots that the policy partly keeps. */
export const estateOf = (databases: number, snapshotsEach: number): Inventory => {
  const all: Database[] = [];
  const snapshots: Snapshot[] = [];
  for (let number = 0; number < databases; number++) {
    const id = `orders-${String(number).padStart(4, '0')}`;
    const resourceId = `db-${id.toUpperCase().replace('-', '')}ABCDEFGHIJKLMNOP`;
    const database = asRead<Database>({
      kind: 'instance',
      id,
      resourceId,
      arn: `arn:aws:rds:eu-west-1:111122223333:db:${id}`,
      engine: 'postgres',
      engineVersion: '17.4',
      status: 'available',
      allocatedGib: 100,
      encrypted: true,
      tags: { 'mainstay:snapshots': 'true', team: 'payments', Name: id },
    });
    all.push(database);
    for (let age = 1; age <= snapshotsEach; age++) {
      const slotMs = NOW - age * HOUR_MS;
      const name = snapshotName(settings.prefix, id, resourceId, slotMs);
      const snapshot = asRead<Snapshot>({
        kind: 'instance',
        id: name,
        databaseId: id,
        resourceId,
        arn: `arn:aws:rds:eu-west-1:111122223333:snapshot:${name}`,
        type: 'manual',
        status: 'available',
        engine: 'postgres',
        createdMs: slotMs + 60_000,
        encrypted: true,
        kmsKeyId: KEY,
        allocatedGib: 100,
        tags: tagsFor(database, name, slotMs, settings.stack),
      });
      snapshots.push(snapshot);
    }
  }
  return {
    databases: all,
    snapshots,
    quotas: [{ kind: 'instance', max: 10_000_000, used: snapshots.length }],
    unseen: [],
    keys: { [KEY]: 'usable' },
    orders: { pauses: [], confirmations: [] },
  };
};

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888';

const timed = (work: () => unknown): number => {
  const started = performance.now();
  const result = work();
  const ms = performance.now() - started;
  if (result === undefined) throw new Error('the work gave nothing');
  return ms;
};

/** Milliseconds of planning and of parsing, in turn in one process; each plan on an inventory that it has never seen. */
const planAndParse = async (databases: number, repeats: number) => {
  const text = JSON.stringify(estateOf(databases, 100));
  return inTurn(
    async () => {
      const inventory = JSON.parse(text) as Inventory;
      return timed(() => plan(inventory, settings, NOW));
    },
    async () => timed(() => JSON.parse(text)),
    { warmUps: 2, repeats },
  );
};

/** Planning against parsing, at three sizes; the largest has the goal. */
export const planningCost = async (progress: (line: string) => void): Promise<Measure[]> => {
  const measures: Measure[] = [];
  const perSnapshot: number[] = [];
  for (const databases of [500, 1_000, 2_000]) {
    const { a, b } = await planAndParse(databases, 7);
    progress(`plan ${databases} × 100`);
    // The quickest of each size: what a busy machine adds is not of the plan.
    perSnapshot.push((a.min * 1e6) / (databases * 100));
    measures.push({
      name: `plan ${databases} databases × 100`,
      value: a.median,
      unit: 'ms (baseline: JSON.parse)',
      baseline: b.median,
      ratio: a.median / b.median,
      ...(databases === 2_000 && { goal: `≤ ${PARSE_RATIO} ×` }),
      met: databases < 2_000 || a.median / b.median <= PARSE_RATIO,
    });
  }
  const [smallest = 0, middle = 0, largest = 0] = perSnapshot;
  for (const [size, value] of [
    ['1,000', middle],
    ['2,000', largest],
  ] as const) {
    measures.push({
      name: `plan, per snapshot at ${size} × 100`,
      value,
      unit: 'ns (baseline: 500 × 100)',
      baseline: smallest,
      ratio: value / smallest,
      goal: `≤ ${LINEAR_RATIO} ×`,
      met: value / smallest <= LINEAR_RATIO,
    });
  }
  measures.push(planningMemory());
  progress('memory');
  return measures;
};

/** Bytes that planning needs over the inventory: what the plan holds, and whether a heap with no more room than the goal is enough. */
const planningMemory = (): Measure => {
  const { inventory, held } = JSON.parse(inChild(4_096).stdout) as { inventory: number; held: number };
  const limitMb = Math.ceil((inventory + OVER_BYTES) / 1024 / 1024);
  const enough = inChild(limitMb).status === 0;
  return {
    name: `plan 2000 × 100 within ${limitMb} MiB of heap`,
    value: held / 1024 / 1024,
    unit: 'MiB held by the plan (baseline: the inventory)',
    baseline: inventory / 1024 / 1024,
    ratio: held / inventory,
    goal: '≤ 200 MiB, garbage included',
    met: enough && held <= OVER_BYTES,
  };
};

const inChild = (heapMb: number) =>
  spawnSync(
    process.execPath,
    ['--expose-gc', `--max-old-space-size=${heapMb}`, fileURLToPath(new URL('./snapshots-heap.ts', import.meta.url))],
    { encoding: 'utf8', maxBuffer: 1 << 20 },
  );

/** What the child measures. */
export const heapOfPlan = (collect: () => void): { inventory: number; held: number } => {
  const empty = heap(collect);
  const inventory = estateOf(2_000, 100);
  const full = heap(collect);
  const planned = plan(inventory, settings, NOW);
  const after = heap(collect);
  if (planned.databases.length !== inventory.databases.length) throw new Error('the plan is not whole');
  return { inventory: full - empty, held: after - full };
};

const heap = (collect: () => void): number => {
  collect();
  return process.memoryUsage().heapUsed;
};
