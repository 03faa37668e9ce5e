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

  test('parts are kept in any order, and one that is written again replaces what it was', async () => {
    const { jobs } = await open();
    await jobs.keepPart('audit', 'one', 0, { acme: { n: '1' } });
    await jobs.keepPart('audit', 'one', 1, { acme: { n: '2' } });
    await jobs.keepPart('audit', 'one', 0, { acme: { n: '9' } });
    await jobs.keepPart('audit', 'other', 0, {});
    expect(await jobs.readParts('audit', 'one')).toEqual([{ acme: { n: '9' } }, { acme: { n: '2' } }]);
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
