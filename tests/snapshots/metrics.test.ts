import { describe, expect, test } from '@jest/globals';
import { recordMetrics } from '../../functions/snapshots/aws/metrics.ts';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import type { Ran } from '../../functions/snapshots/run/serve.ts';
import { database, settings, snapshot } from './samples.ts';
import { openSlotWorld, type SlotWorld, slot } from './slot-world.ts';

type Series = Record<string, number>;

/** What would be in the log line, and the series of single databases. */
const recorded = (ran: Ran, over = {}): { all: Series; single: (Series & { database: string })[] } => {
  const all: Series = {};
  const single: (Series & { database: string })[] = [];
  const metrics = {
    addDimension: () => {},
    addMetric: (name: string, _unit: string, value: number) => {
      all[name] = value;
    },
    singleMetric: () => {
      const one = {} as Series & { database: string };
      single.push(one);
      return {
        addDimension: (name: string, value: string) => name === 'database' && Object.assign(one, { database: value }),
        addMetric: (name: string, _unit: string, value: number) => Object.assign(one, { [name]: value }),
      };
    },
  };
  recordMetrics(metrics as unknown as Parameters<typeof recordMetrics>[0], 'local', ran, { ...settings, ...over });
  return { all, single };
};

const aged = (): SlotWorld => {
  const world = openSlotWorld('fresh', 'stale', 'new');
  world.rds.snapshots = [snapshot(database('fresh'), slot - HOUR_MS), snapshot(database('stale'), slot - 7 * HOUR_MS)];
  return world;
};

describe('the numbers of a run', () => {
  test('say how many databases are in breach: too old, or without any good one', async () => {
    const run = await aged().run();
    const { all, single } = recorded({ run, as: 'run' });
    expect(all).toMatchObject({
      RunCompleted: 1,
      DatabasesInBreach: 2,
      DatabasesWithoutGoodSnapshot: 1,
      SnapshotsTaken: 3,
    });
    expect(single).toEqual([]);
    expect(recorded({ run, as: 'run' }, { creationBrokenAfterHours: 8 }).all.DatabasesInBreach).toBe(1);
  });

  test('have a series per database only when the config asks for it', async () => {
    const { single } = recorded({ run: await aged().run(), as: 'run' }, { metricsPerDatabase: true });
    expect(single).toEqual([
      { database: 'fresh', SnapshotAge: 3600 },
      { database: 'stale', SnapshotAge: 7 * 3600 },
    ]);
  });

  test('of all parts of a slot add up: each counts its own, one is the heartbeat, and what is still going on alarms nobody', async () => {
    const world = openSlotWorld('a', 'b', 'c', 'd', 'e');
    world.rds.throttles = 2;
    const parts: Ran[] = [{ run: await world.run({ steps: 2 }), as: 'run' }];
    for (const end of await world.drain({ steps: 2 })) if (end.kind === 'run') parts.push({ run: end.run, as: 'part' });
    const all = parts.map((ran) => recorded(ran).all);
    const sum = (name: string) => all.reduce((total, one) => total + (one[name] ?? 0), 0);
    expect(all).toHaveLength(3);
    expect([sum('SnapshotsTaken'), sum('SnapshotsFailed'), sum('RunCompleted'), sum('RunNotOk')]).toEqual([5, 0, 1, 0]);
    expect(sum('Throttles')).toBe(6);
  });

  test('of a dry run are none', async () => {
    expect(recorded({ run: await aged().run(), as: 'dry-run' }).all).toEqual({});
  });
});
