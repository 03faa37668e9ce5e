import { describe, expect, test } from '@jest/globals';
import { database, settings, snapshot } from '../../../tests/snapshots/samples.ts';
import { HOUR_MS } from './calendar.ts';
import type { Database, Snapshot } from './inventory.ts';
import { selectDatabase } from './selection.ts';
import { readinessOf } from './states.ts';
import { readWishes } from './wishes.ts';

const slot = Date.parse('2026-08-14T01:00:00Z');
const select = (one: Database, snapshots: Snapshot[] = [], over = {}) =>
  selectDatabase(one, readWishes(one, settings), snapshots, slot, { ...settings, ...over });

describe('a database is', () => {
  test.each<[string, Partial<Database>, string]>([
    ['not tagged', { tags: {} }, 'not-tagged'],
    ['switched off', { tags: { 'mainstay:snapshots': 'no' } }, 'switched-off'],
    ['a member of a cluster', { memberOf: 'aurora' }, 'cluster-member'],
    ['of another service', { engine: 'neptune' }, 'engine-denied'],
    ['of another service', { engine: 'docdb', kind: 'cluster' }, 'engine-denied'],
    ['a replica of SQL Server', { engine: 'sqlserver-ee', replicaOf: 'x' }, 'unsupported-replica'],
    ['a replica', { replicaOf: 'x' }, 'replica-not-included'],
  ])('not selected: %s', (_what, over, skip) => {
    expect(select(database('orders', over))).toMatchObject({ selected: false, skip });
  });

  test.each(['oracle-se2-cdb', 'db2-se', 'custom-oracle-ee', 'postgres', 'an-engine-of-2031'])(
    'snapshotted whatever its engine: %s',
    (engine) => {
      expect(select(database('orders', { engine }))).toMatchObject({ create: 'due' });
    },
  );

  test('snapshotted as a replica where the config includes replicas', () => {
    expect(select(database('orders', { replicaOf: 'x' }), [], { includeReplicas: true })).toMatchObject({
      create: 'due',
    });
  });

  test('snapshotted by the default policy when its tag cannot be read', () => {
    expect(select(database('orders', { tags: { 'mainstay:snapshots': 'ture' } }))).toMatchObject({
      create: 'due-by-default',
    });
  });

  test.each([
    ['available', 'ready'],
    ['storage-optimization', 'ready'],
    ['stopped', 'unusable'],
    ['incompatible-parameters', 'unusable'],
    ['inaccessible-encryption-credentials', 'unusable'],
    ['backing-up', 'passing'],
    ['configuring-log-exports', 'passing'],
    ['storage-full', 'passing'],
    ['reticulating-splines', 'unknown'],
  ])('in state %s: %s', (status, readiness) => {
    expect(readinessOf(status)).toBe(readiness);
  });

  test('not asked when its state forbids it, deferred when that passes, tried when the state is new', () => {
    expect(select(database('orders', { status: 'stopped' }))).toMatchObject({ skip: 'unusable-state' });
    expect(select(database('orders', { status: 'modifying' }))).toMatchObject({ skip: 'deferred' });
    expect(select(database('orders', { status: 'brand-new' }))).toMatchObject({ create: 'state-unknown' });
  });
});

describe('of its snapshots it looks at', () => {
  const orders = database('orders', { status: 'backing-up' });

  test('this slot’s: there already, or being made, is no second one', () => {
    expect(select(orders, [snapshot(orders, slot)])).toMatchObject({ skip: 'already-taken' });
    expect(select(orders, [snapshot(orders, slot, { status: 'creating' })])).toMatchObject({ skip: 'in-progress' });
  });

  test('an earlier slot’s that is still being made', () => {
    expect(select(orders, [snapshot(orders, slot - HOUR_MS, { status: 'creating' })])).toMatchObject({
      skip: 'previous-running',
    });
  });

  test('this slot’s that failed: it is taken again', () => {
    const ready = database('orders');
    expect(select(ready, [snapshot(ready, slot, { status: 'failed' })])).toMatchObject({ create: 'previous-failed' });
  });

  test('a later slot’s: a trigger that comes after its successor must not label today’s data with the past', () => {
    const ready = database('orders');
    expect(select(ready, [snapshot(ready, slot + HOUR_MS)])).toMatchObject({ skip: 'slot-closed' });
  });

  test('one far in the future: that is a wrong clock, and backups go on', () => {
    const ready = database('orders');
    expect(select(ready, [snapshot(ready, slot + 1000 * HOUR_MS)])).toMatchObject({ create: 'due' });
  });

  test('not at others’: a name that looks like ours without our tags is somebody’s', () => {
    const ready = database('orders');
    expect(select(ready, [snapshot(ready, slot, { tags: {} })])).toMatchObject({ create: 'due' });
  });
});
