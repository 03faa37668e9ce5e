import { expect, test } from '@jest/globals';
import { newJob } from '../../functions/object-index/core/job.ts';
import type { ClosingBook, Closings, Jobs } from '../../functions/object-index/run/ports.ts';

const NOON = Date.UTC(2026, 2, 1, 12);

/** What jobs and closings must do wherever they are kept. `open` gives empty ones. */
export const jobsContract = (open: () => Promise<{ jobs: Jobs; closings: ClosingBook & Closings }>): void => {
  test('a job is stored only over the step that was read, and reads back as it was', async () => {
    const { jobs } = await open();
    const job = newJob({ kind: 'audit', id: 'one', repair: true }, NOON);
    expect(await jobs.read('audit', 'one')).toBeUndefined();
    expect([await jobs.store(job, undefined), await jobs.store(job, undefined)]).toEqual([true, false]);
    const next = { ...job, step: 1, cursor: { phase: 'sum', at: 'ü"' }, progress: { listed: 7 }, remarks: ['one'] };
    expect([await jobs.store(next, 0), await jobs.store(next, 0)]).toEqual([true, false]);
    expect(await jobs.read('audit', 'one')).toEqual(next);
    expect(await jobs.read('backfill', 'one')).toBeUndefined();
  });

  test('of two attempts at one part the first is kept, and the second is given it', async () => {
    const { jobs } = await open();
    const [first, second, late] = [{ acme: { n: '1' } }, { acme: { n: '2' } }, { acme: { n: '9' } }];
    expect(await jobs.keepPart('audit', 'one', 0, first)).toEqual(first);
    expect(await jobs.keepPart('audit', 'one', 1, second)).toEqual(second);
    expect(await jobs.keepPart('audit', 'one', 0, late)).toEqual(first);
    await jobs.keepPart('audit', 'other', 0, {});
    expect(await jobs.readParts('audit', 'one')).toEqual([first, second]);
  });

  test('a part larger than an item may be reads back whole, whatever it holds', async () => {
    const { jobs } = await open();
    const large = Object.fromEntries(
      Array.from({ length: 1_500 }, (_, index) => [`"\\🗝${'ü'.repeat(180)}${index}`, { n: String(index) }]),
    );
    await jobs.keepPart('audit', 'large', 0, large);
    expect(await jobs.keepPart('audit', 'large', 0, { other: {} })).toEqual(large);
    expect(await jobs.readParts('audit', 'large')).toEqual([large]);
  });

  test('closings of more days than one page of a query holds are all there', async () => {
    const { closings } = await open();
    // DynamoDB ends a page at 1 MB: forty of these.
    const counters = { n: 1n, [`n_${'X'.repeat(40_000)}`]: 1n };
    const days = Array.from({ length: 40 }, (_, index) =>
      new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10),
    );
    for (const day of days) await closings.close({ customer: 'acme', day, atMs: NOON, counters });
    const found = await closings.ofCustomer('acme', '2026-01-01', '2026-12-31');
    expect(found.map(({ day }) => day)).toEqual(days);
  });

  test('a day is closed once; closings are read by day and by customer, whole numbers beyond 2^53 too', async () => {
    const { closings } = await open();
    const one = { customer: 'acme', day: '2026-03-01', atMs: NOON, counters: { n: 1n, b: 2n ** 70n } };
    expect([await closings.close(one), await closings.close({ ...one, counters: { n: 5n } })]).toEqual([true, false]);
    const all = { ...one, customer: undefined, day: '2026-03-02' };
    await closings.close(all);
    expect(await closings.ofDay(['acme', undefined, 'globex'], '2026-03-01')).toEqual([one]);
    expect(await closings.ofCustomer(undefined, '2026-03-01', '2026-03-31')).toEqual([all]);
    expect(await closings.ofCustomer('acme', '2026-03-02', '2026-03-31')).toEqual([]);
  });
};
