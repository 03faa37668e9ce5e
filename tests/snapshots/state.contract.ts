import { describe, expect, test } from '@jest/globals';
import type { Confirmation, Pause } from '../../functions/snapshots/core/inventory.ts';
import type { Remaining } from '../../functions/snapshots/core/remaining.ts';
import type { Control, RemainingWork } from '../../functions/snapshots/run/ports.ts';

export interface StateWorld {
  control: Control;
  remaining: RemainingWork;
}

const slotMs = Date.parse('2026-08-14T10:00:00Z');
const pause = (over: Partial<Pause> = {}): Pause => ({
  part: 'expiry',
  by: 'ann',
  why: 'audit',
  atMs: slotMs,
  ...over,
});
const confirmation = (over: Partial<Confirmation> = {}): Confirmation => ({
  of: 'snapshots',
  deletions: 120,
  newestSlotMs: slotMs,
  by: 'ann',
  why: 'a shorter policy',
  atMs: slotMs,
  untilMs: slotMs + 7_200_000,
  ...over,
});
const rest = (over: Partial<Remaining> = {}): Remaining => ({
  slotMs,
  part: 1,
  left: [{ kind: 'instance', resourceId: 'db-ORDERS', because: 'deferred' }],
  expiry: 'done',
  soFar: {
    expiry: 'armed',
    outcome: { result: 'OK', counts: { selected: 2, created: 1 } as never, worstAgeMs: undefined, withoutGood: 0 },
  },
  ...over,
});

/** What the wing relies on of its state, asked of every store in the same words. Each store is new for each contract. */
export const stateContract = (open: () => StateWorld): void => {
  describe('orders', () => {
    test('are none, until somebody gives one; pauses of two parts stand beside each other', async () => {
      const { control } = open();
      expect(await control.orders()).toEqual({ pauses: [], confirmations: [] });
      await Promise.all([control.pause(pause()), control.pause(pause({ part: 'creation', by: 'bob' }))]);
      expect(new Set((await control.orders()).pauses)).toEqual(
        new Set([pause(), pause({ part: 'creation', by: 'bob' })]),
      );
    });

    test('a second pause of a part replaces the first; resuming is true once', async () => {
      const { control } = open();
      await control.pause(pause({ why: 'a longer audit' }));
      expect((await control.orders()).pauses).toContainEqual(pause({ why: 'a longer audit' }));
      expect((await control.orders()).pauses).toHaveLength(2);
      expect([await control.resume('expiry'), await control.resume('expiry')]).toEqual([true, false]);
      expect(await control.resume('copies')).toBe(false);
      expect((await control.orders()).pauses).toEqual([pause({ part: 'creation', by: 'bob' })]);
    });

    test('a confirmation is used by exactly one, and only as it was read', async () => {
      const { control } = open();
      await control.confirm(confirmation());
      expect((await control.orders()).confirmations).toEqual([confirmation()]);
      expect(await control.useConfirmation(confirmation({ deletions: 121 }))).toBe(false);
      await control.confirm(confirmation({ deletions: 3 }));
      expect(await control.useConfirmation(confirmation())).toBe(false);
      const uses = await Promise.all([1, 2, 3].map(() => control.useConfirmation(confirmation({ deletions: 3 }))));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect((await control.orders()).confirmations).toEqual([]);
      expect(await control.useConfirmation(confirmation({ deletions: 3 }))).toBe(false);
    });

    test('a confirmation of snapshots and one of copies stand beside each other, and neither is used for the other', async () => {
      const { control } = open();
      const copies = confirmation({ of: 'copies' });
      await Promise.all([control.confirm(confirmation()), control.confirm(copies)]);
      expect((await control.orders()).confirmations).toEqual([confirmation(), copies]);
      expect(await control.useConfirmation(copies)).toBe(true);
      expect(await control.useConfirmation(copies)).toBe(false);
      expect((await control.orders()).confirmations).toEqual([confirmation()]);
      expect(await control.useConfirmation(confirmation())).toBe(true);
    });
  });

  describe('the rest of a slot', () => {
    test('is written down once', async () => {
      const { remaining } = open();
      expect(await remaining.put(rest())).toBe(true);
      expect(await remaining.put(rest({ left: [] }))).toBe(false);
      expect(await remaining.take(slotMs, 1, slotMs, slotMs + 10)).toEqual(rest());
    });

    test('is taken by one at a time, and by the next when its lease is over', async () => {
      const { remaining } = open();
      await remaining.put(rest({ part: 2, confirmed: confirmation() }));
      const takes = await Promise.all([1, 2, 3].map(() => remaining.take(slotMs, 2, slotMs, slotMs + 1000)));
      expect(takes.filter((one) => one === 'busy')).toHaveLength(2);
      expect(takes).toContainEqual(rest({ part: 2, confirmed: confirmation() }));
      expect(await remaining.take(slotMs, 2, slotMs + 999, slotMs + 2000)).toBe('busy');
      // Without the confirmation: the one before may have used it up before it died.
      expect(await remaining.take(slotMs, 2, slotMs + 1000, slotMs + 2000)).toEqual(rest({ part: 2 }));
    });

    test('is over when it is done, or was never there', async () => {
      const { remaining } = open();
      await remaining.put(rest({ part: 3 }));
      await remaining.done(slotMs, 3);
      expect(await remaining.take(slotMs, 3, slotMs + 1, slotMs + 2)).toBe('over');
      expect(await remaining.put(rest({ part: 3 }))).toBe(false);
      await remaining.done(slotMs, 9);
      expect(await remaining.take(slotMs, 9, slotMs + 1, slotMs + 2)).toBe('over');
    });

    test('remembers the names that were tried', async () => {
      const { remaining } = open();
      const left = [
        { kind: 'cluster' as const, resourceId: 'cluster-A', because: 'no-evidence' as const, tried: ['ms-a', 'ms-b'] },
      ];
      await remaining.put(rest({ part: 5, left }));
      expect(await remaining.take(slotMs, 5, slotMs, slotMs + 1)).toMatchObject({ left });
    });

    test('of an estate of 4,000 databases fits', async () => {
      const { remaining } = open();
      const left = Array.from({ length: 4_000 }, (_, index) => ({
        kind: 'instance' as const,
        resourceId: `db-ABCDEFGHIJKLMNOPQRSTUV${String(index).padStart(4, '0')}`,
        because: 'out-of-time' as const,
      }));
      expect(await remaining.put(rest({ part: 4, left }))).toBe(true);
      expect(await remaining.take(slotMs, 4, slotMs, slotMs + 1)).toMatchObject({ left });
    });
  });
};
