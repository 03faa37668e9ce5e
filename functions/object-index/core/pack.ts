import { type CounterChange, difference, sumOf } from './contribution.ts';
import type { ObjectRow } from './row.ts';

/** A row to replace: `before` is the image that was read, and the transaction holds only while it is still that. */
export interface RowChange {
  before: ObjectRow | undefined;
  after: ObjectRow;
}

/** What goes into one transaction: every row once, every counter row once. */
export interface Packed<Change extends RowChange> {
  changes: Change[];
  counters: CounterChange[];
}

/** TransactWriteItems takes 100 items (docs: transaction-apis). */
export const MAX_ITEMS = 100;

/**
 * Changes packed into transactions of at most `maxRows` rows, and of 100 items with their counter rows. Objects of one
 * customer stay together, since each customer in a transaction costs a counter row.
 */
export const pack = <Change extends RowChange>(changes: readonly Change[], maxRows: number): Packed<Change>[] => {
  const sorted = [...changes].sort((a, b) =>
    customerText(a) < customerText(b) ? -1 : customerText(a) > customerText(b) ? 1 : 0,
  );
  const packs: Packed<Change>[] = [];
  let open: Change[] = [];
  let counterRows = new Set<string>();
  const close = () => {
    if (open.length > 0) packs.push({ changes: open, counters: sumOf(open.flatMap(differenceOf)) });
    open = [];
    counterRows = new Set();
  };
  for (const change of sorted) {
    const touched = new Set([...counterRows, ...differenceOf(change).map(counterName)]);
    if (open.length >= maxRows || open.length + 1 + touched.size > MAX_ITEMS) {
      close();
      counterRows = new Set(differenceOf(change).map(counterName));
    } else {
      counterRows = touched;
    }
    open.push(change);
  }
  close();
  return packs;
};

const differenceOf = ({ before, after }: RowChange): CounterChange[] => difference(before, after);
const counterName = ({ customer, month }: CounterChange) => JSON.stringify([customer ?? null, month ?? null]);
const customerText = ({ before, after }: RowChange): string => {
  const row = after.state === 'live' ? after : before;
  return row?.state === 'live' ? row.object.customer : '';
};
