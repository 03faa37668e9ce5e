import type { Item } from '../core/attribute-value.ts';
import { fingerprintOf } from '../core/document.ts';
import { documentId, keysOf } from '../core/document-id.ts';
import {
  addPrint,
  type BucketSums,
  type DriftReport,
  differenceOf,
  differingBuckets,
  emptyReport,
} from '../core/drift.ts';
import { failureOf, heal } from './heal.ts';
import { inFlight } from './in-flight.ts';
import type { ScanPage } from './ports.ts';
import type { SyncTarget } from './repair.ts';
import type { DriftPorts } from './upkeep-ports.ts';

/** How keys that differ are judged. */
export interface JudgeOptions {
  repair: boolean;
  /** A key that differs is looked at again after so long: it may have been on its way. */
  settleMs: number;
}

export interface DriftOptions extends JudgeOptions {
  /** Parts of the table that are read at once. */
  segments: number;
  progress?: (line: string) => void;
}

const EXAMPLES = 10;
const LOOKED_AT_ONCE = 500;

/**
 * Compares a table with one of its indexes: first the sums of 4,096 buckets, then, only in those that differ, key by key;
 * a key counts when it differs twice. `target.index` is a write alias. Writes nothing unless `repair`.
 */
export const checkDrift = async (
  ports: DriftPorts,
  target: SyncTarget,
  options: DriftOptions,
): Promise<DriftReport> => {
  const report = emptyReport(target.table, target.index);
  const ofTable: BucketSums = new Map();
  await eachPage(ports, options, ({ items, readUnits }) => {
    for (const item of items) addPrint(ofTable, fingerprintOf(item, target, ports.hash));
    report.items += items.length;
    report.readUnits += readUnits;
    options.progress?.(`${target.table}: ${report.items} items read`);
  });
  const ofIndex = await ports.census.sums(target.index);
  for (const { count } of ofIndex.values()) report.documents += count;
  const buckets = new Set(differingBuckets(ofTable, ofIndex));
  report.buckets = buckets.size;
  if (buckets.size > 0) await lookInto(ports, target, options, buckets, report);
  return report;
};

const lookInto = async (
  ports: DriftPorts,
  target: SyncTarget,
  options: DriftOptions,
  buckets: ReadonlySet<number>,
  report: DriftReport,
): Promise<void> => {
  options.progress?.(`${target.index}: ${buckets.size} of 4096 buckets differ; their keys are compared one by one`);
  await eachPage(ports, options, async ({ items, readUnits }) => {
    report.readUnits += readUnits;
    await judgeItems(ports, target, options, buckets, items, report);
  });
  let after: string | undefined;
  do {
    after = await judgeDocuments(ports, target, options, [...buckets], after, report);
  } while (after !== undefined);
};

/** One page of the table: its keys in these buckets. */
export const judgeItems = (
  ports: DriftPorts,
  target: SyncTarget,
  options: JudgeOptions,
  buckets: ReadonlySet<number>,
  items: readonly Item[],
  report: DriftReport,
): Promise<void> => {
  const inBuckets = items.filter((item) => buckets.has(fingerprintOf(item, target, ports.hash).bucket));
  return judge(
    ports,
    target,
    options,
    inBuckets.map((item) => keysOf(item, target.keys)),
    report,
  );
};

/** One page of the index's documents in these buckets; returns where the next one begins. */
export const judgeDocuments = async (
  ports: DriftPorts,
  target: SyncTarget,
  options: JudgeOptions,
  buckets: readonly number[],
  after: string | undefined,
  report: DriftReport,
): Promise<string | undefined> => {
  const page = await ports.census.members(target.index, buckets, after);
  // Only what the table lacks: the others were met in the table.
  const items = await ports.table.items(page.keys);
  await judge(
    ports,
    target,
    options,
    page.keys.filter((_, at) => items[at] === undefined),
    report,
  );
  return page.next;
};

/** Counts the keys that differ now and again after a pause, and repairs them when asked to. */
const judge = async (
  ports: DriftPorts,
  target: SyncTarget,
  options: JudgeOptions,
  keys: readonly Item[],
  report: DriftReport,
): Promise<void> => {
  for (let from = 0; from < keys.length; from += LOOKED_AT_ONCE) {
    const first = await differing(ports, target, keys.slice(from, from + LOOKED_AT_ONCE));
    if (first.length === 0) continue;
    await ports.patience.sleep(options.settleMs);
    const found = await differing(
      ports,
      target,
      first.map((one) => one.keys),
    );
    for (const one of found) {
      report[one.difference === 'ghost' ? 'ghosts' : one.difference] += 1;
      if (report.examples.length < EXAMPLES) report.examples.push(one);
    }
    if (!options.repair) continue;
    const repaired = await heal(
      ports,
      target,
      found.map((one) => one.keys),
    );
    report.failed ??= failureOf(repaired);
    report.repaired += repaired.filter(({ end }) => end.kind === 'agreed' || end.kind === 'stubbed').length;
  }
};

/** The document first, then the item: what changes in between looks like a difference, never like agreement. */
const differing = async (ports: DriftPorts, target: SyncTarget, keys: readonly Item[]) => {
  if (keys.length === 0) return [];
  const stamps = await ports.index.stamps(
    target.index,
    keys.map((key) => documentId(key, target.keys, ports.hash)),
  );
  const items = await ports.table.items(keys);
  return keys.flatMap((key, at) => {
    const item = items[at];
    const digest = item && fingerprintOf(item, target, ports.hash).digest;
    const difference = differenceOf(digest, stamps[at]?.digest);
    return difference === undefined ? [] : [{ difference, keys: key }];
  });
};

const eachPage = (
  { scan }: DriftPorts,
  { segments }: DriftOptions,
  work: (page: ScanPage) => unknown,
): Promise<unknown> =>
  inFlight(
    Array.from({ length: segments }, (_, segment) => segment),
    segments,
    async (segment) => {
      let after: string | undefined;
      do {
        const page = await scan.page({ segment, segments, after, consistent: false });
        await work(page);
        after = page.next;
      } while (after !== undefined);
    },
  );
