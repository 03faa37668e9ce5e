import { describe, expect, test } from '@jest/globals';
import { database, hourly, inventory, paused, settings, snapshot } from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import type { Snapshot } from './inventory.ts';
import { plan } from './plan.ts';
import type { Settings } from './policy.ts';
import { snapshotSentence } from './sentences.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');
const [orders, ledger] = [database('orders'), database('ledger')];
/** Six hours of one, two of the other, and a policy that keeps them all. */
const history = [...hourly(orders, slot - HOUR_MS, 6), ...hourly(ledger, slot - HOUR_MS, 2)];
const evicting: Partial<Settings> = { onQuota: 'evict-oldest', policy: { keepHourly: 24 } };

const planned = (over: Partial<Settings>, snapshots: readonly Snapshot[] = history, max = history.length) =>
  plan(
    inventory([orders, ledger], snapshots, [{ kind: 'instance', max, used: snapshots.length }]),
    { ...settings, ...over },
    slot,
  );
const ids = (snapshots: readonly Snapshot[]) => snapshots.map(({ id }) => id).sort();

describe('a quota that is short', () => {
  test('means waiting unless the config says otherwise: nothing that a rule keeps is deleted', () => {
    const { deletes, creates } = planned({ ...evicting, onQuota: 'wait' });
    expect({ deletes, creates }).toEqual({ deletes: [], creates: [] });
  });

  test('lets the oldest of whoever has most go, one for each that would be left out, and before the creations', () => {
    const { deletes, creates, deletesFirst, snapshots } = planned(evicting);
    expect(ids(deletes)).toEqual(ids(hourly(orders, slot - HOUR_MS, 6).slice(-2)));
    expect(creates.map(({ database: { id } }) => id).sort()).toEqual(['ledger', 'orders']);
    expect(deletesFirst).toBe(true);
    expect(snapshots.filter(({ kind }) => kind === 'remove').map(snapshotSentence)[0]).toMatch(/the quota is short/);
  });

  test('with room for all evicts nothing', () => expect(planned(evicting, history, 100).deletes).toEqual([]));
});

describe('what is never evicted', () => {
  test('anything while expiry is not armed, is paused, or nobody could say', () => {
    expect(planned({ ...evicting, expiry: 'plan' }).deletes).toEqual([]);
    const seen = inventory([orders, ledger], history, [{ kind: 'instance', max: 8, used: 8 }]);
    expect(plan({ ...seen, orders: paused('expiry') }, { ...settings, ...evicting }, slot).deletes).toEqual([]);
  });

  test('the floor', () => expect(planned({ ...evicting, minKeep: 6 }).deletes).toEqual([]));

  test('what somebody holds', () => {
    const held = history.map((one) => ({ ...one, tags: { ...one.tags, 'mainstay:hold': 'true' } }));
    expect(planned(evicting, held).deletes).toEqual([]);
  });

  test('anything of a database whose creation is broken', () => {
    const old = [...hourly(orders, slot - 9 * HOUR_MS, 6), ...hourly(ledger, slot - 9 * HOUR_MS, 2)];
    expect(planned(evicting, old).deletes).toEqual([]);
  });

  test('more than a run may delete unconfirmed, what goes by policy included', () => {
    const brief = database('brief', { tags: { 'mainstay:snapshots': 'true', 'mainstay:snapshots:policy': 'last=1' } });
    const all = [...history, ...hourly(brief, slot - HOUR_MS, 5)];
    const seen = inventory([orders, ledger, brief], all, [{ kind: 'instance', max: all.length - 4, used: all.length }]);
    const deletions = (maxDeletionsPerRun: number) =>
      plan(seen, { ...settings, ...evicting, maxDeletionsPerRun }, slot).deletes.length;
    expect(deletions(4)).toBe(4);
    expect(deletions(50)).toBe(4 + 3);
  });

  test("somebody else's", () => {
    const others = history.map((one) => snapshot(orders, slot - HOUR_MS, { id: `x-${one.id}`, tags: {} }));
    expect(planned(evicting, others, others.length).deletes).toEqual([]);
  });
});
