import type { Deadline } from '../../../shared/lambda/deadline.ts';
import type { Part } from '../core/job.ts';
import { totalsOfShards } from '../core/totals.ts';
import { RESERVE_MS, type Work } from './job.ts';
import type { ClosingBook, IndexReader } from './ports.ts';
import { inParallel } from './work.ts';

const CUSTOMERS_AT_ONCE = 500;

/** A day's closing: the totals of each customer, and of everything, as they are when it runs; each is written once. */
export const closingWork =
  ({ reader, closings, now }: { reader: IndexReader; closings: ClosingBook; now: () => number }): Work =>
  async (job, deadline: Deadline): Promise<Part> => {
    let { after } = job.cursor as { after?: string };
    const counted = { closed: 0, already: 0 };
    const close = async (customer: string | undefined): Promise<void> => {
      const atMs = now();
      const counters = totalsOfShards(await reader.readTotals(customer));
      const isNew = await closings.close({ customer, day: job.id, atMs, counters });
      counted[isNew ? 'closed' : 'already'] += 1;
    };
    if (after === undefined) await close(undefined);
    for (;;) {
      const page = await reader.readCustomers(after, CUSTOMERS_AT_ONCE);
      await inParallel(page, 16, close);
      after = page.at(-1);
      if (after === undefined) return { cursor: undefined, counted, remarks: [] };
      if (deadline.remainingMs() < RESERVE_MS) return { cursor: { after }, counted, remarks: [] };
    }
  };
