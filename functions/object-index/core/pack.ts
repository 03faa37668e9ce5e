import { type CounterChange, difference, sumOf } from './contribution.ts';
import type { ObjectRow } from './row.ts';

/** A row to replace: `before` is the image that was read, and the transaction holds only while it is still that. */
export interface RowChange {
  before: ObjectRow | undefined;
  after: ObjectRow;
}

/** Rows of one object that change together or not at all. */
export interface Step {
  changes: readonly RowChange[];
}

/** What goes into one transaction: every row once, every counter row once. */
export interface Packed<One extends Step> {
  steps: One[];
  counters: CounterChange[];
}

/** TransactWriteItems takes 100 items (docs: transaction-apis). */
export const MAX_ITEMS = 100;

/**
 * Steps packed into transactions of at most `maxRows` rows, and of 100 items with their counter rows. Objects of one
 * customer stay together, since each customer in a transaction costs a counter row.
 */
export const pack = <One extends Step>(steps: readonly One[], maxRows: number): Packed<One>[] => {
  const weighed = steps
    .map((step) => ({ step, customer: customerText(step), moved: sumOf(step.changes.flatMap(differenceOf)) }))
    .sort((a, b) => (a.customer < b.customer ? -1 : a.customer > b.customer ? 1 : 0));
  const packs: Packed<One>[] = [];
  let open: typeof weighed = [];
  let rows = 0;
  let counterRows = new Set<string>();
  const close = () => {
    if (open.length > 0) {
      packs.push({ steps: open.map(({ step }) => step), counters: sumOf(open.flatMap(({ moved }) => moved)) });
    }
    open = [];
    rows = 0;
    counterRows = new Set();
  };
  for (const one of weighed) {
    const own = one.step.changes.length;
    const names = one.moved.map(counterName);
    const isFull = () => rows + own > maxRows || rows + own + new Set([...counterRows, ...names]).size > MAX_ITEMS;
    // A step that is larger than `maxRows` by itself goes alone.
    if (open.length > 0 && isFull()) close();
    for (const name of names) counterRows.add(name);
    rows += own;
    open.push(one);
  }
  close();
  return packs;
};

const differenceOf = ({ before, after }: RowChange): CounterChange[] => difference(before, after);
const counterName = ({ customer, month }: CounterChange) => JSON.stringify([customer ?? null, month ?? null]);
const customerText = ({ changes }: Step): string => {
  for (const { before, after } of changes) {
    const row = after.state === 'live' ? after : before;
    if (row?.state === 'live') return row.object.customer;
  }
  return '';
};
