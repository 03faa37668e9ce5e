import type { KeyRows } from '../core/key-step.ts';
import type { RowChange } from '../core/pack.ts';
import type { ObjectWork } from '../core/reduce.ts';
import type { Tally } from '../core/sentence.ts';

/** One object of the batch with the row images that its step rests on. */
export interface Seen {
  work: ObjectWork;
  rows: KeyRows;
}

/** One object whose rows are to be replaced, together. */
export interface Pending {
  work: ObjectWork;
  /** What was read, of which `changes` replaces some. */
  rows: KeyRows;
  changes: readonly RowChange[];
  kind: 'set' | 'removed' | 'confirmed';
  /** At most so many rows in its transaction: the search for the one that the table refuses. */
  maxTogether?: number;
}

/** Every message that rests on this object comes back. */
export const failWork = (tally: Tally, work: ObjectWork, because: string): void => {
  for (const messageId of work.messageIds) {
    if (!tally.failures.some((failure) => failure.messageId === messageId)) tally.failures.push({ messageId, because });
  }
};

/** Runs `task` over items, `width` at a time, in order of start. */
export const inParallel = async <Item>(
  items: readonly Item[],
  width: number,
  task: (item: Item, lane: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const worker = async (_: unknown, lane: number) => {
    for (let index = next++; index < items.length; index = next++) await task(items[index] as Item, lane);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
};
