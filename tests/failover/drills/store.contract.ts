import { expect, test } from '@jest/globals';
import type { Receipt } from '../../../functions/failover/core/drills/drill.ts';
import type { DrillStore } from '../../../functions/failover/run/drills/ports.ts';
import { askedBook, START_MS } from './samples.ts';

const receipt = (startedMs: number, name: string, pair = 'ledger'): Receipt => ({
  ...{
    pair,
    name,
    by: 'ada',
    why: 'quarterly',
    startedMs,
    endedMs: startedMs + 1,
    result: 'ok',
    reason: 'failed-over',
  },
  measured: {
    rtoSeconds: 34.4,
    promoteSeconds: 3.2,
    lossSeconds: 12.1,
    lossBytes: 0,
    lossRows: 0,
    phases: { degraded: 34.4 },
  },
});

/** What every book of drills must keep: the same tests for the table and for the one in memory. */
export const drillStoreContract = (open: () => DrillStore): void => {
  test('a book that was never written is empty, and of two that write it at once one wins', async () => {
    const store = open();
    expect(await store.load()).toEqual({ schemaVersion: 1, version: 0, startedMs: [] });
    const book = askedBook();
    expect(await store.save(book, 0)).toBe('saved');
    expect(await store.save(book, 0)).toBe('conflict');
    expect(JSON.parse(JSON.stringify(await store.load()))).toEqual(JSON.parse(JSON.stringify(book)));
    expect(await store.save({ ...book, version: 2, open: undefined }, 1)).toBe('saved');
    expect((await store.load()).open).toBeUndefined();
    expect(await store.save({ ...book, version: 2 }, 1)).toBe('conflict');
  });

  test('receipts are kept once, by pair, newest first', async () => {
    const store = open();
    await store.keep(receipt(START_MS, 'first0'));
    await store.keep(receipt(START_MS + 60_000, 'second'));
    await store.keep({ ...receipt(START_MS + 60_000, 'second'), result: 'failed' });
    await store.keep(receipt(START_MS, 'others', 'orders'));
    expect((await store.receipts('ledger', 9)).map(({ name, result }) => [name, result])).toEqual([
      ['second', 'ok'],
      ['first0', 'ok'],
    ]);
    expect(await store.receipts('ledger', 1)).toHaveLength(1);
    expect((await store.receipts('ledger', 1))[0]?.measured?.rtoSeconds).toBe(34.4);
  });
};
