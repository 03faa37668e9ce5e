import { describe, expect, test } from '@jest/globals';
import {
  database,
  hourly,
  inventory,
  orderless,
  paused,
  settings,
  snapshot,
} from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import type { Confirmation, Inventory } from './inventory.ts';
import { plan } from './plan.ts';
import type { Settings } from './policy.ts';
import { expirySentence, snapshotSentence } from './sentences.ts';
import { warningSentence } from './warning-sentences.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');
const DAYS = 24 * HOUR_MS;
const orders = database('orders');
const planAt = (seen: Inventory, over: Partial<Settings> = {}, nowMs = slot) =>
  plan(seen, { ...settings, ...over }, nowMs);
const deleted = (seen: Inventory, over: Partial<Settings> = {}, nowMs = slot) =>
  planAt(seen, over, nowMs).deletes.map(({ id }) => id);

describe('what is encrypted', () => {
  const encrypted = (keyId: string, hoursAgo: number) =>
    snapshot(orders, slot - hoursAgo * HOUR_MS, { id: `${keyId}-${hoursAgo}`, encrypted: true, kmsKeyId: keyId });
  const seen = inventory(
    [orders],
    [1, 2, 3, 4, 5].map((hours) => encrypted('key/a', hours)),
  );

  test('is good, and may go, when its key is usable', () => {
    const planned = planAt({ ...seen, keys: { 'key/a': 'usable' } });
    expect(planned.databases[0]).toMatchObject({ good: 5, newestGoodMs: slot - HOUR_MS });
    expect(planned.deletes.map(({ id }) => id)).toEqual(['key/a-4', 'key/a-5']);
    expect(planned.warnings).toEqual([]);
  });

  test('is no backup without its key, and is kept: a key can be switched on again', () => {
    const old = encrypted('key/b', 9);
    const planned = planAt({
      ...inventory([orders], [...seen.snapshots, old]),
      keys: { 'key/a': 'unusable', 'key/b': 'usable' },
    });
    expect(planned.deletes).toEqual([]);
    expect(planned.databases[0]).toMatchObject({ good: 1, newestGoodMs: slot - 9 * HOUR_MS });
    expect(planned.warnings.map(warningSentence)).toContain(
      '5 snapshots need the KMS key key/a, which cannot be used: no backup until it can; none of them is deleted.',
    );
  });

  test.each<[string, Pick<Inventory, 'keys'>]>([
    ['nobody asked about keys', {}],
    ['nobody knew this one', { keys: { 'key/other': 'usable' } }],
    ['the answer said nothing', { keys: { 'key/a': 'unknown' } }],
  ])('is in doubt, and kept, when %s', (_what, keys) => {
    const planned = planAt({ ...seen, ...keys });
    expect(planned.deletes).toEqual([]);
    expect(planned.databases[0]).toMatchObject({ good: 0 });
    expect(planned.warnings).toMatchObject([{ kind: 'key-unusable', keyId: 'key/a', state: 'unknown', snapshots: 5 }]);
  });

  test('is in doubt when RDS does not name its key', () => {
    const nameless = [...hourly(orders, slot - HOUR_MS, 3), snapshot(orders, slot - 9 * HOUR_MS, { encrypted: true })];
    expect(deleted(inventory([orders], nameless))).toEqual([]);
  });
});

describe('people’s orders', () => {
  const seen = inventory([orders], hourly(orders, slot - HOUR_MS, 6));

  test('to pause expiry: nothing goes, each says so, creations go on', () => {
    const planned = planAt({ ...seen, orders: paused('expiry') });
    expect(planned).toMatchObject({ deletes: [], expiry: 'paused' });
    expect(planned.creates).toHaveLength(1);
    expect(planned.snapshots.filter(({ because }) => because === 'expiry-paused')).toHaveLength(3);
    expect(planned.snapshots.map(snapshotSentence)).toContain(`${seen.snapshots[5]?.id} is kept: expiry is paused.`);
    expect(expirySentence(planned.expiry)).toBe('Expiry is paused: nothing is deleted.');
    // It is what somebody ordered, so it is said and is no fault of the run.
    expect(planned.warnings).toEqual([]);
    expect(planned.advice).toMatchObject([{ kind: 'expiry-paused', pause: { by: 'ann' } }]);
  });

  test.each<[string, Inventory]>([
    ['nobody asked', orderless(seen)],
    ['nobody answered', { ...orderless(seen), unseen: [{ what: 'orders', detail: 'no table' }] }],
    ['the answer is old', { ...seen, unseen: [{ what: 'orders', detail: 'no table' }] }],
  ])('that are unknown, for %s: nothing goes, creations go on', (_what, blind) => {
    const planned = planAt(blind);
    expect(planned).toMatchObject({ deletes: [], expiry: 'orders-unseen' });
    expect(planned.creates).toHaveLength(1);
    expect(planned.warnings).toMatchObject([{ kind: 'unseen', unseen: { what: 'orders' } }]);
  });

  test('to pause another part stop no deletion', () => {
    expect(deleted({ ...seen, orders: paused('copies') })).toHaveLength(3);
    expect(planAt({ ...seen, orders: paused('creation') })).toMatchObject({ expiry: 'armed' });
    expect(deleted({ ...seen, orders: paused('creation') })).toHaveLength(3);
  });
});

