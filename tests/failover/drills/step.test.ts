import { describe, expect, test } from '@jest/globals';
import { DRILL_SCHEMA_VERSION } from '../../../functions/failover/core/drills/drill.ts';
import { askedBook, drill, START_MS, sight } from './samples.ts';
import { openDrillWorld } from './world.ts';

// One step at a time, so that what is written before and after a single act can be looked at.

const A = drill().leader.instance;
const AT_A = `eu-west-1/${A}`;

/** A drill whose primary stands and is to go. */
const openRemoval = async () => {
  const one = openDrillWorld();
  const open = drill({
    phase: 'removing',
    result: 'inconclusive',
    reason: 'called-off',
    leader: { ...drill().leader, askedMs: START_MS, resourceId: 'db-THROWAWAY' },
  });
  await one.plain.drills.save({ ...askedBook(), open }, 0);
  one.world.made.set(AT_A, { ...sight(), bornMs: START_MS });
  one.world.nowMs += 60_000;
  return one;
};

describe('what is asked for is written down first', () => {
  test('a step that only moves the drill is kept', async () => {
    const one = openDrillWorld();
    await one.begin();
    expect(await one.world.step()).toMatchObject({ kind: 'move', drill: { phase: 'restoring' } });
    expect((await one.book()).open?.phase).toBe('restoring');
  });

  test('when RDS is asked for the primary, its name is in the book already', async () => {
    const one = openDrillWorld();
    await one.plain.drills.save({ ...askedBook(), open: drill({ phase: 'restoring' }) }, 0);
    one.world.groups.add(drill().group.name);
    let inTheBook: unknown;
    one.world.ports.stage.restore = async () => {
      inTheBook = (await one.book()).open?.leader;
    };
    await one.world.step();
    expect(inTheBook).toEqual({ ...drill().leader, askedMs: START_MS });
  });

  test('a copy that was slower with the book does nothing', async () => {
    const one = await openRemoval();
    one.world.ports.drills.save = async () => 'conflict';
    expect(await one.world.step()).toBeUndefined();
    expect(one.world.calls).toEqual([]);
  });
});

test('a drill of a newer release is not stepped: the deploy was rolled back meanwhile', async () => {
  const one = openDrillWorld();
  const newer = { ...askedBook(), schemaVersion: DRILL_SCHEMA_VERSION + 1 };
  await one.plain.drills.save(newer, 0);
  expect(await one.world.step()).toBeUndefined();
  expect(await one.book()).toEqual(newer);
});

test('the seat is free only once the receipt is kept', async () => {
  const one = openDrillWorld();
  const open = drill({ phase: 'removing', result: 'inconclusive', reason: 'no-snapshot' });
  await one.plain.drills.save({ ...askedBook(), open }, 0);
  const { keep } = one.world.ports.drills;
  one.world.ports.drills.keep = async () => {
    throw new Error('ProvisionedThroughputExceeded');
  };
  expect((await one.world.step())?.receipt).toBeUndefined();
  expect((await one.book()).open).toMatchObject({ phase: 'over', name: open.name });

  one.world.ports.drills.keep = keep;
  expect((await one.world.step())?.receipt).toMatchObject({ reason: 'no-snapshot' });
  expect((await one.book()).open).toBeUndefined();
  expect(await one.receipts()).toHaveLength(1);
});

describe('an order to remove', () => {
  test('that RDS took is written down', async () => {
    const one = await openRemoval();
    expect(await one.world.step()).toMatchObject({ row: { step: 'remove-leader' } });
    expect((await one.book()).open).toMatchObject({ leader: { removedMs: one.world.nowMs }, lastError: undefined });
  });

  test('that RDS refused is not: what it does not show a moment later may still stand', async () => {
    const one = await openRemoval();
    one.world.refuses = 'remove ';
    await one.world.step();
    const { open } = await one.book();
    expect(open?.leader.removedMs).toBeUndefined();
    expect(open?.lastError).toContain('InstanceQuotaExceeded');

    one.world.made.delete(AT_A);
    expect(await one.world.step()).toMatchObject({ kind: 'hold' });
    expect((await one.book()).open?.phase).toBe('removing');
  });
});
