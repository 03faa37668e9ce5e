import { expect, test } from '@jest/globals';
import { firstRecord } from '../../functions/failover/core/record.ts';
import { leaderOf, reconcilerAgeMs, reconcilerSentence } from '../../functions/failover/run/witness.ts';
import { memoryRecords } from './simulation/memory-records.ts';

const where = [
  { instance: 'old', region: 'eu-west-1' },
  { instance: 'new', region: 'eu-central-1' },
] as const;
const looked = async (lastLooks: Record<string, number>) => {
  const records = memoryRecords();
  for (const [pair, atMs] of Object.entries(lastLooks))
    await records.save({ ...firstRecord(pair, ...where, atMs), version: 1 }, 0);
  return records;
};
const now = () => 1_000_000;

test('the reconciler is as old as its look at the pair that it has left alone for longest', async () => {
  const records = await looked({ ledger: 940_000, orders: 700_000 });
  expect(await reconcilerAgeMs(records, ['ledger', 'orders'], now)).toBe(300_000);
  expect(await reconcilerAgeMs(records, ['ledger'], now)).toBe(60_000);
});

test('no record, or a store out of reach, is no number: the alarm takes its absence for the worst', async () => {
  const records = await looked({ ledger: 940_000 });
  expect(await reconcilerAgeMs(records, ['ledger', 'orders'], now)).toBeUndefined();
  const silent = { load: () => Promise.reject(new Error('timeout')) };
  expect(await reconcilerAgeMs(silent, ['ledger'], now)).toBeUndefined();
});

test('a record from a clock that is ahead is young, not of the future', async () => {
  expect(await reconcilerAgeMs(await looked({ ledger: 1_001_000 }), ['ledger'], now)).toBe(0);
});

test('the tick asks the guard of who leads by the record, and of the first primary where none can be read', async () => {
  const records = memoryRecords();
  const policy = { pair: 'ledger', primary: where[0] };
  expect(await leaderOf(records, policy)).toEqual(where[0]);
  const swapped = { ...firstRecord('ledger', ...where, 0), version: 1, leader: { ...where[1], resourceId: 'db-NEW' } };
  await records.save(swapped, 0);
  expect(await leaderOf(records, policy)).toEqual(where[1]);
  expect(await leaderOf({ load: () => Promise.reject(new Error('timeout')) }, policy)).toEqual(where[0]);
});

test('what is said of it is one sentence', () => {
  expect(reconcilerSentence(61_200)).toBe('The reconciler looked at every pair within the last 62 s.');
  expect(reconcilerSentence(undefined)).toContain('was not seen');
});
