import { describe, expect, test } from '@jest/globals';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import { slotOf } from '../../functions/snapshots/core/tags.ts';
import type { Continued } from '../../functions/snapshots/run/continue.ts';
import { linesOf } from '../../functions/snapshots/run/report.ts';
import { type Run, runSnapshots } from '../../functions/snapshots/run/run.ts';
import { database, hourly, settings, snapshot } from './samples.ts';
import { Killed, later, openSlotWorld, type SlotWorld, slot } from './slot-world.ts';

const runOf = (continued: Continued | undefined): Run => {
  if (continued?.kind !== 'run') throw new Error(`expected a run, got ${continued?.kind}`);
  return continued.run;
};
const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const once = Object.fromEntries(ids.map((id) => [id, 1]));
const creations = ({ rds }: SlotWorld) => rds.calls.filter((call) => call.startsWith('create'));
const deletions = ({ rds }: SlotWorld) => rds.calls.filter((call) => call.startsWith('delete'));

describe('a run that has no time left', () => {
  test('says PARTIAL and what is left, is gone on with at once, and ends with one snapshot of each', async () => {
    const world = openSlotWorld(...ids);
    const first = await world.run({ steps: 3 });
    expect(first.outcome).toMatchObject({ result: 'PARTIAL', counts: { created: 3 } });
    expect(linesOf(first)).toContain('Left: 4 snapshots of this slot: gone on with at once.');
    expect(world.rds.state.queue).toEqual([{ continuation: { slotMs: slot, part: 1 }, delaySeconds: 0 }]);
    const ends = await world.drain({ steps: 3 });
    expect(ends.map((end) => runOf(end).next.kind)).toEqual(['handed-on', 'nothing']);
    expect(world.ofSlot()).toEqual(once);
    expect(creations(world)).toHaveLength(7);
    expect(runOf(ends[0]).outcome).toMatchObject({ result: 'PARTIAL', counts: { selected: 7, created: 6 } });
    expect(runOf(ends[1]).outcome).toMatchObject({ result: 'OK', counts: { selected: 7, created: 7, failed: 0 } });
    expect(runOf(ends[1]).sentence).toContain('7 databases selected: 7 taken');
  });

  test('alarms go by what is settled, so that an estate that always takes two parts is not always alarming', async () => {
    const world = openSlotWorld(...ids);
    expect((await world.run({ steps: 3 })).settled.result).toBe('OK');
    world.rds.faults.set('create g', { answer: { kind: 'refused', detail: 'no' } });
    const [end] = await world.drain();
    expect(runOf(end)).toMatchObject({
      settled: { result: 'PARTIAL' },
      outcome: { counts: { created: 6, failed: 1 } },
    });
    expect(world.rds.notices.map(({ result }) => result)).toEqual(['PARTIAL', 'PARTIAL']);
  });

  test('looks at each database again: one that was renamed has its snapshot, one that was recreated or is gone has none of this slot', async () => {
    const world = openSlotWorld('a', 'b', 'c', 'd');
    await world.run({ steps: 1 });
    world.rds.databases = [
      database('a'),
      database('b-renamed', { resourceId: 'db-B' }),
      database('c', { resourceId: 'db-NEWC' }),
    ];
    const [end] = await world.drain();
    expect(world.ofSlot()).toEqual({ a: 1, 'b-renamed': 1, c: 0 });
    expect(linesOf(runOf(end)).filter((line) => line.includes('is gone'))).toEqual([
      'The instance db-C was left for later in this slot, and is gone: it has no snapshot of it.',
      'The instance db-D was left for later in this slot, and is gone: it has no snapshot of it.',
    ]);
  });

  test('says of a database that is gone that it is, also where expiry goes on after it; of one that could not be seen it does not', async () => {
    const world = expiring();
    world.rds.databases.push(database('c'));
    await world.run({ steps: 2 });
    const message = world.rds.state.queue[0]?.continuation ?? { slotMs: 0, part: 0 };
    world.rds.databases = world.rds.databases.filter(({ id }) => id !== 'c');
    const seen = runOf(await world.goOn(message));
    expect(deletions(world).length).toBeGreaterThan(0);
    expect(linesOf(seen).filter((line) => line.includes('is gone'))).toHaveLength(1);
    const blind = openSlotWorld('a', 'b');
    await blind.run({ steps: 1 });
    blind.rds.blind.add('databases');
    expect(linesOf(runOf(await blind.goOn(message))).join('\n')).not.toContain('is gone');
  });

  test('takes nothing more that was switched off or paused in between', async () => {
    const world = openSlotWorld('a', 'b', 'c');
    await world.run({ steps: 1 });
    world.rds.databases = world.rds.databases.map((one) =>
      one.id === 'b' ? { ...one, tags: { 'mainstay:snapshots': 'false' } } : one,
    );
    await world.rds.ports.control.pause({ part: 'creation', by: 'ann', why: 'storage migration', atMs: slot });
    const [end] = await world.drain();
    expect(world.ofSlot()).toEqual({ a: 1, b: 0, c: 0 });
    expect(linesOf(runOf(end)).join('\n')).toContain('storage migration');
  });

  test('finds a snapshot that was taken without an answer, though its database was renamed since', async () => {
    const lost = { kind: 'unknown', detail: 'socket hang up' } as const;
    for (const meanwhile of ['nothing', 'busy', 'databases', 'find'] as const) {
      const world = openSlotWorld('a', 'b');
      world.rds.faults.set('create b', { answer: lost, after: true });
      world.rds.blind.add('find');
      await world.run();
      world.rds.blind.clear();
      const renamed = (status = 'available') =>
        world.rds.databases.splice(1, 1, database('b-renamed', { resourceId: 'db-B', status }));
      renamed(meanwhile === 'busy' ? 'renaming' : undefined);
      if (meanwhile === 'databases' || meanwhile === 'find') world.rds.blind.add(meanwhile);
      if (meanwhile !== 'nothing') {
        const message = world.rds.state.queue.shift()?.continuation ?? { slotMs: slot, part: 0 };
        expect(runOf(await world.goOn(message)).next).toMatchObject({ kind: 'handed-on' });
      }
      renamed();
      world.rds.blind.clear();
      const ends = await world.drain();
      expect([meanwhile, world.ofSlot()]).toEqual([meanwhile, { a: 1, 'b-renamed': 1 }]);
      expect(runOf(ends.at(-1)).acts).toMatchObject([{ kind: 'created', how: 'found' }]);
      expect(runOf(ends.at(-1)).outcome).toMatchObject({ counts: { created: 2, failed: 0 } });
    }
  });

  test('takes one under the new name when none stands under the name that was tried', async () => {
    const world = openSlotWorld('a', 'b');
    world.rds.faults.set('create b', { answer: { kind: 'unknown', detail: 'socket hang up' } });
    await world.run();
    world.rds.databases.splice(1, 1, database('b-renamed', { resourceId: 'db-B' }));
    await world.drain();
    expect(world.ofSlot()).toEqual({ a: 1, 'b-renamed': 1 });
    expect(creations(world).at(-1)).toContain('b-renamed');
  });

  test('of which the databases cannot be seen keeps it, and tries again later in the slot', async () => {
    const world = openSlotWorld('a', 'b', 'c');
    await world.run({ steps: 1 });
    world.rds.blind.add('databases');
    const message = world.rds.state.queue.shift();
    const blind = runOf(await world.goOn(message?.continuation ?? { slotMs: 0, part: 0 }));
    expect(blind.next).toMatchObject({ kind: 'handed-on', waitMs: 600_000 });
    expect(blind.settled.result).toBe('PARTIAL');
    world.rds.blind.clear();
    await world.drain();
    expect(world.ofSlot()).toEqual({ a: 1, b: 1, c: 1 });
  });

  test('and cannot write down what is left, says so, and the next run takes over', async () => {
    const world = openSlotWorld('a', 'b');
    world.rds.blind.add('queue');
    const run = await world.run({ steps: 1 });
    expect(linesOf(run).join('\n')).toContain(
      'it could not be handed on (no answer about queue), so the next run takes',
    );
    expect(run.settled.result).toBe('PARTIAL');
  });
});

