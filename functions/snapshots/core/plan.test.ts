import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../../../tests/counts.ts';
import { database, hourly, inventory, settings, snapshot } from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import type { Inventory, Snapshot } from './inventory.ts';
import { outcomeOf } from './outcome.ts';
import { plan } from './plan.ts';
import { databaseSentence, snapshotSentence } from './sentences.ts';
import { slotOf } from './tags.ts';
import { warningSentence } from './warning-sentences.ts';

fc.configureGlobal(lengthOf(100, 5_000));

const slot = Date.parse('2026-08-14T10:00:00Z');
const orders = database('orders');
const planAt = (seen: Inventory, over = {}, nowMs = slot) => plan(seen, { ...settings, ...over }, nowMs);
const why = (seen: Inventory, over = {}) =>
  Object.fromEntries(
    planAt(seen, over).databases.map(({ database: { id }, kind, because }) => [id, `${kind} ${because}`]),
  );

describe('a plan', () => {
  test('takes one snapshot of each selected database, named for its slot, with the source’s tags', () => {
    const seen = inventory([database('orders', { tags: { 'mainstay:snapshots': 'true', team: 'payments' } })], []);
    const { creates } = planAt(seen, {}, slot + 59 * 60_000);
    expect(creates).toHaveLength(1);
    expect(creates[0]).toMatchObject({ slotMs: slot, attempt: 1 });
    expect(creates[0]?.name).toMatch(/^ms-orders-20260814t10-/);
    expect(creates[0]?.tags).toMatchObject({ team: 'payments', 'mainstay:slot': '2026-08-14T10:00:00Z' });
  });

  test('takes a name that somebody else has with a suffix', () => {
    const [first] = planAt(inventory([orders], [])).creates;
    const taken = snapshot(orders, slot, { id: first?.name ?? '', tags: {} });
    expect(planAt(inventory([orders], [taken])).creates[0]).toMatchObject({ attempt: 2, name: `${first?.name}-2` });
  });

  test('takes the cluster once, and its members never', () => {
    const cluster = database('aurora', { kind: 'cluster', engine: 'aurora-postgresql' });
    const members = ['a', 'b'].map((id) => database(id, { memberOf: 'aurora', engine: 'aurora-postgresql' }));
    expect(why(inventory([cluster, ...members], []))).toEqual({
      aurora: 'create due',
      a: 'skip cluster-member',
      b: 'skip cluster-member',
    });
  });

  test('keeps a renamed database one group, and takes no second "first" snapshot', () => {
    const renamed = database('orders-new', { resourceId: orders.resourceId });
    const seen = inventory([renamed], [...hourly(orders, slot - HOUR_MS, 4)]);
    expect(planAt(seen).deletes).toHaveLength(1);
    expect(why(inventory([renamed], hourly(orders, slot, 4)))).toEqual({ 'orders-new': 'skip already-taken' });
  });

  test('gives a database that was deleted and recreated under its name a snapshot at once, and keeps the old one’s', () => {
    const recreated = database('orders', { resourceId: 'db-NEW' });
    const seen = inventory([recreated], hourly(orders, slot, 10));
    expect(why(seen)).toEqual({ orders: 'create due' });
    expect(planAt(seen).deletes).toEqual([]);
    expect(new Set(planAt(seen).snapshots.map(({ because }) => because))).toEqual(new Set(['policy', 'orphan']));
  });

  test('says a typo in a tag, still takes the snapshot, and deletes nothing', () => {
    const typo = database('orders', {
      tags: { 'mainstay:snapshots': 'true', 'mainstay:snapshots:policy': 'hourly=l2' },
    });
    const planned = planAt(inventory([typo], hourly(orders, slot - HOUR_MS, 9)));
    expect(planned.creates).toHaveLength(1);
    expect(planned.deletes).toEqual([]);
    expect(planned.databases.map(databaseSentence)[0]).toContain('"hourly=l2" needs a whole number');
  });

  test('with nothing selected warns: that is no success', () => {
    expect(planAt(inventory([database('x', { tags: {} })], [])).warnings.map(warningSentence)).toEqual([
      'No database is selected: of 1 database none carries the tag mainstay:snapshots=true.',
    ]);
  });

  test('of what could not be seen deletes nothing: without its databases every snapshot is an orphan', () => {
    const seen = {
      ...inventory([], hourly(orders, slot - HOUR_MS, 9)),
      unseen: [{ what: 'databases', detail: 'x' }] as const,
    };
    expect(planAt(seen).deletes).toEqual([]);
    expect(planAt(seen).warnings.map(({ kind }) => kind)).toEqual(['unseen']);
  });

  test('leaves out the freshest when the quota is short, and lets go first what may go', () => {
    const fresh = database('fresh');
    const stale = database('stale');
    const snapshots = [...hourly(fresh, slot - HOUR_MS, 4), ...hourly(stale, slot - 3 * HOUR_MS, 3)];
    const full = inventory([fresh, stale], snapshots, [{ kind: 'instance', max: 8, used: 7 }]);
    expect(why(full, { expiry: 'plan' })).toEqual({ fresh: 'skip quota', stale: 'create due' });
    expect(planAt(full, { expiry: 'plan' }).deletesFirst).toBe(false);
    expect(why(full)).toEqual({ fresh: 'create due', stale: 'create due' });
    expect(planAt(full).deletesFirst).toBe(true);
  });

  test('holds back deletions, and says so, when no new snapshot has come for too long', () => {
    const planned = planAt(inventory([orders], hourly(orders, slot - 30 * 24 * HOUR_MS, 24)));
    expect(planned.deletes).toEqual([]);
    expect(planned.warnings.map(warningSentence)[0]).toContain('orders has had no new snapshot since 2026-07-15 10:00');
  });

  test('says that no new snapshot has come for too long also where there is nothing to delete, and that none can come', () => {
    const broken = database('broken', { status: 'inaccessible-encryption-credentials' });
    const born = database('born', { status: 'creating' });
    const planned = planAt(inventory([orders, broken, born], hourly(orders, slot - 7 * HOUR_MS, 1)));
    expect(planned.warnings.map(warningSentence)).toEqual([
      'orders has had no new snapshot since 2026-08-14 03:00: nothing of it is deleted.',
      'broken has no good snapshot, and as it is (inaccessible-encryption-credentials) none can be taken.',
    ]);
    expect(outcomeOf(planned, [], true).result).toBe('PARTIAL');
  });

  test('says that a tag on an instance of a cluster without one backs nothing up', () => {
    const member = database('aurora-1', { memberOf: 'aurora' });
    const cluster = database('aurora', { kind: 'cluster', tags: {} });
    const of = (over: Partial<typeof cluster>) =>
      planAt(inventory([orders, member, { ...cluster, ...over }], [])).warnings.map(warningSentence);
    expect(of({})).toEqual([
      'aurora-1 carries the tag, and its cluster aurora does not: neither gets a snapshot; tag the cluster.',
    ]);
    expect(of({ tags: orders.tags })).toEqual([]);
    expect(of({ tags: { 'mainstay:snapshots': 'false' } })).toEqual([]);
  });

  test('lets a stopped database rest: its last snapshots stay, and nobody is woken for their age', () => {
    const stopped = database('orders', { status: 'stopped' });
    const seen = inventory([stopped, database('ledger')], hourly(stopped, slot - 30 * 24 * HOUR_MS, 9));
    const planned = planAt({ ...seen, snapshots: [...seen.snapshots, snapshot(database('ledger'), slot - HOUR_MS)] });
    expect(planned.deletes).toEqual([]);
    expect(planned.warnings).toEqual([]);
    expect(planned.snapshots).toContainEqual(expect.objectContaining({ because: 'creation-broken' }));
    expect(outcomeOf(planned, [], true)).toMatchObject({ result: 'OK', worstAgeMs: HOUR_MS, withoutGood: 0 });
    expect(outcomeOf(planAt(inventory([stopped], [])), [], true)).toMatchObject({ withoutGood: 1 });
  });

  test('keeps a cluster and an instance of one name apart, also of one resource id', () => {
    const cluster = database('orders', { kind: 'cluster', engine: 'aurora-postgresql' });
    const seen = inventory([orders, cluster], hourly(orders, slot - HOUR_MS, 3));
    const both = {
      ...seen,
      snapshots: [...seen.snapshots, snapshot(cluster, slot - HOUR_MS, { id: 'of-the-cluster' })],
    };
    expect(planAt(both).databases.map(({ good }) => good)).toEqual([3, 1]);
    expect(planAt(both).creates.map(({ database: { kind } }) => kind)).toEqual(['instance', 'cluster']);
    expect(planAt(both).deletes).toEqual([]);
  });

  test('does not stumble over names and tags of other tools', () => {
    const strange = ['rds:orders-2026', 'awsbackup:job-0f', `preupgrade-${'x'.repeat(80)}`].map((id) =>
      snapshot(orders, slot - 900 * HOUR_MS, { id, tags: {} }),
    );
    expect(planAt(inventory([orders], strange)).snapshots.map(({ kind }) => kind)).toEqual([
      'ignore',
      'ignore',
      'ignore',
    ]);
  });

  test('says why of every snapshot', () => {
    const held = snapshot(orders, slot - 9 * HOUR_MS, { id: 'held', extraTags: { 'mainstay:hold': 'true' } });
    const said = planAt(inventory([orders], [...hourly(orders, slot - HOUR_MS, 4), held])).snapshots.map(
      snapshotSentence,
    );
    expect(said).toContain('held is kept: somebody holds it.');
    expect(
      said.filter((sentence) => sentence.endsWith('may be deleted: no rule of its policy keeps it.')),
    ).toHaveLength(1);
  });
});

