import type { Item } from '../core/attribute-value.ts';
import { type Comparison, freshComparison, isUnderWay } from '../core/comparison.ts';
import { fingerprintOf } from '../core/document.ts';
import { type KeySchema, keyText } from '../core/document-id.ts';
import { addPrint, differingBuckets } from '../core/drift.ts';
import { type JudgeOptions, judgeDocuments, judgeItems } from './drift.ts';
import type { Generations } from './ports.ts';
import type { SyncTarget } from './repair.ts';
import type { Comparisons, DriftPorts } from './upkeep-ports.ts';

export interface ComparePorts extends DriftPorts {
  comparisons: Comparisons;
}

export type Compared =
  | { kind: 'done'; comparison: Comparison }
  /** Time is up: a message goes on from the cursor. */
  | { kind: 'continue'; comparison: Comparison }
  /** Another works on it, or began it anew. */
  | { kind: 'overtaken' };

export type Begun =
  | { kind: 'begun'; index: string }
  /** The one before has not come to its end: it goes on by its own messages. */
  | { kind: 'under-way'; index: string };

/** Enough for one page of keys that all differ, and the message. */
const RESERVE_MS = 60_000;

/** Puts a comparison of what is searched at its beginning, unless one is under way. */
export const beginComparison = async (
  ports: ComparePorts & { generations: Generations },
  { table, index: alias }: SyncTarget,
): Promise<Begun> => {
  const { serving: index } = await ports.generations.of(alias);
  const before = await ports.comparisons.read(index);
  const nowMs = ports.patience.nowMs();
  if (isUnderWay(before, nowMs)) return { kind: 'under-way', index };
  const fresh = freshComparison(table, index, before?.revision ?? 0, nowMs);
  return { kind: (await ports.comparisons.save(fresh)) ? 'begun' : 'under-way', index };
};

/**
 * `checkDrift` in parts: goes on with the comparison of `target.index`, page by page, until it is done or time is nearly up.
 * One page after the other: nobody waits for it, and the table's own readers shall not feel it. What was counted is kept
 * together with the cursor, so that a part that is done twice counts once.
 */
export const comparePart = async (
  ports: ComparePorts,
  target: SyncTarget,
  options: JudgeOptions,
): Promise<Compared> => {
  const comparison = await ports.comparisons.read(target.index);
  if (comparison === undefined) return { kind: 'overtaken' };
  if (isOver(comparison)) return { kind: 'done', comparison };
  while (!isOver(comparison) && ports.patience.remainingMs() >= RESERVE_MS) {
    await onePage(ports, target, options, comparison);
  }
  comparison.report.examples = comparison.report.examples.map((one) => ({
    ...one,
    keys: asText(one.keys, target.keys),
  }));
  comparison.atMs = ports.patience.nowMs();
  if (!(await ports.comparisons.save(comparison))) return { kind: 'overtaken' };
  return { kind: isOver(comparison) ? 'done' : 'continue', comparison };
};

const isOver = ({ phase }: Comparison): boolean => phase === 'done';

/** Changes the comparison in place: it is ours alone until it is saved. */
const onePage = async (
  ports: ComparePorts,
  target: SyncTarget,
  options: JudgeOptions,
  comparison: Comparison,
): Promise<void> => {
  const { phase, after, sums, buckets, report } = comparison;
  if (phase === 'documents') {
    comparison.after = await judgeDocuments(ports, target, options, buckets, after, report);
    if (comparison.after === undefined) comparison.phase = 'done';
    return;
  }
  const page = await ports.scan.page({ segment: 0, segments: 1, after, consistent: false });
  report.readUnits += page.readUnits;
  comparison.after = page.next;
  if (phase === 'keys') {
    await judgeItems(ports, target, options, new Set(buckets), page.items, report);
    if (page.next === undefined) comparison.phase = 'documents';
    return;
  }
  for (const item of page.items) addPrint(sums, fingerprintOf(item, target, ports.hash));
  report.items += page.items.length;
  if (page.next === undefined) await addUp(ports, target, comparison);
};

/** The table is read: its sums beside those of the index say which keys have to be looked at. */
const addUp = async (ports: ComparePorts, target: SyncTarget, comparison: Comparison): Promise<void> => {
  const ofIndex = await ports.census.sums(target.index);
  for (const { count } of ofIndex.values()) comparison.report.documents += count;
  comparison.buckets = differingBuckets(comparison.sums, ofIndex);
  comparison.report.buckets = comparison.buckets.length;
  comparison.sums = new Map();
  comparison.phase = comparison.buckets.length === 0 ? 'done' : 'keys';
};

/** Binaries of a key as base64: what is kept is text. */
const asText = (keys: Item, schema: KeySchema): Item => JSON.parse(keyText(keys, schema)) as Item;