describe('a database that is busy', () => {
  const busy = () => {
    const world = openSlotWorld('a', 'b');
    world.rds.databases = [database('a'), database('b', { status: 'modifying' })];
    return world;
  };
  const settle = (world: SlotWorld) => {
    world.rds.databases = [database('a'), database('b')];
  };

  test('is tried again within its slot, by one look and one request', async () => {
    const world = busy();
    const run = await world.run();
    expect(run.outcome).toMatchObject({ result: 'OK', counts: { created: 1, deferred: 1 } });
    expect(world.rds.state.queue).toMatchObject([{ delaySeconds: 600 }]);
    settle(world);
    const [end] = await world.drain();
    expect(world.ofSlot()).toEqual({ a: 1, b: 1 });
    expect(runOf(end).outcome).toMatchObject({ result: 'OK', counts: { created: 2, deferred: 0 } });
    expect(creations(world)).toHaveLength(2);
    // Nobody is told twice that all is well.
    expect(world.rds.notices).toHaveLength(1);
  });

  test('whose state changed after the look is tried again as well', async () => {
    const world = openSlotWorld('a');
    world.rds.faults.set('create a', { answer: { kind: 'wrong-state', detail: 'backing-up' } });
    await world.run();
    world.rds.faults.clear();
    await world.drain();
    expect(world.ofSlot()).toEqual({ a: 1 });
  });

  test('until the slot closes has missed it: said by name, and once', async () => {
    const world = busy();
    await world.run();
    const ends = await world.drain();
    expect(ends).toHaveLength(5);
    expect(world.now.ms).toBeLessThan(slot + HOUR_MS);
    const last = runOf(ends.at(-1));
    expect(last.outcome).toMatchObject({ result: 'PARTIAL', counts: { created: 1, failed: 1, deferred: 0 } });
    expect(linesOf(last).filter((line) => line.includes('busy until the slot closed'))).toEqual([
      'b has no snapshot of this slot: it was busy until the slot closed; the next run takes it (modifying).',
    ]);
    expect(world.rds.notices.map(({ result }) => result)).toEqual(['OK', 'PARTIAL']);
  });

  test('and a message that comes when the slot is over takes nothing, and says who missed it', async () => {
    const world = busy();
    await world.run();
    settle(world);
    later(world);
    const [end] = await world.drain();
    expect(world.ofSlot()).toEqual({ a: 1, b: 0 });
    expect(runOf(end).acts).toMatchObject([{ kind: 'not-created', because: 'missed' }]);
    expect(world.rds.state.queue).toEqual([]);
  });

  test('counts as taken in a late message when its snapshot is there all the same', async () => {
    const world = busy();
    await world.run();
    settle(world);
    await world.run();
    world.rds.state.queue.length = 1;
    later(world);
    const [end] = await world.drain();
    expect(runOf(end).acts).toMatchObject([{ kind: 'created', how: 'found' }]);
    expect(runOf(end).outcome.result).toBe('OK');
  });
});

