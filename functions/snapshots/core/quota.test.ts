import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { database, hourly, inventory } from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import { forecastQuota, mostKept, shareOut } from './quota.ts';
import { decideRetention } from './retention.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

describe('the forecast', () => {
  test.each([
    [{ keepHourly: 24 }, 24],
    [{ keepHourly: 24, keepDaily: 7, keepWeekly: 5, keepMonthly: 12 }, 24 + 6 + 4 + 11],
    [{ keepWithinHours: 168 }, 168],
  ])('of %j is %d', (policy, most) => {
    expect(mostKept(policy, 1)).toBe(most);
  });

  test('is never less than what an hourly schedule really keeps', () => {
    const policies = fc.record({
      keepLast: fc.integer({ min: 0, max: 30 }),
      keepHourly: fc.integer({ min: 0, max: 30 }),
      keepDaily: fc.integer({ min: 0, max: 14 }),
      keepWeekly: fc.integer({ min: 1, max: 6 }),
      keepMonthly: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(policies, (policy) => {
        let stock: { id: string; slotMs: number }[] = [];
        let most = 0;
        for (let hour = 0; hour < 24 * 65; hour++) {
          const slotMs = start + hour * HOUR_MS;
          stock = decideRetention([...stock, { id: `${hour}`, slotMs }], policy, slotMs).keep.map(
            ({ snapshot }) => snapshot,
          );
          most = Math.max(most, stock.length);
        }
        expect(most).toBeLessThanOrEqual(mostKept(policy, 1));
      }),
      { numRuns: 8 },
    );
  });

  test('adds up per kind, tells others’ snapshots from ours, and says when it does not fit', () => {
    const ledger = database('ledger');
    const seen = inventory([ledger], hourly(ledger, start, 3), [{ kind: 'instance', max: 100, used: 83 }]);
    const demand = { kind: 'instance', policy: { keepLast: 24 }, minKeep: 1, own: 3 } as const;
    expect(forecastQuota(seen, [demand])).toEqual([
      { kind: 'instance', databases: 1, needed: 25, max: 100, assumed: false, used: 83, others: 80, fits: false },
    ]);
  });

  test('does not count what AWS Backup made, which is no part of the quota', () => {
    const ledger = database('ledger');
    const others = hourly(ledger, start, 4).map((one) => ({ ...one, type: 'awsbackup' }));
    const demand = { kind: 'instance', policy: { keepLast: 2 }, minKeep: 1, own: 3 } as const;
    const seen = inventory([ledger], [...hourly(ledger, start, 3), ...others], []);
    expect(forecastQuota(seen, [demand])).toMatchObject([{ used: 3, others: 0 }]);
  });

  test('takes the default where RDS does not say, and says that it does', () => {
    const demand = { kind: 'cluster', policy: { keepLast: 24 }, minKeep: 1, own: 0 } as const;
    expect(forecastQuota(inventory([], [], []), [demand])).toMatchObject([{ max: 100, assumed: true, fits: true }]);
  });
});

test('when not all fit, the stalest go first, never-snapshotted before all, and over hours none starves', () => {
  const newest = new Map<string, number | undefined>(
    Array.from({ length: 50 }, (_, index) => [`db-${index}`, index < 3 ? undefined : start - index * HOUR_MS]),
  );
  const gaps = new Map<string, number>();
  for (let hour = 1; hour <= 25; hour++) {
    const due = [...newest].map(([resourceId, newestGoodMs]) => ({
      resourceId,
      kind: 'instance' as const,
      newestGoodMs,
    }));
    const { now, later } = shareOut(due, new Map([['instance', 10]]));
    expect([now.length, later.length]).toEqual([10, 40]);
    for (const { resourceId } of now) {
      newest.set(resourceId, start + hour * HOUR_MS);
      gaps.set(resourceId, hour);
    }
    if (hour === 1) expect(now.slice(0, 3).map(({ resourceId }) => resourceId)).toEqual(['db-0', 'db-1', 'db-2']);
  }
  expect(gaps.size).toBe(50);
  expect(Math.min(...gaps.values())).toBeGreaterThan(20);
});
