/** How far one part of a table's reading has come. The cursor: kept after each page that is wholly in the index. */
export interface Fill {
  /** The alias by which the filled index is written to. */
  index: string;
  segment: number;
  segments: number;
  /** The key after which it goes on, as text; undefined at the beginning. */
  after: string | undefined;
  done: boolean;
  /** Items read, and of them those that the index did not have as they are. */
  items: number;
  written: number;
  stubbed: number;
  /** Rises with each change: two that work on the same part do not overwrite each other's cursor. */
  revision: number;
  /** When it was changed last, epoch milliseconds. */
  atMs: number;
}

/** A part that nobody has begun. */
export const freshFill = (index: string, segment: number, segments: number, atMs: number): Fill => ({
  index,
  segment,
  segments,
  after: undefined,
  done: false,
  items: 0,
  written: 0,
  stubbed: 0,
  revision: 0,
  atMs,
});

/** What all parts together came to. */
export interface FillProgress {
  index: string;
  segments: number;
  done: number;
  items: number;
  written: number;
  stubbed: number;
  /** When the slowest part that is not done moved last; undefined when all are. */
  quietSinceMs: number | undefined;
}

/** Sums up the parts of one index; undefined when nobody began. */
export const fillProgress = (parts: readonly Fill[]): FillProgress | undefined => {
  const [first] = parts;
  if (first === undefined) return undefined;
  const sum = (of: (part: Fill) => number) => parts.reduce((total, part) => total + of(part), 0);
  const open = parts.filter(({ done }) => !done);
  return {
    index: first.index,
    segments: parts.length,
    done: parts.length - open.length,
    items: sum(({ items }) => items),
    written: sum(({ written }) => written),
    stubbed: sum(({ stubbed }) => stubbed),
    quietSinceMs: open.length === 0 ? undefined : Math.min(...open.map(({ atMs }) => atMs)),
  };
};

/** True when every part is read to its end. */
export const isFilled = (progress: FillProgress | undefined): boolean =>
  progress !== undefined && progress.done === progress.segments;