describe('a message', () => {
  test('delivered twice, and again when all is done, changes nothing', async () => {
    const world = openSlotWorld(...ids);
    await world.run({ steps: 3 });
    const message = { slotMs: slot, part: 1 };
    const ends = await Promise.all([world.goOn(message), world.goOn(message)]);
    expect(ends.map(({ kind }) => kind).sort()).toEqual(['busy', 'run']);
    expect((await world.goOn(message)).kind).toBe('over');
    await world.drain();
    expect(world.ofSlot()).toEqual(once);
    expect(creations(world)).toHaveLength(7);
  });

  test('of a slot that nobody wrote down is let go', async () => {
    expect((await openSlotWorld('a').goOn({ slotMs: slot, part: 4 })).kind).toBe('over');
  });

  test('beside a second delivery of the schedule takes nothing twice', async () => {
    const world = openSlotWorld(...ids);
    await Promise.all([world.run({ steps: 3 }), world.run({ steps: 5 })]);
    await world.drain({ steps: 2 });
    await world.run();
    await world.drain();
    expect(world.ofSlot()).toEqual(once);
  });
});

const expiring = (): SlotWorld => {
  const world = openSlotWorld('a', 'b');
  for (const id of ['a', 'b']) world.rds.snapshots.push(...hourly(database(id), slot - HOUR_MS, 9));
  const foreign = snapshot(database('a'), slot - 90 * HOUR_MS, { id: 'final-before-migration', tags: {} });
  world.rds.snapshots.push(foreign);
  return world;
};

describe('expiry that has no time left', () => {
  test('is planned afresh, from what there is then', async () => {
    const world = expiring();
    const first = await world.run({ steps: 5 });
    expect(first.next).toMatchObject({ kind: 'handed-on', expiry: 'left' });
    expect(first.outcome.counts.deleted).toBe(3);
    const kept = first.acts.flatMap((act) => (act.kind === 'not-deleted' ? [act.snapshot.id] : []));
    // Held after the first plan: what that plan said of it is no longer true.
    const held = kept[0] ?? '';
    world.rds.snapshots = world.rds.snapshots.map((one) =>
      one.id === held ? { ...one, tags: { ...one.tags, 'mainstay:hold': 'true' } } : one,
    );
    const [end] = await world.drain();
    expect(deletions(world)).not.toContain(`delete ${held}`);
    expect(world.rds.snapshots.map(({ id }) => id)).toEqual(expect.arrayContaining([held, 'final-before-migration']));
    expect(runOf(end).outcome).toMatchObject({ result: 'OK', counts: { created: 0, alreadyThere: 2 } });
    expect(new Set(deletions(world)).size).toBe(deletions(world).length);
  });

  test('stops when somebody paused it in between', async () => {
    const world = expiring();
    await world.run({ steps: 5 });
    await world.rds.ports.control.pause({ part: 'expiry', by: 'ann', why: 'audit', atMs: slot });
    await world.drain();
    expect(deletions(world)).toHaveLength(3);
  });
});

