import { describe, expect, test } from '@jest/globals';
import { database, inventory, settings, snapshot } from '../../../../tests/snapshots/samples.ts';
import { HOUR_MS, parseInstant } from '../calendar.ts';
import type { Database, Inventory, Snapshot } from '../inventory.ts';
import { chooseSnapshot, type RestorationWish } from './restoration.ts';
import { pointInTimeSentence, refusalSentence } from './sentences.ts';

const NOW = parseInstant('2026-08-14T10:20:00Z') as number;
const SLOT = parseInstant('2026-08-14T10:00:00Z') as number;
const MINUTE = 60_000;
const orders = database('orders');
/** Taken two minutes after its slot began, and so says RDS. */
const taken = (slotMs: number, over: Partial<Snapshot> = {}, of: Database = orders) =>
  snapshot(of, slotMs, { dataMs: slotMs + 2 * MINUTE, ...over });
const three = [taken(SLOT), taken(SLOT - HOUR_MS), taken(SLOT - 2 * HOUR_MS)];
const choose = (wish: Partial<RestorationWish>, world: Inventory = inventory([orders], three)) =>
  chooseSnapshot(world, { what: 'orders', ...wish }, settings.stack, NOW);

describe('which snapshot', () => {
  test('the newest good one, when no moment is given', () => {
    expect(choose({})).toMatchObject({ kind: 'chosen', snapshot: { id: three[0]?.id }, wantedMs: NOW, own: true });
  });

  test('by the moment of its data, not by its slot: one of the slot that was taken after the moment would hold the mistake', () => {
    expect(choose({ atMs: SLOT + MINUTE })).toMatchObject({ kind: 'chosen', snapshot: { id: three[1]?.id } });
    expect(choose({ atMs: SLOT + 2 * MINUTE })).toMatchObject({ kind: 'chosen', snapshot: { id: three[0]?.id } });
  });

  test('one that nobody knows the moment of is passed over, and said, while its hour lasts', () => {
    const copy = snapshot(orders, SLOT);
    const world = inventory([], [copy, taken(SLOT - HOUR_MS)]);
    expect(choose({ atMs: SLOT + 19 * MINUTE }, world)).toMatchObject({
      snapshot: { id: three[1]?.id },
      passedOver: [{ snapshot: copy, because: 'moment-unclear' }],
    });
    expect(choose({}, world)).toMatchObject({ snapshot: { id: copy.id }, moment: { ms: SLOT, exact: false } });
  });

  test('one that is not available or whose key is unusable is passed over; an unknown key is tried', () => {
    const world = (keyState: 'usable' | 'unusable' | undefined): Inventory => ({
      ...inventory(
        [orders],
        [taken(SLOT, { status: 'creating' }), taken(SLOT - HOUR_MS, { kmsKeyId: 'k' }), taken(SLOT - 2 * HOUR_MS)],
      ),
      ...(keyState && { keys: { k: keyState } }),
    });
    expect(choose({}, world('unusable'))).toMatchObject({
      snapshot: { id: three[2]?.id },
      passedOver: [{ because: 'not-available' }, { because: 'key-unusable' }],
    });
    expect(choose({}, world(undefined))).toMatchObject({ snapshot: { id: three[1]?.id } });
  });

  test("others' snapshots and copied tags are not chosen by themselves, and are when they are named", () => {
    const theirs = taken(SLOT + HOUR_MS / 4, { id: 'before-upgrade', tags: {} });
    const world = inventory([orders], [...three, theirs]);
    expect(choose({}, world)).toMatchObject({ snapshot: { id: three[0]?.id } });
    expect(choose({ what: 'before-upgrade' }, world)).toMatchObject({ snapshot: theirs, own: false });
    expect(choose({ what: theirs.arn }, world)).toMatchObject({ snapshot: theirs });
    expect(choose({}, inventory([orders], [theirs]))).toMatchObject({ kind: 'refused', because: 'none-of-ours' });
  });

  test('a database that is gone, renamed or made anew under its name is found by what is left of it', () => {
    expect(choose({}, inventory([], three))).toMatchObject({ snapshot: { id: three[0]?.id }, database: undefined });
    const renamed = inventory([{ ...orders, id: 'orders-2' }], three);
    expect(choose({ what: 'orders-2' }, renamed)).toMatchObject({ snapshot: { id: three[0]?.id } });
    const anew = database('orders', { resourceId: 'db-SECOND' });
    const both = inventory([anew], [...three.slice(1), taken(SLOT, { id: 'ms-new' }, anew)]);
    expect(choose({}, both)).toMatchObject({ snapshot: { id: 'ms-new' }, database: anew });
    expect(choose({ atMs: SLOT - 20 * MINUTE }, both)).toMatchObject({
      snapshot: { id: three[1]?.id },
      database: undefined,
    });
  });
});

