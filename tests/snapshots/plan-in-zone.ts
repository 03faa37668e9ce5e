import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import { plan } from '../../functions/snapshots/core/plan.ts';
import { snapshotSentence } from '../../functions/snapshots/core/sentences.ts';
import { database, inventory, settings, snapshot } from './samples.ts';

// Run by time-zone.test.ts as a process of its own, with a zone in its environment: what a plan says of a year and a half
// of snapshots, around both changes of summer time and a new year.

const orders = database('orders');
const newestMs = Date.parse('2026-03-29T12:00:00Z');
const snapshots = Array.from({ length: 2_000 }, (_, index) => snapshot(orders, newestMs - index * 7 * HOUR_MS));
const policy = { keepHourly: 30, keepDaily: 20, keepWeekly: 60, keepMonthly: 14, keepYearly: 2, keepWithinHours: 50 };
const planned = plan(
  inventory([orders], snapshots),
  { ...settings, policy, maxDeletionsPerRun: 9_999 },
  newestMs + HOUR_MS,
);
console.log(
  JSON.stringify({
    zone: new Date(newestMs).getTimezoneOffset(),
    names: planned.creates.map(({ name, tags }) => [name, tags]),
    sentences: planned.snapshots.map(snapshotSentence),
  }),
);