/** Somebody pauses expiry after so many looks at the orders; with `blind`, they cannot be seen from then on. */
const pauseAfter = (world: SlotWorld, looks: number, blind = false): void => {
  const { control } = world.rds.ports;
  let looked = 0;
  control.orders = async () => {
    looked += 1;
    if (looked <= looks) return world.rds.state.control.orders();
    if (blind) throw new Error('the table is away');
    await control.pause({ part: 'expiry', by: 'ann', why: 'audit', atMs: slot });
    return world.rds.state.control.orders();
  };
};

describe('a pause during a run', () => {
  const long = (): SlotWorld => {
    const world = openSlotWorld('a');
    world.rds.snapshots.push(...hourly(database('a'), slot - HOUR_MS, 150));
    return world;
  };
  const many = { maxDeletionsPerRun: 1_000 };

  test('before the first deletion is seen then', async () => {
    const world = long();
    pauseAfter(world, 1);
    const run = await world.run({}, many);
    expect(deletions(world)).toEqual([]);
    expect(run.outcome).toMatchObject({ result: 'OK', counts: { created: 1, deleted: 0, notDeleted: 0 } });
    expect(linesOf(run).join('\n')).toContain('was not deleted: it was paused meanwhile (by ann');
  });

  test('stops the deletions within fifty, and so does a table that does not answer', async () => {
    for (const blind of [false, true]) {
      const world = long();
      pauseAfter(world, 2, blind);
      const run = await world.run({}, many);
      expect(deletions(world)).toHaveLength(50);
      expect(run.outcome.result).toBe(blind ? 'PARTIAL' : 'OK');
      expect(run.next.kind).toBe('nothing');
    }
  });

  test('stops them within a minute where RDS is slow', async () => {
    const world = long();
    pauseAfter(world, 2);
    let leftMs = 900_000;
    await runSnapshots(
      world.rds.ports,
      { ...settings, ...many },
      { remainingMs: () => (leftMs -= 10_000) },
    )({
      nowMs: slot,
      dryRun: false,
    });
    expect(deletions(world)).toHaveLength(6);
  });
});

describe('a confirmation', () => {
  const limit = { maxDeletionsPerRun: 1 };
  const confirmed = async (deletions: number) => {
    const world = expiring();
    await world.rds.ports.control.confirm({
      of: 'snapshots',
      deletions,
      newestSlotMs: slot,
      by: 'ann',
      why: 'a shorter policy',
      atMs: slot - 60_000,
      untilMs: slot + HOUR_MS,
    });
    return world;
  };

  test('is used up before the first deletion, once', async () => {
    const world = await confirmed(20);
    const done = await world.run({}, limit);
    expect(done.outcome.counts.deleted).toBeGreaterThan(2);
    expect((await world.rds.ports.control.orders()).confirmations).toEqual([]);
  });

  test('that another run used up meanwhile lets nothing pass', async () => {
    const world = await confirmed(20);
    const { control } = world.rds.ports;
    const { useConfirmation } = control;
    control.useConfirmation = async (one) => {
      await useConfirmation(one);
      return useConfirmation(one);
    };
    const done = await world.run({}, limit);
    expect(deletions(world)).toEqual([]);
    expect(linesOf(done).join('\n')).toContain('was used by another run');
    expect(done.outcome.result).toBe('PARTIAL');
  });

  test('that cannot be used up lets nothing pass', async () => {
    const world = await confirmed(20);
    world.rds.ports.control.useConfirmation = () => Promise.reject(new Error('the table is away'));
    await world.run({}, limit);
    expect(deletions(world)).toEqual([]);
  });

  test('counts what RDS did not answer about: it may be gone', async () => {
    const world = await confirmed(9);
    for (const { id } of world.rds.snapshots)
      world.rds.faults.set(`delete ${id}`, { answer: { kind: 'unknown', detail: 'socket hang up' }, after: true });
    await world.run({ steps: 6 }, limit);
    await world.drain({ steps: 3 }, limit);
    expect(deletions(world)).toHaveLength(9);
  });

  test('is not gone by a second time by a part that was taken again', async () => {
    let inTheMiddle = 0;
    for (let call = 1; call < 20; call++) {
      const world = await confirmed(9);
      await world.run({ steps: 6 }, limit);
      const message = world.rds.state.queue.shift()?.continuation ?? { slotMs: slot, part: 0 };
      const first = deletions(world).length;
      const died = await world.goOn(message, { dieAt: { call, when: 'after' } }, limit).catch(() => 'died');
      const dead = deletions(world).length;
      later(world, 16 * 60_000);
      await world.goOn(message, {}, limit);
      if (died === 'died') expect([call, deletions(world).length - dead]).toEqual([call, 0]);
      if (first < dead && dead < 9) inTheMiddle += 1;
    }
    expect(inTheMiddle).toBeGreaterThan(2);
  });

  test('outlives a pause that comes before the first deletion', async () => {
    const world = await confirmed(20);
    pauseAfter(world, 1);
    await world.run({}, limit);
    expect(deletions(world)).toEqual([]);
    expect((await world.rds.state.control.orders()).confirmations).toHaveLength(1);
  });

  test('holds for the parts of its slot, and for no more deletions than it says', async () => {
    const world = await confirmed(9);
    await world.run({ steps: 6 }, limit);
    const before = deletions(world).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(9);
    await world.drain({ steps: 3 }, limit);
    expect(deletions(world)).toHaveLength(9);
  });
});

