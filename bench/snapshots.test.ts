import { expect, test } from '@jest/globals';
import { apiCalls } from './snapshots-calls.ts';
import { harm } from './snapshots-harm.ts';

test('a steady hour of a small estate asks for no more than the floor allows, where the usual approach asks for tags one by one', async () => {
  const [ours, theirs, tags] = await apiCalls(() => {}, 200);
  expect(ours).toMatchObject({ met: true, goal: '≤ 1.05 ×' });
  expect(ours?.baseline).toBe(2 + 1 + 50 + 1 + 1 + 400);
  expect(theirs?.met).toBe(true);
  expect(theirs?.ratio).toBeLessThan(0.2);
  expect(tags).toMatchObject({ value: 0, baseline: 200 + 200 * 25, met: true });
});

test('where creation is broken for a month, and where the quota is short, ours does no harm that the age-only rule does', async () => {
  const [bare, refused] = await harm(() => {});
  expect(bare).toMatchObject({ value: 0, baseline: 10, met: true });
  expect(refused).toMatchObject({ value: 0, met: true });
  expect(refused?.baseline).toBeGreaterThan(1_000);
});
