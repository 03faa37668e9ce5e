import { expect, test } from '@jest/globals';
import { database, hourly, inventory, settings, snapshot } from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import { outcomeOf } from './outcome.ts';
import { plan } from './plan.ts';
import { adviceSentence, billSentence, forecastSentence } from './sentences.ts';
import { warningSentence } from './warning-sentences.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');
const orders = database('orders', { multiAz: true });

test('before the first snapshot people hear what the policies need and how to have more of the quota', () => {
  const databases = Array.from({ length: 12 }, (_, index) => database(`db${index}`, { multiAz: true }));
  const full = inventory(databases, [], [{ kind: 'instance', max: 100, used: 61 }]);
  const planned = plan(full, { ...settings, policy: { keepHourly: 24 } }, slot);
  expect(planned.forecasts.map(forecastSentence)).toEqual([
    'Instances: 12 databases will need up to 300 manual snapshots by policy; the quota is 100, 61 used, 61 of them by others: 261 too many: raise the quota or keep less.',
  ]);
  expect(planned.advice.map(adviceSentence)).toEqual([
    'Instances: Service Quotas raises the limit under L-272F1212; the policies need 361.',
  ]);
});

test('people hear once what hourly snapshots do to Single-AZ instances, and the run is none the worse', () => {
  const single = ['a', 'b'].map((id) => database(id, { multiAz: false }));
  const sqlServer = database('s', { engine: 'sqlserver-se', multiAz: true });
  const unselected = database('u', { multiAz: false, tags: {} });
  const member = database('m', { multiAz: false, memberOf: 'aurora' });
  const planned = plan(inventory([orders, ...single, sqlServer, unselected, member], []), settings, slot);
  expect(planned.advice).toEqual([{ kind: 'io-pause', databases: 3, example: single[0] }]);
  expect(adviceSentence(planned.advice[0] as never)).toMatch(
    /^RDS stops input and output of 3 selected instances .*, a for one/,
  );
  expect(outcomeOf(planned, [], true).result).toBe('OK');
  expect(plan(inventory([orders], []), settings, slot).advice).toEqual([]);
});

test('people hear of tags that find no room on a snapshot', () => {
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`key${index}`, 'x']));
  const crowded = database('crowded', { tags: { ...many, 'mainstay:snapshots': 'true' } });
  const { advice, creates } = plan(inventory([orders, crowded], []), settings, slot);
  expect(advice).toEqual([{ kind: 'tags-cut', databases: 1, example: crowded }]);
  expect(advice.map(adviceSentence)[0]).toContain('1 selected database, crowded for one, has so many tags');
  expect(creates).toHaveLength(2);
});

test('a plan says what it would free and add at most', () => {
  const sized = hourly(orders, slot - HOUR_MS, 6).map((one) => ({ ...one, allocatedGib: 100 }));
  const planned = plan(inventory([{ ...orders, allocatedGib: 200 }], sized), settings, slot);
  expect(planned.frees).toEqual({ snapshots: 3, atMostGib: 300, atMostUsdPerMonth: 28.5, unknown: 0 });
  expect(planned.adds).toEqual({ snapshots: 1, atMostGib: 200, atMostUsdPerMonth: 19, unknown: 0 });
  expect(billSentence('frees', planned.frees)).toBe(
    'Deleting 3 snapshots frees at most 300 GiB, 28.50 USD a month: snapshots are incremental, so often far less.',
  );
});

test('a size that RDS does not say, as of Aurora, is not added up but counted', () => {
  const aurora = database('aurora', { kind: 'cluster', engine: 'aurora-postgresql', allocatedGib: 1 });
  const planned = plan(inventory([aurora, orders], []), settings, slot);
  expect(planned.adds).toEqual({ snapshots: 2, atMostGib: 0, atMostUsdPerMonth: 0, unknown: 2 });
  expect(billSentence('adds', planned.adds)).toContain('without 2 of unknown size');
});

test('a snapshot that has been in the making for longer than creation may be broken is reported, and sooner is not', () => {
  const making = (hoursAgo: number) => {
    const one = snapshot(orders, slot - hoursAgo * HOUR_MS, { id: `making-${hoursAgo}`, status: 'creating' });
    return plan(inventory([orders], [one]), settings, slot);
  };
  expect(making(6).warnings).toEqual([]);
  expect(making(7).warnings.map(warningSentence)).toEqual([
    'making-7 has been in the making since 2026-08-14 03:00: its database gets no other until it ends.',
  ]);
  expect(making(7).databases).toMatchObject([{ because: 'previous-running' }]);
});
