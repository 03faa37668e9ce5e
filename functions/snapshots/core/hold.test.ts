import { describe, expect, test } from '@jest/globals';
import { database, settings, snapshot } from '../../../tests/snapshots/samples.ts';
import { parseInstant } from './calendar.ts';
import { HELD, type HoldWish, heldSentence, holdSentence, planHold, planRelease } from './hold.ts';
import type { Snapshot } from './inventory.ts';
import { HOLD, isHeld } from './tags.ts';

const NOW = parseInstant('2026-08-14T10:20:00Z') as number;
const DAY_MS = 86_400_000;
const one = snapshot(database('orders'), NOW - 3_600_000);
const ann = { by: 'arn:aws:iam::111122223333:user/ann', why: 'audit, 2026 (ticket #7)' };
const hold = (over: Partial<HoldWish> = {}, of: Snapshot | undefined = one) =>
  planHold('x', of, { ...ann, ...over }, settings.stack, NOW);
const heldAfter = (decision: ReturnType<typeof planHold>, of = one): Snapshot => {
  if (decision.kind !== 'hold') throw new Error(holdSentence(decision));
  const left = Object.entries(of.tags).filter(([key]) => !decision.remove.includes(key));
  return { ...of, tags: { ...Object.fromEntries(left), ...decision.put } };
};

describe('a hold', () => {
  test('keeps for good, with who and why in characters that a tag may have', () => {
    const held = heldAfter(hold());
    expect(isHeld(held.tags, NOW + 1e12)).toBe(true);
    expect(held.tags).toMatchObject({ [HELD.by]: ann.by, [HELD.why]: 'audit_ 2026 _ticket _7_' });
    expect(heldSentence(held, NOW)).toBe(`${one.id} is held by ${ann.by}: audit_ 2026 _ticket _7_.`);
    expect(heldAfter(hold({ why: 'aws:audit' })).tags[HELD.why]).toBe('_aws:audit');
  });

  test('until a day keeps through that day; a later word takes the place of an earlier one', () => {
    const until = heldAfter(hold({ until: '2026-08-20' }));
    expect(isHeld(until.tags, parseInstant('2026-08-20T23:00:00Z') as number)).toBe(true);
    expect(isHeld(until.tags, parseInstant('2026-08-21T00:00:00Z') as number)).toBe(false);
    expect(heldAfter(hold({}, until), until).tags).not.toHaveProperty(HOLD.until);
    const shorter = heldAfter(hold({ until: '2026-08-20' }, heldAfter(hold())), heldAfter(hold()));
    expect(isHeld(shorter.tags, NOW + 30 * DAY_MS)).toBe(false);
  });

  test.each<[string, Partial<HoldWish>, Snapshot | undefined]>([
    ['date-unreadable', { until: 'next week' }, one],
    ['date-unreadable', { until: '2026-02-30' }, one],
    ['date-past', { until: '2026-08-13' }, one],
    ['not-ours', {}, { ...one, tags: {} }],
    ['not-ours', {}, { ...one, type: 'automated' }],
    ['not-ours', {}, { ...one, id: 'a-copy-with-our-tags' }],
  ])('is refused: %s', (because, over, of) => {
    const decision = hold(over, of);
    expect(decision).toMatchObject({ kind: 'refused', because });
    expect(holdSentence(decision)).toMatch(/^Nothing is changed: .{10,}\.$/);
  });

  test('a snapshot in the making can be held, one that is not there cannot', () => {
    expect(hold({}, { ...one, status: 'creating' })).toMatchObject({ kind: 'hold' });
    expect(planHold('x', undefined, ann, settings.stack, NOW)).toMatchObject({ because: 'not-found' });
  });
});

describe('its end', () => {
  test('takes away all that the hold put, and nothing else', () => {
    expect(planRelease('x', heldAfter(hold()), settings.stack)).toMatchObject({
      kind: 'release',
      remove: [HOLD.always, HELD.by, HELD.why],
    });
  });

  test('is refused where nothing is held, and on what is not ours', () => {
    expect(planRelease('x', one, settings.stack)).toMatchObject({ because: 'not-held' });
    expect(planRelease('x', { ...heldAfter(hold()), type: 'shared' }, settings.stack)).toMatchObject({
      because: 'not-ours',
    });
  });
});
