import { type Book, emptyBook, type Receipt } from '../../../functions/failover/core/drills/drill.ts';
import type { DrillStore } from '../../../functions/failover/run/drills/ports.ts';

/** The book of drills in memory: the same rules as the table's. */
export const memoryDrills = (): DrillStore => {
  let book: Book = emptyBook();
  const receipts = new Map<string, Receipt>();
  return {
    load: async () => structuredClone(book),
    save: async (next, expectedVersion) => {
      if (book.version !== expectedVersion) return 'conflict';
      book = structuredClone(next);
      return 'saved';
    },
    keep: async (receipt) => {
      const key = `${receipt.pair}#${receipt.startedMs}#${receipt.name}`;
      if (!receipts.has(key)) receipts.set(key, structuredClone(receipt));
    },
    receipts: async (pair, limit) =>
      [...receipts.values()]
        .filter((one) => one.pair === pair)
        .sort((one, other) => other.startedMs - one.startedMs)
        .slice(0, limit),
  };
};
