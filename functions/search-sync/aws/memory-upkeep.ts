import type { Item } from '../core/attribute-value.ts';
import { comparisonText, readComparison } from '../core/comparison.ts';
import { addPrint, type BucketSums } from '../core/drift.ts';
import type { Fill } from '../core/fill.ts';
import type { Census, Generations, TableScan, Written } from '../run/ports.ts';
import type { Comparisons, Fills } from '../run/upkeep-ports.ts';

/** The generations of one table in memory. */
export const memoryGenerations = (
  serving: string,
): Generations & {
  begin(shadow: string): void;
  swap(written: Written): boolean;
  drop(): void;
} => {
  let now: Written = { serving };
  return {
    of: async () => now,
    abandon: async (_, shadow) => {
      if (now.shadow !== shadow) return false;
      now = { serving: now.serving };
      return true;
    },
    begin: (shadow) => {
      now = { ...now, shadow };
    },
    swap: (written) => {
      if (now.shadow === undefined || now.shadow !== written.shadow || now.serving !== written.serving) return false;
      now = { serving: now.shadow, shadow: now.serving };
      return true;
    },
    drop: () => {
      now = { serving: now.serving };
    },
  };
};

interface SyncBlock {
  k: Item;
  i: string;
  b: number;
  h1: number;
  h2: number;
}

const PAGE = 3;

/** What an index in memory holds. Pages are small, so that tests pass through several. */
export const memoryCensus = (documents: (index: string) => ReadonlyMap<string, string>): Census => {
  const blocks = (index: string): SyncBlock[] =>
    [...documents(index).values()].map((source) => (JSON.parse(source) as { _sync: SyncBlock })._sync);
  return {
    sums: async (index) => {
      const sums: BucketSums = new Map();
      for (const { b, h1, h2 } of blocks(index)) addPrint(sums, { bucket: b, h1, h2 });
      return sums;
    },
    members: async (index, buckets, after = '') => {
      const found = blocks(index)
        .filter(({ b, i }) => buckets.includes(b) && i > after)
        .sort((a, b) => (a.i < b.i ? -1 : 1));
      const page = found.slice(0, PAGE);
      const last = page.at(-1);
      return { keys: page.map(({ k }) => k), ...(found.length > PAGE && last !== undefined && { next: last.i }) };
    },
  };
};

/** A parallel scan of items in memory: an item is in the part that its place says. */
export const memoryScan = (all: () => readonly { id: string; item: Item }[]): TableScan => ({
  page: async ({ segment, segments, after = '' }) => {
    const mine = all()
      .filter(({ id }) => id > after && (id.charCodeAt(id.length - 1) || 0) % segments === segment)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = mine.slice(0, PAGE);
    return {
      items: page.map(({ item }) => item),
      next: mine.length > PAGE ? page.at(-1)?.id : undefined,
      readUnits: page.length,
    };
  },
});

/** Cursors in memory. */
export const memoryFills = (): Fills => {
  const kept = new Map<string, Fill>();
  const nameOf = (index: string, segment: number) => `${index}/${segment}`;
  return {
    parts: async (index) => [...kept.values()].filter((fill) => fill.index === index),
    part: async (index, segment) => kept.get(nameOf(index, segment)),
    begin: async (parts) => {
      for (const part of parts) kept.set(nameOf(part.index, part.segment), part);
    },
    save: async (fill) => {
      const name = nameOf(fill.index, fill.segment);
      if (kept.get(name)?.revision !== fill.revision) return false;
      kept.set(name, { ...fill, revision: fill.revision + 1 });
      return true;
    },
  };
};

/** Comparisons in memory, kept as the text that a table would keep. */
export const memoryComparisons = (): Comparisons => {
  const kept = new Map<string, { revision: number; text: string }>();
  return {
    read: async (index) => {
      const one = kept.get(index);
      return one && readComparison(one.text);
    },
    save: async (comparison) => {
      const before = kept.get(comparison.index);
      if (before !== undefined && before.revision !== comparison.revision) return false;
      const revision = comparison.revision + 1;
      kept.set(comparison.index, { revision, text: comparisonText({ ...comparison, revision }) });
      return true;
    },
  };
};
