import { expect, test } from '@jest/globals';
import { firstRecord } from '../../functions/failover/core/record.ts';
import type { RecordStore } from '../../functions/failover/run/ports.ts';

const record = (version: number, pair: string) => ({
  ...firstRecord(pair, { instance: 'old', region: 'a' }, { instance: 'new', region: 'b' }, 1),
  version,
});

/** What every record store must keep: the same tests for the table and for the one in memory. */
export const recordStoreContract = (open: () => RecordStore): void => {
  test('a record that was never written is undefined, and can be written once', async () => {
    const store = open();
    expect(await store.load('first')).toBeUndefined();
    expect(await store.save(record(1, 'first'), 0)).toBe('saved');
    expect(await store.save(record(1, 'first'), 0)).toBe('conflict');
    expect(await store.load('first')).toEqual(record(1, 'first'));
  });

  test('a write on an older version is a conflict, and changes nothing', async () => {
    const store = open();
    await store.save(record(1, 'second'), 0);
    expect(await store.save({ ...record(2, 'second'), epoch: 1 }, 1)).toBe('saved');
    expect(await store.save({ ...record(2, 'second'), epoch: 9 }, 1)).toBe('conflict');
    expect((await store.load('second'))?.epoch).toBe(1);
  });

  test('of many writers on one version exactly one wins', async () => {
    const store = open();
    await store.save(record(1, 'third'), 0);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.save(record(2, 'third'), 1)));
    expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1);
  });

  test('a history entry is written once, and the newest come first', async () => {
    const store = open();
    const entry = (version: number, sentence: string) => ({
      epoch: 1,
      version,
      atMs: version,
      phase: 'healthy',
      sentence,
    });
    await store.append('fourth', entry(9, 'nine'));
    await store.append('fourth', entry(10, 'ten'));
    await store.append('fourth', entry(10, 'ten, again'));
    expect((await store.history('fourth', 5)).map(({ sentence }) => sentence)).toEqual(['ten', 'nine']);
    expect(await store.history('fourth', 1)).toHaveLength(1);
  });
};