describe('why nothing is restored', () => {
  const sentence = (wish: Partial<RestorationWish>, world?: Inventory) => {
    const choice = choose(wish, world);
    return choice.kind === 'refused' ? [choice.because, refusalSentence(choice)] : choice;
  };
  test.each<[string, Partial<RestorationWish>, Inventory | undefined]>([
    ['not-found', { what: 'nobody' }, undefined],
    ['in-the-future', { atMs: NOW + 1 }, undefined],
    ['nothing-before', { atMs: SLOT - 10 * HOUR_MS }, undefined],
    ['later-than-asked', { what: three[0]?.id as string, atMs: SLOT }, undefined],
    ['none-of-ours', {}, inventory([orders], [])],
    ['not-available', { what: 'x' }, inventory([], [taken(SLOT, { id: 'x', status: 'creating' })])],
    [
      'key-unusable',
      { what: 'x' },
      { ...inventory([], [taken(SLOT, { id: 'x', kmsKeyId: 'k' })]), keys: { k: 'unusable' } },
    ],
    ['ambiguous', {}, inventory([orders, database('orders', { kind: 'cluster' })], three)],
    [
      'unseen',
      {},
      { ...inventory([orders], three), unseen: [{ what: 'snapshots', kind: 'cluster', detail: 'denied' }] },
    ],
  ])('%s', (because, wish, world) => {
    expect(sentence(wish, world)).toEqual([because, expect.stringMatching(/^Nothing is restored: .{10,}\.$/)]);
  });
});

describe('point-in-time recovery', () => {
  const backedUp = { ...orders, backupRetentionDays: 7, latestRestorableMs: NOW - 5 * MINUTE };
  const world = inventory([backedUp], three);

  test('is nearer than the newest snapshot, and the command says to where', () => {
    const choice = choose({}, world);
    expect(choice.pointInTime).toMatchObject({ toMs: NOW - 5 * MINUTE });
    if (choice.pointInTime === undefined) throw new Error('nearer');
    expect(pointInTimeSentence(choice.pointInTime, NOW, 'orders-new', 'eu-west-1')).toContain(
      'aws rds restore-db-instance-to-point-in-time --source-db-instance-identifier orders --target-db-instance-identifier orders-new --restore-time 2026-08-14T10:15:00Z --region eu-west-1',
    );
  });

  test('reaches the wished moment itself when that is in its window', () => {
    expect(choose({ atMs: SLOT + 10 * MINUTE }, world).pointInTime).toMatchObject({ toMs: SLOT + 10 * MINUTE });
    expect(choose({ atMs: SLOT - 10 * HOUR_MS }, world)).toMatchObject({
      because: 'nothing-before',
      pointInTime: { toMs: SLOT - 10 * HOUR_MS },
    });
  });

  test('is not spoken of outside its window, without backups, where a snapshot is as near, or for an earlier database', () => {
    const old = [taken(NOW - 9 * 24 * HOUR_MS)];
    expect(choose({ atMs: NOW - 8 * 24 * HOUR_MS }, inventory([backedUp], old)).pointInTime).toBeUndefined();
    expect(choose({}, inventory([{ ...backedUp, backupRetentionDays: 0 }], three)).pointInTime).toBeUndefined();
    expect(choose({ atMs: SLOT + 2 * MINUTE }, world).pointInTime).toBeUndefined();
    expect(choose({}, inventory([{ ...backedUp, resourceId: 'db-SECOND' }], three)).pointInTime).toBeUndefined();
  });
});
