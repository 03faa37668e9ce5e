import type { Item } from '../core/attribute-value.ts';
import { fingerprintOf } from '../core/document.ts';
import { keysOf } from '../core/document-id.ts';
import type { Fill } from '../core/fill.ts';
import { failureOf, heal } from './heal.ts';
import type { SyncTarget } from './repair.ts';
import type { FillPorts } from './upkeep-ports.ts';

/** Thrown when a page could not be brought into the index: its cursor stays before it, and the message comes again. */
export class FillStoppedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FillStoppedError';
  }
}

export type Filled =
  | { kind: 'done'; fill: Fill }
  /** Time is up: a message goes on from the cursor. */
  | { kind: 'continue'; fill: Fill }
  /** Another works on this part, or it was begun anew: it goes on there. */
  | { kind: 'overtaken' };

/** Enough for one page, its repairs and the message. */
const RESERVE_MS = 30_000;

/**
 * Fills one part of an index from its table, page by page, until it is read or time is nearly up. `target.index` is a write
 * alias. A page is read strongly consistent: what was changed before the index began is in it. What differs goes through
 * `repair`, so a change of the stream beside it is never undone. The cursor moves when the page is wholly in the index.
 */
export const fillPart = async (ports: FillPorts, target: SyncTarget, segment: number): Promise<Filled> => {
  let fill = await ports.fills.part(target.index, segment);
  while (fill !== undefined && !fill.done) {
    if (ports.patience.remainingMs() < RESERVE_MS) return { kind: 'continue', fill };
    const { segments, after } = fill;
    const page = await ports.scan.page({ segment, segments, after, consistent: true });
    const { written, stubbed } = await fillPage(ports, target, page.items);
    const moved: Fill = {
      ...fill,
      after: page.next,
      done: page.next === undefined,
      items: fill.items + page.items.length,
      written: fill.written + written,
      stubbed: fill.stubbed + stubbed,
      atMs: ports.patience.nowMs(),
    };
    if (!(await ports.fills.save(moved))) return { kind: 'overtaken' };
    fill = { ...moved, revision: fill.revision + 1 };
  }
  return fill === undefined ? { kind: 'overtaken' } : { kind: 'done', fill };
};

const fillPage = async (ports: FillPorts, target: SyncTarget, items: readonly Item[]) => {
  const prints = items.map((item) => fingerprintOf(item, target, ports.hash));
  const stamps = await ports.index.stamps(
    target.index,
    prints.map(({ id }) => id),
  );
  // What stands there with the same digest is right: a part that is begun anew costs little.
  const differing = items.filter((_, at) => stamps[at]?.digest !== prints[at]?.digest || prints[at]?.digest === '');
  const repaired = await heal(
    ports,
    target,
    differing.map((item) => keysOf(item, target.keys)),
  );
  const failure = failureOf(repaired);
  if (failure !== undefined) throw new FillStoppedError(failure);
  const changed = repaired.filter(({ differed }) => differed);
  return { written: changed.length, stubbed: changed.filter(({ end }) => end.kind === 'stubbed').length };
};
