import { expect, test } from '@jest/globals';
import { closeIn, emptyBook } from '../../functions/snapshots/core/verification/verification.ts';
import type { Verifications } from '../../functions/snapshots/run/verification/ports.ts';
import { START_MS, verification } from './verification-samples.ts';

/** What every store of verifications must keep: the same tests for the table and for the one in memory. `open` gives an empty one. */
export const verificationsContract = (open: () => Verifications): void => {
  test('a book that was never written is empty, and can be written once', async () => {
    const store = open();
    expect(await store.load()).toEqual(emptyBook());
    const first = { ...emptyBook(), revision: 1, open: [verification()] };
    expect(await store.save(first, 0)).toBe('saved');
    expect(await store.save({ ...first, open: [] }, 0)).toBe('conflict');
    expect(await store.load()).toEqual(first);
  });

  test('of many writers on one revision exactly one wins, and a write on an older one changes nothing', async () => {
    const store = open();
    const { revision } = await store.load();
    const next = { ...emptyBook(), revision: revision + 1 };
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) => store.save({ ...next, nextLookMs: index }, revision)),
    );
    expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1);
    const now = await store.load();
    expect(await store.save({ ...next, nextLookMs: 99 }, revision)).toBe('conflict');
    expect(await store.load()).toEqual(now);
  });

  test('what is over is known by its name, the same twice is once, and an unknown name is nothing', async () => {
    const store = open();
    const over = verification({
      phase: 'over',
      result: 'ok',
      reason: 'checked',
      endedMs: START_MS,
      throwAways: [{ kind: 'instance', id: 'x', askedMs: START_MS, resourceId: 'db-X', removedMs: START_MS }],
    });
    await store.archive(over);
    await store.archive(over);
    expect(await store.archived(over.name)).toEqual(over);
    expect(await store.archived('nobody')).toBeUndefined();
  });

  test('a book with hundreds that ended still fits', async () => {
    const store = open();
    let book = await store.load();
    const before = book.revision;
    for (let index = 0; index < 600; index++)
      book = closeIn(
        book,
        verification({
          name: `msv-a-database-with-a-long-name-of-sixty-characters-${index}`,
          result: 'failed',
          reason: 'mismatch',
          detail: 'The check does not hold: 0, expected at least 1. '.repeat(4),
        }),
        START_MS + index,
      );
    expect(book.recent).toHaveLength(500);
    expect(await store.save({ ...book, revision: before + 1 }, before)).toBe('saved');
    expect((await store.load()).recent).toEqual(book.recent);
  });
};
