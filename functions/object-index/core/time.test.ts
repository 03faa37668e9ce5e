import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDay, formatInstant, parseInstant, startOfDay } from './time.ts';

const YEAR_9999 = Date.UTC(9999, 11, 31);

test('instants are written as the platform writes them, and read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: YEAR_9999 }), (ms) => {
      expect(formatInstant(ms)).toBe(new Date(ms).toISOString());
      expect(parseInstant(formatInstant(ms))).toBe(ms);
      expect(formatDay(ms)).toBe(new Date(ms).toISOString().slice(0, 10));
      expect(startOfDay(ms)).toBe(Date.parse(formatDay(ms)));
    }),
  );
});

test.each([
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['2024-02-29T23:59Z', '2024-02-29T23:59:00.000Z'],
  ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
  ['2026-03-01T12:00:00.123456789Z', '2026-03-01T12:00:00.123Z'],
])('%s is %s', (text, instant) => expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(instant));

test.each([
  ['2026-02-29'],
  ['2026-13-01'],
  ['2026-03-01T24:00:00Z'],
  ['2026-03-01T12:00:00'],
  ['2026-03-01T12:00:00+02:00'],
  ['yesterday'],
  [''],
])('%j is no UTC instant', (text) => expect(parseInstant(text)).toBeUndefined());