describe('a confirmation', () => {
  const six = hourly(orders, slot - HOUR_MS, 8);
  const oldestFirst = [...six].reverse().map(({ id }) => id);
  const given: Confirmation = {
    of: 'snapshots',
    deletions: 5,
    newestSlotMs: slot - HOUR_MS,
    by: 'ann',
    why: 'the policy is meant',
    atMs: slot - 60_000,
    untilMs: slot + HOUR_MS,
  };
  const over = { maxDeletionsPerRun: 2 };
  const withIt = (confirmation: Partial<Confirmation> = {}) => ({
    ...inventory([orders], six),
    orders: { pauses: [], confirmations: [{ ...given, ...confirmation }] },
  });

  test('lets pass what the breaker would stop, and the plan says which, for it must be used up first', () => {
    expect(planAt(inventory([orders], six), over)).toMatchObject({ deletes: [], confirmation: undefined });
    const planned = planAt(withIt(), over);
    expect(planned.deletes).toHaveLength(5);
    expect(planned.confirmation).toEqual(given);
    expect(planned.warnings).toEqual([]);
  });

  test('lets no more pass than were confirmed, the oldest first; the rest is stopped and said', () => {
    const planned = planAt(withIt({ deletions: 3 }), over);
    expect(planned.deletes.map(({ id }) => id).sort()).toEqual(oldestFirst.slice(0, 3).sort());
    expect(planned.warnings).toEqual([{ kind: 'circuit-breaker', stopped: 2, passed: 3, allowed: 2 }]);
    expect(planned.warnings.map(warningSentence)).toEqual([
      expect.stringMatching(
        /^3 confirmed deletions may pass, and 2 more are stopped: together more than the 2 allowed in one run; /,
      ),
    ]);
    expect(planned.snapshots.filter(({ because }) => because === 'circuit-breaker')).toHaveLength(2);
  });

  test('lets nothing pass that is newer than what the person saw', () => {
    expect(deleted(withIt({ newestSlotMs: slot - 7 * HOUR_MS }), over).sort()).toEqual(oldestFirst.slice(0, 2).sort());
  });

  test.each<[string, Partial<Confirmation>]>([
    ['lapsed', { untilMs: slot }],
    ['of the copies', { of: 'copies' }],
    ['from the future', { atMs: slot + 1 }],
    ['of nothing', { deletions: 0 }],
    ['of no number', { deletions: Number.NaN }],
    ['of snapshots before these', { newestSlotMs: slot - 30 * HOUR_MS }],
  ])('%s lets nothing pass and is not used up', (_what, confirmation) => {
    expect(planAt(withIt(confirmation), over)).toMatchObject({ deletes: [], confirmation: undefined });
  });

  test('is not used up by a run that the breaker lets pass anyway', () => {
    expect(planAt(withIt(), { maxDeletionsPerRun: 5 })).toMatchObject({ confirmation: undefined });
    expect(deleted(withIt(), { maxDeletionsPerRun: 5 })).toHaveLength(5);
  });

  test('lets nothing pass a pause', () => {
    const both = { ...withIt(), orders: { pauses: paused('expiry').pauses, confirmations: [given] } };
    expect(planAt(both, over)).toMatchObject({ deletes: [], confirmation: undefined, expiry: 'paused' });
  });
});