const worlds = fc
  .record({
    hours: fc.uniqueArray(fc.integer({ min: -3, max: 400 }), { maxLength: 40 }),
    statuses: fc.array(fc.constantFrom('available', 'available', 'available', 'creating', 'failed'), {
      minLength: 40,
      maxLength: 40,
    }),
    foreign: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
    exists: fc.boolean(),
  })
  .map(({ hours, statuses, foreign, exists }) => {
    const snapshots = hours.map((hour, index): Snapshot => {
      const one = snapshot(orders, slot - hour * HOUR_MS, { status: statuses[index] ?? 'available' });
      return foreign[index] ? { ...one, tags: { ...one.tags, 'mainstay:stack': 'mainstay-other' } } : one;
    });
    return inventory(exists ? [orders] : [], snapshots);
  });

describe('whatever is seen', () => {
  test('every snapshot and every database has exactly one verdict', () => {
    fc.assert(
      fc.property(worlds, (seen) => {
        const { snapshots, databases } = planAt(seen);
        expect(snapshots.map(({ snapshot: one }) => one).sort(byId)).toEqual([...seen.snapshots].sort(byId));
        expect(databases).toHaveLength(seen.databases.length);
      }),
    );
  });

  test('only own, manual snapshots go, good ones or long failed, and at least minKeep good ones stay', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 6 }), (seen, minKeep) => {
        const { deletes } = planAt(seen, { minKeep });
        const own = seen.snapshots.filter(({ tags }) => tags['mainstay:stack'] === 'mainstay-test');
        const good = own.filter(({ status }) => status === 'available');
        const longAgo = slot - settings.failedKeepHours * HOUR_MS;
        const failed = own.filter((one) => one.status === 'failed' && (slotOf(one) ?? slot) < longAgo);
        for (const one of deletes) expect([...good, ...failed]).toContain(one);
        const lost = deletes.filter(({ status }) => status === 'available').length;
        if (lost > 0) expect(good.length - lost).toBeGreaterThanOrEqual(minKeep);
      }),
    );
  });

  test('planning again after the deletions deletes nothing more', () => {
    fc.assert(
      fc.property(worlds, (seen) => {
        const { deletes } = planAt(seen);
        const after = { ...seen, snapshots: seen.snapshots.filter((one) => !deletes.includes(one)) };
        expect(planAt(after).deletes).toEqual([]);
      }),
    );
  });

  test('a newer snapshot never costs one that a longer policy would keep', () => {
    fc.assert(
      fc.property(worlds, (seen) => {
        const more = { ...seen, snapshots: [...seen.snapshots, snapshot(orders, slot, { id: 'newest' })] };
        const longer = planAt(more, { policy: { keepLast: 4 } }).deletes.map(({ id }) => id);
        expect(planAt(more).deletes.map(({ id }) => id)).toEqual(expect.arrayContaining(longer));
      }),
    );
  });
});

const byId = (a: Snapshot, b: Snapshot): number => (a.id < b.id ? -1 : 1);
