import type { ObjectWork } from '../core/reduce.ts';
import type { ObjectRow } from '../core/row.ts';
import type { Tally } from '../core/sentence.ts';

/** One object of the batch with the row image that its decision rests on. */
export interface Seen {
  work: ObjectWork;
  row: ObjectRow | undefined;
}

/** One object whose row is to be replaced. */
export interface Pending {
  work: ObjectWork;
  before: ObjectRow | undefined;
  after: ObjectRow;
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
