import { describe, expect, test } from '@jest/globals';
import { HOUR_MS } from './calendar.ts';
import type { Counts, Outcome } from './outcome.ts';
import { isClosed, type Left, outcomeAfter, outcomeHandedOn, PATIENCE_MS, waitOf } from './remaining.ts';
import { handedOnSentence } from './remaining-sentences.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');
const left = (because: Left['because']): Left => ({ kind: 'instance', resourceId: 'db-A', because });
const outcome = (result: Outcome['result'], counts: Partial<Counts> = {}): Outcome => ({
  result,
  counts: { created: 0, alreadyThere: 0, failed: 0, deferred: 0, ...counts } as Counts,
  worstAgeMs: undefined,
  withoutGood: 0,
});

describe('what is left', () => {
  test.each([
    [[left('out-of-time')], 'done', 0],
    [[left('deferred'), left('out-of-time')], 'done', 0],
    [[], 'left', 0],
    [[left('deferred')], 'done', PATIENCE_MS],
    [[left('no-evidence')], 'done', PATIENCE_MS],
  ] as const)('%j with expiry %s waits %d ms', (of, expiry, waitMs) => {
    expect(waitOf({ left: of, expiry }, slot, slot)).toBe(waitMs);
  });

  test('is nobody’s once its turn would come after the slot', () => {
    const last = slot + HOUR_MS - PATIENCE_MS;
    expect(waitOf({ left: [left('deferred')], expiry: 'done' }, slot, last - 1)).toBe(PATIENCE_MS);
    expect(waitOf({ left: [left('deferred')], expiry: 'done' }, slot, last)).toBe('closed');
    expect(waitOf({ left: [left('out-of-time')], expiry: 'done' }, slot, last)).toBe(0);
    expect([isClosed(slot, slot + HOUR_MS - 1), isClosed(slot, slot + HOUR_MS)]).toEqual([false, true]);
  });

  test('is said, with what becomes of it', () => {
    const one = { left: [left('deferred')], expiry: 'done' } as const;
    expect(handedOnSentence({ kind: 'nothing' })).toBeUndefined();
    expect(handedOnSentence({ kind: 'handed-on', ...one, waitMs: PATIENCE_MS })).toBe(
      'Left: 1 snapshot of this slot: gone on with in 10 minutes.',
    );
    expect(handedOnSentence({ kind: 'handed-on', left: [], expiry: 'left', waitMs: 0 })).toBe(
      'Left: the rest of expiry: gone on with at once.',
    );
    expect(handedOnSentence({ kind: 'failed', ...one, expiry: 'left', detail: 'no queue' })).toBe(
      'Left: 1 snapshot of this slot and the rest of expiry: it could not be handed on (no queue), so the next run takes over.',
    );
  });
});

describe('a slot in parts', () => {
  test('is PARTIAL while creations or expiry are left; who is only busy is no fault', () => {
    const settled = outcome('OK', { created: 3 });
    const of = (some: Left[], expiry: 'left' | 'done') =>
      outcomeHandedOn(outcome('FAILED'), settled, { left: some, expiry }).result;
    expect(of([left('out-of-time')], 'done')).toBe('PARTIAL');
    expect(of([], 'left')).toBe('PARTIAL');
    expect(of([left('deferred')], 'done')).toBe('OK');
  });

  test('without an answer is as bad as it is, though it is tried again', () => {
    expect(
      outcomeHandedOn(outcome('FAILED'), outcome('OK'), { left: [left('no-evidence')], expiry: 'done' }).result,
    ).toBe('FAILED');
  });

  test('adds up, and a trouble of an earlier part is not forgotten', () => {
    const create = { database: { kind: 'instance', resourceId: 'db-A' } } as never;
    const created = { kind: 'created', create, name: 'n', how: 'new' } as const;
    const refused = { kind: 'not-created', create, because: 'refused', detail: '' } as const;
    expect(outcomeAfter(outcome('OK', { created: 2, deferred: 4 }), [created], [left('deferred')])).toMatchObject({
      result: 'OK',
      counts: { created: 3, deferred: 1, failed: 0 },
    });
    expect(outcomeAfter(outcome('PARTIAL', { created: 2 }), [created], []).result).toBe('PARTIAL');
    expect(outcomeAfter(outcome('OK', { created: 2 }), [refused], []).result).toBe('PARTIAL');
    expect(outcomeAfter(outcome('OK'), [refused], []).result).toBe('FAILED');
    expect(outcomeAfter(outcome('FAILED', { failed: 1 }), [created], []).result).toBe('PARTIAL');
  });
});
