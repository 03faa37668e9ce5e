import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayIndex } from './log-events.ts';
import { judgeDays, MOST_DAYS_AT_ONCE, retentionSentence } from './retention.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 2, 30);
const day = (daysAgo: number, isOurs = true) => ({ name: dayIndex('postgresql', NOW - daysAgo * DAY_MS), isOurs });
const deleted = (indexes: Parameters<typeof judgeDays>[0], keepDays: number) =>
  judgeDays(indexes, 'postgresql', keepDays, NOW).flatMap(({ kind, index }) => (kind === 'delete' ? [index] : []));

describe('whole days of our own logs are deleted', () => {
  test('when every event in them is older than they are kept', () => {
    expect(deleted([day(0), day(6), day(7), day(8), day(9)], 7)).toEqual([day(9).name, day(8).name]);
  });

  test('and no event of a deleted day is younger than that, whatever the day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: NOW }), fc.integer({ min: 1, max: 400 }), (atMs, keepDays) => {
        const gone = deleted([{ name: dayIndex('postgresql', atMs), isOurs: true }], keepDays).length === 1;
        const lastOfDayMs = Math.floor(atMs / DAY_MS) * DAY_MS + DAY_MS - 1;
        expect(gone).toBe(NOW - lastOfDayMs > keepDays * DAY_MS);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['an index of the same name that is not ours', { name: 'postgresql-2020.01.01', isOurs: false }],
    ['an index of another prefix', { name: 'postgresql-audit-2020.01.01', isOurs: true }],
    ['a day that no calendar has', { name: 'postgresql-2021.02.29', isOurs: true }],
    ['what is no day', { name: 'postgresql-2020.01', isOurs: true }],
    ['a day with more behind it', { name: 'postgresql-2020.01.01-copy', isOurs: true }],
  ])('but never %s', (_, index) => expect(deleted([index], 1)).toEqual([]));

  test('the oldest first, and a month of them in one run at most', () => {
    const all = Array.from({ length: 100 }, (_, i) => day(i + 10));
    expect(deleted(all, 1)).toEqual(
      all
        .slice(-MOST_DAYS_AT_ONCE)
        .map(({ name }) => name)
        .reverse(),
    );
  });

  test('and it is said which, and what is left alone', () => {
    const verdicts = judgeDays([day(3), { name: 'postgresql-mine', isOurs: true }], 'postgresql', 1, NOW);
    expect(retentionSentence('postgresql', 1, verdicts)).toBe(
      'postgresql-*: days are kept for 1: deleted postgresql-2026.11.18; left alone, for they are not ours: postgresql-mine',
    );
  });
});
