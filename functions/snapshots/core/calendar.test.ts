import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  civilFromDays,
  dayKey,
  dayNumber,
  daysFromCivil,
  formatAge,
  formatInstant,
  HOUR_MS,
  hourKey,
  hourNumber,
  hourStart,
  isoWeek,
  monthKey,
  monthNumber,
  parseInstant,
  weekKey,
  weekNumber,
  yearKey,
  yearNumber,
} from './calendar.ts';

const anyMs = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2199, 11, 31) });

describe('the calendar', () => {
  test('agrees with Date for every period, wherever the machine is', () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        const iso = new Date(ms).toISOString();
        expect(hourKey(ms)).toBe(iso.slice(0, 13));
        expect(dayKey(ms)).toBe(iso.slice(0, 10));
        expect(monthKey(ms)).toBe(iso.slice(0, 7));
        expect(yearKey(ms)).toBe(iso.slice(0, 4));
        expect(formatInstant(ms)).toBe(`${iso.slice(0, 19)}Z`);
        expect(parseInstant(iso)).toBe(ms);
        expect(hourStart(ms)).toBe(Date.parse(`${iso.slice(0, 13)}:00:00Z`));
      }),
    );
  });

  test('goes from a day to its date and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (days) => {
        expect(daysFromCivil(civilFromDays(days))).toBe(days);
      }),
    );
  });

  test('puts a week into the year of its Thursday', () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        // An independent way to the same answer: walk to the Thursday with Date, and count Thursdays of that year.
        const thursday = new Date(ms);
        thursday.setUTCHours(0, 0, 0, 0);
        thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
        const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
        const week = Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7);
        expect(isoWeek(ms)).toEqual({ year: thursday.getUTCFullYear(), week });
      }),
    );
  });

  test('numbers periods as it names them', () => {
    const near = fc
      .tuple(anyMs, fc.integer({ min: 0, max: 800 * 24 * HOUR_MS }))
      .map(([ms, more]) => [ms, ms + more] as const);
    fc.assert(
      fc.property(near, ([a, b]) => {
        for (const [number, key] of [
          [hourNumber, hourKey],
          [dayNumber, dayKey],
          [weekNumber, weekKey],
          [monthNumber, monthKey],
          [yearNumber, yearKey],
        ] as const) {
          expect(number(a) === number(b)).toBe(key(a) === key(b));
          expect(number(a)).toBeLessThanOrEqual(number(b));
        }
      }),
    );
  });

  test.each([
    ['2020-12-31T12:00:00Z', '2020-W53'],
    ['2021-01-01T12:00:00Z', '2020-W53'],
    ['2021-01-04T00:00:00Z', '2021-W01'],
    ['2024-12-30T00:00:00Z', '2025-W01'],
    ['2024-02-29T23:59:59Z', '2024-W09'],
  ])('knows the ISO week of %s', (text, week) => {
    expect(weekKey(Date.parse(text))).toBe(week);
  });

  test.each([
    '2023-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    'yesterday',
    'ab26-08-14T01:00:00Z',
    '20x6-08-14T01:00:00Z',
    '2026-0:-14T01:00:00Z',
    '2026-08-14T0 :00:00Z',
    '2026-08-14T01:00:+1Z',
    '',
  ])('reads nothing into %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test('reads offsets and fractions', () => {
    expect(parseInstant('2026-08-14T03:30:00.25+02:00')).toBe(Date.parse('2026-08-14T01:30:00.250Z'));
    expect(parseInstant('2026-08-14T01:00Z')).toBe(Date.parse('2026-08-14T01:00:00Z'));
  });

  test('says ages as people do', () => {
    expect([formatAge(40 * 60_000), formatAge(3 * HOUR_MS), formatAge(50 * HOUR_MS), formatAge(48 * HOUR_MS)]).toEqual([
      '40 min',
      '3 h',
      '2 d 2 h',
      '2 d',
    ]);
  });
});
