import { expect, test } from '@jest/globals';
import { database, hourly, inventory, paused, settings } from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import { plan } from './plan.ts';
import { databaseSentence } from './sentences.ts';
import { warningSentence } from './warning-sentences.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');

test('a pause of creation: none is taken, each database says who paused it, since when and why, and the run is not silent', () => {
  const [orders, ledger, stopped] = [
    database('orders'),
    database('ledger'),
    database('stopped', { status: 'stopped' }),
  ] as const;
  const seen = inventory([orders, ledger, stopped, database('untagged', { tags: {} })], hourly(ledger, slot, 1));
  const planned = plan({ ...seen, orders: paused('creation') }, settings, slot);
  expect(planned.creates).toEqual([]);
  expect(planned.databases.map(databaseSentence)).toEqual([
    'orders gets none: creation is paused by ann since 2026-08-14T08:00:00Z: storage migration.',
    expect.stringMatching(/^ledger gets none: this slot has /),
    'stopped gets none: a database that is stopped cannot be snapshotted.',
    'untagged gets none: it is not tagged for snapshots.',
  ]);
  expect(planned.warnings.map(warningSentence)).toEqual([
    'No snapshots are taken: creation is paused by ann since 2026-08-14T08:00:00Z: storage migration.',
  ]);
});

test('a pause of creation that lasts holds back deletions too, for no new snapshot comes', () => {
  const orders = database('orders');
  const seen = inventory([orders], hourly(orders, slot - 7 * HOUR_MS, 9));
  expect(plan({ ...seen, orders: paused('creation') }, settings, slot).deletes).toEqual([]);
});

test('creation goes on under every other pause', () => {
  for (const part of ['expiry', 'copies', 'verification'] as const) {
    const seen = { ...inventory([database('orders')], []), orders: paused(part) };
    expect(plan(seen, settings, slot).creates).toHaveLength(1);
  }
});