describe('killed at any call', () => {
  const CALLS = 60;
  const positions = Array.from({ length: CALLS }, (_, index) => index + 1).flatMap((call) =>
    (['before', 'after'] as const).map((when) => ({ call, when })),
  );
  const open = (): SlotWorld => {
    const world = openSlotWorld('a', 'b', 'c', 'd', 'e');
    for (const one of world.rds.databases) world.rds.snapshots.push(...hourly(one, slot - HOUR_MS, 5));
    world.rds.snapshots.push(snapshot(database('a'), slot - 90 * HOUR_MS, { id: 'by-hand', tags: {} }));
    const cluster = database('aurora', { kind: 'cluster', engine: 'aurora-mysql' });
    world.rds.databases.push(cluster);
    return world;
  };
  /** One of each database in the slot; what was to go is gone, nothing else is. */
  const whole = async (world: SlotWorld) => {
    expect(world.ofSlot()).toEqual({ a: 1, b: 1, c: 1, d: 1, e: 1, aurora: 1 });
    expect(world.rds.snapshots.map(({ id }) => id)).toContain('by-hand');
    world.rds.settle();
    later(world);
    for (const one of ['a', 'b', 'c', 'd', 'e']) {
      const own = world.rds.snapshots.filter(
        (two) => two.resourceId === database(one).resourceId && two.id !== 'by-hand',
      );
      expect(own.length).toBeGreaterThanOrEqual(3);
      expect(own.length).toBeLessThanOrEqual(4);
    }
  };

  test('the run is healed by its second delivery', async () => {
    let deaths = 0;
    for (const dieAt of positions) {
      const world = open();
      const died = await world.run({ dieAt }).then(
        () => false,
        (error) => error instanceof Killed,
      );
      if (died) {
        deaths += 1;
        await world.run();
      }
      later(world, 16 * 60_000);
      await world.drain();
      await whole(world);
    }
    expect(deaths).toBeGreaterThan(40);
  });

  test('a part of it is healed by the second delivery of its message', async () => {
    let deaths = 0;
    for (const dieAt of positions) {
      const world = open();
      await world.run({ steps: 2 });
      const message = world.rds.state.queue.shift()?.continuation ?? { slotMs: slot, part: 1 };
      const died = await world.goOn(message, { steps: 2, dieAt }).then(
        () => false,
        (error) => error instanceof Killed,
      );
      if (died) {
        deaths += 1;
        const again = await world.goOn(message, { steps: 2 });
        if (dieAt.call > 1) expect(again.kind).not.toBe('run');
        later(world, 16 * 60_000);
        await world.goOn(message, { steps: 2 });
      }
      await world.drain({ steps: 8 });
      await whole(world);
    }
    expect(deaths).toBeGreaterThan(10);
  });

  test('and never delivered again, is healed by the next hour', async () => {
    for (const dieAt of positions) {
      const world = open();
      await world.run({ steps: 4, dieAt }).catch(() => undefined);
      world.rds.state.queue.length = 0;
      world.rds.settle();
      const plenty = { remainingMs: () => 900_000 };
      const nextHour = { nowMs: slot + HOUR_MS, dryRun: false };
      const { outcome } = await runSnapshots(world.rds.ports, settings, plenty)(nextHour);
      expect(outcome).toMatchObject({ result: 'OK', counts: { created: 6 } });
      expect(world.rds.snapshots.filter((one) => slotOf(one) === nextHour.nowMs)).toHaveLength(6);
    }
  });
});
