import { describe, expect, test } from '@jest/globals';
import { HOUR_MS, parseInstant } from '../../functions/snapshots/core/calendar.ts';
import type { Database } from '../../functions/snapshots/core/inventory.ts';
import { RESTORED_FROM, type RestorationPlan } from '../../functions/snapshots/core/restoration/plan.ts';
import { openInMemoryRestorations } from '../../functions/snapshots/run/restoration/in-memory.ts';
import type { Restorations } from '../../functions/snapshots/run/restoration/ports.ts';
import { carryOutRestoration, prepareRestoration } from '../../functions/snapshots/run/restoration/restoration.ts';
import { database, inventory, settings, snapshot } from './samples.ts';

const NOW = parseInstant('2026-08-14T10:20:00Z') as number;
const SLOT = parseInstant('2026-08-14T10:00:00Z') as number;
const orders = database('orders');
const grid = database('grid', { kind: 'cluster', engine: 'aurora-postgresql' });

/** A world with one database and its snapshot, and the command's own path through it. */
const open = (of: Database, wish: { encryptWith?: string } = {}) => {
  const world = openInMemoryRestorations([snapshot(of, SLOT, { dataMs: SLOT, engine: of.engine })]);
  world.placements.set(of.id, { instanceClass: 'db.r6g.large' });
  const prepare = () =>
    prepareRestoration(
      inventory([of, ...world.databases], world.snapshots),
      world.ports,
      { what: of.id, to: 'new', ...wish },
      settings,
      NOW,
    );
  const said: string[] = [];
  let looks = 0;
  const run = async (ports: Restorations = world.ports) => {
    const plan = await prepare();
    if (plan.kind === 'refused') return plan;
    return carryOutRestoration(plan as RestorationPlan, ports, {
      progress: (line) => void said.push(line),
      // Every second look finds what was asked for.
      pause: async () => {
        looks += 1;
        if (looks % 2 === 0) world.settle();
      },
    });
  };
  return { world, run, said };
};

/** The ports of a process that is killed at call number `at`, before or after its effect: it hears of nothing any more. */
const killedAt = (ports: Restorations, at: number, when: 'before' | 'after', killed: () => void): Restorations => {
  let calls = 0;
  const wrap =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      calls += 1;
      if (calls < at) return call(...given);
      if (when === 'after') await call(...given);
      killed();
      return new Promise(() => {});
    };
  return Object.fromEntries(Object.entries(ports).map(([name, call]) => [name, wrap(call as never)])) as never;
};

describe.each([
  ['an instance', orders, {}, ['restore new']],
  ['an instance that is to be encrypted', orders, { encryptWith: 'key' }, ['copy new-encrypted', 'restore new']],
  ['an Aurora cluster', grid, {}, ['restore new', 'add new-1']],
] as const)('%s', (_what, of, wish, calls) => {
  test('is asked for once, step by step, and its endpoint is said', async () => {
    const { world, run, said } = open(of, wish);
    expect(await run()).toEqual({ kind: 'done', endpoint: { host: 'new.example', port: 5432 } });
    expect(world.calls).toEqual(calls);
    expect(said).toContain('new is creating.');
    expect(new Set(said).size).toBe(said.length);
  });

  test('begun again with the same words it goes on, and asks for nothing twice', async () => {
    const { world, run } = open(of, wish);
    await run();
    expect(await run()).toMatchObject({ kind: 'done' });
    expect(world.calls).toEqual(calls);
  });

  test('killed at any call, before or after its effect, it is there once after the next try', async () => {
    for (const when of ['before', 'after'] as const)
      for (let at = 1; at <= 15; at++) {
        const { world, run } = open(of, wish);
        await new Promise<void>((over) => {
          void run(killedAt(world.ports, at, when, over)).then(() => over());
        });
        expect(await run()).toMatchObject({ kind: 'done' });
        expect(world.calls).toEqual(calls);
        expect(world.databases).toHaveLength(of === grid ? 2 : 1);
      }
  });
});

describe('what stops it', () => {
  test('no answer is no evidence: it looks again, goes on, and gives up only after many', async () => {
    const { world, run } = open(orders);
    let lost = 0;
    const flaky: Restorations = {
      ...world.ports,
      find: async (kind, id) => {
        lost += 1;
        if (lost % 3 !== 0) throw new Error('no route');
        return world.ports.find(kind, id);
      },
    };
    expect(await run(flaky)).toMatchObject({ kind: 'done' });
    const dumb: Restorations = { ...world.ports, find: async () => Promise.reject(new Error('no route')) };
    expect(await run(dumb)).toMatchObject({ kind: 'failed', because: 'no-answer', detail: 'no route' });
  });

  test('a refusal of RDS is said as it is', async () => {
    const { world, run } = open(orders);
    const refusing: Restorations = {
      ...world.ports,
      restore: async () => ({ kind: 'refused', detail: 'no such class' }),
    };
    expect(await run(refusing)).toMatchObject({ kind: 'failed', because: 'refused', detail: 'no such class' });
  });

  test('a name that somebody takes between the plan and the act is left alone', async () => {
    const { world, run } = open(orders);
    const stolen: Restorations = {
      ...world.ports,
      find: async (kind, id) => {
        if (world.databases.length === 0) world.databases.push({ ...database('new'), status: 'available' });
        return world.ports.find(kind, id);
      },
    };
    expect(await run(stolen)).toMatchObject({ kind: 'failed', because: 'not-its-own', on: 'new' });
    expect(world.calls).toEqual([]);
  });

  test("a snapshot that is called like the encrypted copy, and is somebody's, is not restored from", async () => {
    const { world, run } = open(orders, { encryptWith: 'key' });
    world.snapshots.push(snapshot(orders, SLOT - HOUR_MS, { id: 'new-encrypted', tags: {} }));
    expect(await run()).toMatchObject({ kind: 'failed', because: 'not-its-own', on: 'new-encrypted' });
    expect(world.calls).toEqual([]);
  });

  test('a database that cannot be is said with its state; a copy that failed, with what to do', async () => {
    const bad = open(orders);
    bad.world.settle = () => {
      bad.world.databases = bad.world.databases.map((one) => ({ ...one, status: 'incompatible-network' }));
    };
    expect(await bad.run()).toMatchObject({ kind: 'failed', because: 'state', detail: 'incompatible-network' });
    const copy = open(orders, { encryptWith: 'key' });
    copy.world.settle = () => {
      copy.world.snapshots = copy.world.snapshots.map((one) =>
        one.id === 'new-encrypted' ? { ...one, status: 'failed' } : one,
      );
    };
    expect(await copy.run()).toMatchObject({ kind: 'failed', because: 'copy-failed' });
  });

  test('the copy on the way is nobody to expire: it has no tag of the stack', async () => {
    const { world, run } = open(orders, { encryptWith: 'key' });
    await run();
    const copy = world.snapshots.find(({ id }) => id === 'new-encrypted');
    expect(Object.keys(copy?.tags ?? {})).toEqual([RESTORED_FROM]);
  });
});
