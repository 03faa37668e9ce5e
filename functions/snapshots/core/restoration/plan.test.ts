import { describe, expect, test } from '@jest/globals';
import { database, inventory, settings, snapshot } from '../../../../tests/snapshots/samples.ts';
import { HOUR_MS, parseInstant } from '../calendar.ts';
import type { Database, Snapshot } from '../inventory.ts';
import { type Placement, planRestoration, RESTORED_FROM, type RestorationPlan } from './plan.ts';
import { type Choice, chooseSnapshot, type RestorationWish } from './restoration.ts';
import { lossSentence, noteSentence, restorationSentence } from './sentences.ts';

const NOW = parseInstant('2026-08-14T10:20:00Z') as number;
const SLOT = parseInstant('2026-08-14T10:00:00Z') as number;
const orders = database('orders');
const newest = snapshot(orders, SLOT, { dataMs: SLOT + 120_000, extraTags: { team: 'shop' } });
const older = snapshot(orders, SLOT - HOUR_MS, { dataMs: SLOT - HOUR_MS });

const planned = (
  wish: Partial<RestorationWish> = {},
  {
    databases = [orders],
    snapshots = [newest, older],
    placement,
    tagKey = settings.tagKey,
  }: {
    databases?: readonly Database[];
    snapshots?: readonly Snapshot[];
    placement?: Placement;
    tagKey?: string;
  } = {},
) => {
  const world = inventory(databases, snapshots);
  const asked = { what: 'orders', ...wish };
  const choice = chooseSnapshot(world, asked, settings.stack, NOW);
  return planRestoration(choice as Choice, asked, placement, world, { tagKey }, NOW);
};
const plan = (...given: Parameters<typeof planned>) => planned(...given) as RestorationPlan;
const restored = (from: Snapshot, id = 'new') => database(id, { tags: { [RESTORED_FROM]: from.arn } });

describe('never over what exists', () => {
  test('the default name is of the database and the minute, and fits with anything behind it', () => {
    expect(plan().to).toBe('orders-restored-202608141020');
    const long = database('a'.repeat(63));
    const of = { databases: [long], snapshots: [snapshot(long, SLOT)] };
    expect(plan({ what: long.id }, of).to).toMatch(/^a{30,}-restored-202608141020$/);
    expect(plan({ what: long.id }, of).to.length).toBeLessThanOrEqual(58);
    expect(plan({}, { databases: [orders, database('orders-restored-202608141020')] }).to).toBe(
      'orders-restored-202608141020-2',
    );
  });

  test('a name that is taken is refused, whoever has it: the source, a stranger, a cluster of that name', () => {
    for (const taken of [orders, database('other'), database('grid', { kind: 'cluster' })])
      expect(planned({ to: taken.id }, { databases: [orders, taken] })).toMatchObject({
        kind: 'refused',
        because: 'name-taken',
        detail: taken.id,
      });
  });

  test("one that carries another restoration's tag is taken too; one of this database's own is gone on with", () => {
    const another = restored(snapshot(database('ledger'), SLOT));
    expect(planned({ to: 'new' }, { databases: [orders, another] })).toMatchObject({ because: 'name-taken' });
    // Begun an hour ago, when the older one was the newest.
    expect(plan({ to: 'new' }, { databases: [orders, restored(older)] })).toMatchObject({
      kind: 'continue',
      snapshot: { id: older.id },
    });
    // But who names a snapshot means that one.
    expect(planned({ what: newest.id, to: 'new' }, { databases: [orders, restored(older)] })).toMatchObject({
      because: 'name-taken',
    });
  });

  test.each(['', '1orders', 'orders-', 'or--ders', 'or_ders', 'a'.repeat(64)])('%p is no name', (to) => {
    expect(planned({ to })).toMatchObject({ because: 'bad-name' });
  });
});

