import { describe, expect, test } from '@jest/globals';
import { parseSchedule } from './schedule-expression.ts';

const start = Date.parse('2026-11-21T04:30:20Z');
const next = (expression: string, from = start) => {
  const ms = parseSchedule(expression).after(from, start);
  return ms === undefined ? undefined : new Date(ms).toISOString().replace('.000Z', 'Z');
};

// docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
describe('schedule expressions', () => {
  test.each([
    ['cron(0 * * * ? *)', '2026-11-21T05:00:00Z'],
    ['cron(* * * * ? *)', '2026-11-21T04:31:00Z'],
    ['cron(15 10 * * ? *)', '2026-11-21T10:15:00Z'],
    ['cron(0 8 1 * ? *)', '2026-12-01T08:00:00Z'],
    ['cron(0/15 * * * ? *)', '2026-11-21T04:45:00Z'],
    ['cron(0 9 ? * MON-FRI *)', '2026-11-23T09:00:00Z'],
    ['cron(0 0 29 2 ? *)', '2028-02-29T00:00:00Z'],
    ['cron(0 0 1 1 ? 2030)', '2030-01-01T00:00:00Z'],
    ['rate(1 minute)', '2026-11-21T04:31:20Z'],
    ['rate(5 minutes)', '2026-11-21T04:35:20Z'],
    ['rate(1 hour)', '2026-11-21T05:30:20Z'],
  ])('%s comes next at %s', (expression, expected) => {
    expect(next(expression)).toBe(expected);
  });

  test('a year that has passed never comes again', () => {
    expect(next('cron(0 0 1 1 ? 2020)')).toBeUndefined();
  });

  test('refuses what it can not keep', () => {
    expect(() => parseSchedule('cron(0 * * * *)')).toThrow(/six fields/);
    expect(() => parseSchedule('cron(0 0 L * ? *)')).toThrow(/can not be kept/);
    expect(() => parseSchedule('at(2026-11-21T00:00:00)')).toThrow(/neither/);
  });
});