describe('what is left of a deleted database', () => {
  const left = [...hourly(orders, slot - 20 * DAYS, 4), snapshot(orders, slot - 400 * DAYS)];
  const seen = inventory([database('another')], left);

  test('is kept for good where the config says no more', () => {
    expect(deleted(seen, { policy: { keepLast: 1 } }, slot + 9_999 * DAYS)).toEqual([]);
  });

  test('stays whole until its newest is so many days old: the history does not go on the day of the database', () => {
    expect(deleted(seen, { orphanKeepDays: 20 })).toEqual([]);
  });

  test.each([
    ['failed', { status: 'failed' }],
    ['whose key is switched off', { encrypted: true, kmsKeyId: 'key/off' }],
    ['in the making', { status: 'creating' }],
  ])('stays as long after a newer one %s: that was the last sign of the database', (_what, over) => {
    const newer = snapshot(orders, slot - 19 * DAYS, over);
    const more = (newest: typeof newer) => inventory([database('another')], [...left, newest]);
    expect(deleted(more(newer), { orphanKeepDays: 19, failedKeepHours: 24 * 99 })).toEqual([]);
    const foreign = { ...newer, tags: { ...newer.tags, 'mainstay:stack': 'another' } };
    expect(deleted(more(foreign), { orphanKeepDays: 19 })).toHaveLength(4);
  });

  test('then goes, but for the last good one', () => {
    const planned = planAt(seen, { orphanKeepDays: 19 });
    expect(planned.deletes.map(({ id }) => id)).toEqual(left.slice(1).map(({ id }) => id));
    expect(planned.snapshots.map(snapshotSentence)).toContain(
      `${left[4]?.id} may be deleted: its database is gone, and what is left of it has been kept for as long as the config says.`,
    );
    expect(planned.snapshots).toContainEqual(expect.objectContaining({ snapshot: left[0], because: 'last-good' }));
  });

  test('keeps its floor, its holds and its pending copies', () => {
    const held = snapshot(orders, slot - 50 * DAYS, { extraTags: { 'mainstay:hold': 'true' } });
    const copied = snapshot(orders, slot - 60 * DAYS);
    const more = { ...inventory([], [...left, held, copied]), copying: new Set([copied.arn]) };
    const gone = deleted(more, { orphanKeepDays: 19, minKeep: 3 });
    expect(gone).not.toContain(held.id);
    expect(gone).not.toContain(copied.id);
    expect(gone).toHaveLength(4);
    expect(deleted(inventory([], left), { orphanKeepDays: 19, minKeep: 3 })).toHaveLength(2);
  });

  test('is not touched while the databases of its kind cannot be seen', () => {
    const unseen = (kind: 'instance' | 'cluster') => ({
      ...seen,
      unseen: [{ what: 'databases', kind, detail: 'throttled' }] as const,
    });
    expect(deleted(unseen('instance'), { orphanKeepDays: 19 })).toEqual([]);
    expect(deleted(unseen('cluster'), { orphanKeepDays: 19 })).toHaveLength(4);
  });
});

describe('a failed snapshot of ours', () => {
  const failed = (hoursAgo: number) =>
    snapshot(orders, slot - hoursAgo * HOUR_MS, { id: `failed-${hoursAgo}`, status: 'failed' });

  test('goes after failedKeepHours, with a reason of its own, whatever the floor says', () => {
    const seen = inventory([orders], [...hourly(orders, slot - HOUR_MS, 2), failed(24), failed(25)]);
    const planned = planAt(seen, { minKeep: 9 });
    expect(planned.deletes.map(({ id }) => id)).toEqual(['failed-25']);
    expect(planned.snapshots.map(snapshotSentence)).toContain('failed-25 may be deleted: it failed, and is no backup.');
    expect(planned.databases[0]).toMatchObject({ good: 2 });
  });

  test('goes also where creation is broken: it is no backup', () => {
    expect(deleted(inventory([orders], [failed(25)]))).toEqual(['failed-25']);
  });

  test('counts for the circuit breaker', () => {
    const many = Array.from({ length: 3 }, (_, index) => failed(30 + index));
    expect(deleted(inventory([orders], many), { maxDeletionsPerRun: 2 })).toEqual([]);
  });

  test('of an unknown slot stays', () => {
    const dateless = snapshot(orders, slot, { status: 'failed', extraTags: { 'mainstay:slot': 'noon' } });
    expect(deleted(inventory([orders], [dateless]), {}, slot + 99 * DAYS)).toEqual([]);
  });
});