describe('what it becomes', () => {
  test("people's tags come along, ours do not: it is not snapshotted, and nothing of it looks like ours", () => {
    expect(plan().tags).toEqual({ [RESTORED_FROM]: newest.arn, team: 'shop' });
    // Under a key of the config's own a policy without its switch would be an error in every report.
    const extraTags = { backup: 'true', 'backup:policy': 'daily=7', backups: 'weekly' };
    const snapshots = [snapshot(orders, SLOT, { extraTags })];
    expect(plan({}, { snapshots, tagKey: 'backup' }).tags).toEqual({
      [RESTORED_FROM]: snapshots[0]?.arn,
      backups: 'weekly',
    });
  });

  test("it stands where its source stands; a subnet group of another VPC does not get the source's security groups", () => {
    const placement = {
      subnetGroup: 'db',
      securityGroupIds: ['sg-1'],
      instanceClass: 'db.r6g.large',
      parameterGroup: 'pg',
    };
    expect(plan({}, { placement })).toMatchObject({
      ...placement,
      notes: expect.arrayContaining(['network-of-source']),
    });
    expect(plan({ subnetGroup: 'elsewhere' }, { placement }).securityGroupIds).toBeUndefined();
    expect(
      plan({ subnetGroup: 'elsewhere', securityGroupIds: ['sg-2'], instanceClass: 'db.t4g.micro' }, { placement }),
    ).toMatchObject({
      subnetGroup: 'elsewhere',
      securityGroupIds: ['sg-2'],
      instanceClass: 'db.t4g.micro',
    });
    expect(plan().notes).toEqual(expect.arrayContaining(['network-default', 'parameter-group-default']));
  });

  test('an instance is encrypted by way of a copy, a cluster by its restore, and what has that key already is left as it is', () => {
    expect(plan({ encryptWith: 'key', to: 'new' }).encrypt).toEqual({
      keyId: 'key',
      by: 'copy',
      copyName: 'new-encrypted',
    });
    expect(plan({ encryptWith: 'key' }).notes).toContain('copy-is-left');
    expect(plan({ encryptWith: 'key' }, { snapshots: [{ ...newest, kmsKeyId: 'key' }] }).encrypt).toBeUndefined();
    const grid = database('grid', { kind: 'cluster', engine: 'aurora-postgresql' });
    const of = { databases: [grid], snapshots: [snapshot(grid, SLOT)], placement: { instanceClass: 'db.r6g.large' } };
    expect(plan({ what: 'grid', encryptWith: 'key' }, of).encrypt).toEqual({ keyId: 'key', by: 'restore' });
  });

  test('an Aurora cluster gets one instance, a Multi-AZ cluster brings its own, and both need a class', () => {
    const aurora = database('grid', { kind: 'cluster', engine: 'aurora-postgresql' });
    const of = { databases: [aurora], snapshots: [snapshot(aurora, SLOT, { engine: 'aurora-postgresql' })] };
    expect(planned({ what: 'grid' }, of)).toMatchObject({ because: 'class-needed' });
    expect(plan({ what: 'grid', to: 'new', instanceClass: 'db.r6g.large' }, of)).toMatchObject({
      form: 'aurora',
      member: 'new-1',
    });
    const theirs = { ...of, databases: [aurora, database('new-1', { memberOf: 'other' })] };
    expect(planned({ what: 'grid', to: 'new', instanceClass: 'db.r6g.large' }, theirs)).toMatchObject({
      because: 'name-taken',
      detail: 'new-1',
    });
    const multi = { databases: [], snapshots: [snapshot(aurora, SLOT, { engine: 'postgres' })] };
    expect(plan({ what: 'grid', instanceClass: 'db.r6g.large' }, multi)).toMatchObject({
      form: 'multi-az-cluster',
      member: undefined,
    });
  });
});

describe('what is said', () => {
  test('what is lost, from the moment of the data to the moment that was wished', () => {
    expect(restorationSentence(plan({ to: 'new' }))).toBe(
      `new is to be a new database from ${newest.id} (slot 2026-08-14 10:00 UTC) of orders; nothing that exists is changed.`,
    );
    expect(lossSentence(plan())).toBe(
      'What was written after 2026-08-14T10:02:00Z is not in it: the last 18 min before 2026-08-14T10:20:00Z.',
    );
    expect(lossSentence(plan({}, { snapshots: [snapshot(orders, SLOT)] }))).toContain('may not be in it');
  });

  test('every note is a sentence', () => {
    const grid = plan({ encryptWith: 'key' });
    for (const note of grid.notes) expect(noteSentence(note, grid)).toMatch(/^.{20,}\.$/);
  });
});
