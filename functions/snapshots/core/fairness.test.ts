import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../../../tests/counts.ts';
import { database, inventory, settings, snapshot } from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import type { Database, Snapshot } from './inventory.ts';
import { plan } from './plan.ts';

// Hours in which not all that is due fits into the quota, lived through by planning and doing what the plan says.

const start = Date.parse('2026-08-14T00:00:00Z');
const names = Array.from({ length: 50 }, (_, index) => `db${String(index).padStart(2, '0')}`);

interface World {
  databases: readonly Database[];
  max: number;
  hours: number;
  /** Snapshots of these fail, in every hour: they take room and are never good. */
  failing?: ReadonlySet<string>;
  /** Whether a trigger of this hour came at all. */
  ran?: (hour: number) => boolean;
}

/** Which databases were served in each hour that ran, and which were due and left out. */
const live = ({ databases, max, hours, failing = new Set(), ran = () => true }: World) => {
  let snapshots: Snapshot[] = [];
  const lived: { served: Set<string>; leftOut: Set<string>; newest: Map<string, number> }[] = [];
  for (let hour = 0; hour < hours; hour++) {
    if (!ran(hour)) continue;
    const nowMs = start + hour * HOUR_MS;
    const planned = plan(
      inventory(databases, snapshots, [{ kind: 'instance', max, used: snapshots.length }]),
      {
        ...settings,
        policy: { keepLast: 2 },
        maxDeletionsPerRun: 1_000,
        failedKeepHours: 1,
        creationBrokenAfterHours: 99,
      },
      nowMs,
    );
    const gone = new Set(planned.deletes);
    if (planned.deletesFirst) snapshots = snapshots.filter((one) => !gone.has(one));
    for (const { database: of, slotMs } of planned.creates) {
      expect(snapshots.length).toBeLessThan(max);
      snapshots.push(snapshot(of, slotMs, { status: failing.has(of.id) ? 'failed' : 'available' }));
    }
    snapshots = snapshots.filter((one) => !gone.has(one));
    const newest = new Map<string, number>();
    for (const { databaseId, status, tags } of snapshots) {
      const slotMs = Date.parse(tags['mainstay:slot'] ?? '');
      if (status === 'available') newest.set(databaseId, Math.max(newest.get(databaseId) ?? 0, slotMs));
    }
    lived.push({
      served: new Set(planned.creates.map(({ database: { id } }) => id)),
      leftOut: new Set(
        planned.databases.filter(({ because }) => because === 'quota').map(({ database: { id } }) => id),
      ),
      newest,
    });
  }
  return lived;
};

describe('when the quota is short', () => {
  test('for 10 of 50: none is left out twice in a row, and none is older than two hours', () => {
    // Two kept of each, and room for 40 more: 140.
    const lived = live({ databases: names.map((id) => database(id)), max: 140, hours: 30 });
    const short = lived.slice(3);
    expect(short.some(({ leftOut }) => leftOut.size >= 10)).toBe(true);
    for (const [index, { leftOut, newest }] of short.entries()) {
      const before = short[index - 1]?.leftOut ?? new Set();
      expect([...leftOut].filter((id) => before.has(id))).toEqual([]);
      const ages = names.map((id) => newest.get(id) ?? 0);
      expect(Math.max(...ages) - Math.min(...ages)).toBeLessThanOrEqual(HOUR_MS);
    }
  });

  test('whatever its size, and whichever runs are missed: nobody is served twice before one that was left out is served', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 14 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
        (count, max, missed) => {
          const databases = names.slice(0, count).map((id) => database(id));
          const lived = live({ databases, max, hours: 24, ran: (hour) => missed[hour] !== true });
          for (const [index, { leftOut }] of lived.entries()) {
            for (const waiting of leftOut) {
              const servedSince = new Map<string, number>();
              for (const { served } of lived.slice(index)) {
                if (served.has(waiting)) break;
                for (const id of served) servedSince.set(id, (servedSince.get(id) ?? 0) + 1);
              }
              expect(Math.max(0, ...servedSince.values())).toBeLessThanOrEqual(1);
            }
          }
        },
      ),
      lengthOf(60, 1_000),
    );
  });

  test('those whose snapshots fail every hour do not take the turns of the others', () => {
    const failing = new Set(names.slice(0, 10));
    // Two kept of each good one, and room for ten tries an hour: as many as fail, and would always be the stalest.
    const lived = live({ databases: names.map((id) => database(id)), max: 100, hours: 40, failing });
    const good = names.filter((id) => !failing.has(id));
    const newest = lived.at(-1)?.newest ?? new Map();
    // Fifty turns at about ten an hour, and one hour for what has to go first.
    const oldestAllowedMs = start + (39 - 6) * HOUR_MS;
    expect(good.filter((id) => (newest.get(id) ?? 0) < oldestAllowedMs)).toEqual([]);
  });

  test('the quota of instances leaves the clusters alone', () => {
    const clusters = ['a', 'b'].map((id) => database(id, { kind: 'cluster', engine: 'aurora-mysql' }));
    const seen = inventory(
      [...names.map((id) => database(id)), ...clusters],
      [],
      [
        { kind: 'instance', max: 100, used: 97 },
        { kind: 'cluster', max: 100, used: 98 },
      ],
    );
    const { creates } = plan(seen, settings, start);
    expect(creates.filter(({ database: { kind } }) => kind === 'instance')).toHaveLength(3);
    expect(creates.filter(({ database: { kind } }) => kind === 'cluster')).toHaveLength(2);
  });

  test('copies in flight are no reason to leave one out', () => {
    const seen = inventory([database('orders')], [], [{ kind: 'instance', max: 1, used: 0 }]);
    const copying = new Set(Array.from({ length: 20 }, (_, index) => `arn:aws:rds:eu-west-1:1:snapshot:s${index}`));
    expect(plan({ ...seen, copying }, settings, start).creates).toHaveLength(1);
  });
});
