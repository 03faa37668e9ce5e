import { expect, test } from '@jest/globals';
import { onlySafe, whyUnsafe } from '../../functions/failover/aws/record-table.ts';
import { firstRecord } from '../../functions/failover/core/record.ts';
import { memoryRecords } from './simulation/memory-records.ts';

const pair = {
  ...firstRecord('ledger', { instance: 'old', region: 'a' }, { instance: 'new', region: 'b' }, 1),
  version: 1,
};

/** A store whose table is described so, or by nobody; how often it was asked, and the time. */
const store = async (answers: (string | undefined | 'silent')[]) => {
  const records = memoryRecords();
  await records.save(pair, 0);
  let [asked, nowMs] = [0, 0];
  const doubt = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer === 'silent') throw new Error('timeout');
    return answer;
  };
  const safe = onlySafe(records, doubt, () => nowMs);
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { load: () => safe.load('ledger'), asked: () => asked, later };
};

test('a table of one region is fit, and one that is strongly consistent over several; every other is not', () => {
  const Replicas = [{ RegionName: 'eu-central-1' }];
  expect(whyUnsafe('records', {})).toBeUndefined();
  expect(whyUnsafe('records', { Replicas, MultiRegionConsistency: 'STRONG' })).toBeUndefined();
  for (const described of [{ Replicas }, { Replicas, MultiRegionConsistency: 'EVENTUAL' as const }])
    expect(whyUnsafe('records', described)).toContain('records is eventually consistent');
});

test('an eventually consistent table is refused at every load, with the reason: nothing is decided on it', async () => {
  const one = await store(['it is eventually consistent']);
  await expect(one.load()).rejects.toThrow('eventually consistent');
  await expect(one.load()).rejects.toThrow('eventually consistent');
});

test('a fit one is asked about once', async () => {
  const one = await store([undefined]);
  expect(await one.load()).toEqual(pair);
  one.later(600_000);
  expect(await one.load()).toEqual(pair);
  expect(one.asked()).toBe(1);
});

test('silence refuses nothing, holds nobody up twice in a minute, and is no answer for good', async () => {
  const one = await store(['silent', 'it is eventually consistent']);
  expect(await one.load()).toEqual(pair);
  expect(await one.load()).toEqual(pair);
  expect(one.asked()).toBe(1);
  one.later(60_000);
  await expect(one.load()).rejects.toThrow('eventually consistent');
});
