import { expect, test } from '@jest/globals';
import { joined, LOOK_GAP_MS } from './streak.ts';

const stored = { sinceMs: 100_000, seenMs: 130_000 };

test.each([
  ['is not there', undefined, 100_000],
  ['began no earlier', { sinceMs: 100_000, seenMs: 120_000 }, 100_000],
  ['began earlier and was seen when the stored one began', { sinceMs: 70_000, seenMs: 105_000 }, 70_000],
  ['was seen last within the gap before', { sinceMs: 70_000, seenMs: 100_000 - LOOK_GAP_MS }, 70_000],
  ['was seen last before the gap', { sinceMs: 70_000, seenMs: 100_000 - LOOK_GAP_MS - 1 }, 100_000],
])('two observers see one streak where the other one %s', (_, other, sinceMs) => {
  expect(joined(stored, other)).toEqual({ ...stored, sinceMs });
});
