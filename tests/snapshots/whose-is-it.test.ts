import { describe, expect, test } from '@jest/globals';
import { copyTags } from '../../functions/snapshots/core/copies/tags.ts';
import { tagsFor } from '../../functions/snapshots/core/tags.ts';
import { runCopies } from '../../functions/snapshots/run/copies/copies.ts';
import { openInMemoryCopies } from '../../functions/snapshots/run/copies/in-memory.ts';
import { openInMemoryRds } from '../../functions/snapshots/run/in-memory.ts';
import { runSnapshots } from '../../functions/snapshots/run/run.ts';
import { copyOf, copySettings, recovery } from './copies-samples.ts';
import { database, settings, snapshot } from './samples.ts';

// Worlds in which a single mark tells whose a snapshot is: without the look at it, it would be taken for ours.

const slot = Date.parse('2026-08-14T10:00:00Z');
const plenty = { remainingMs: () => 900_000 };
const orders = database('orders');

describe('a name that is taken, and was not seen when planning, is success only when what has it', () => {
  const taken = async (tags: (name: string) => Record<string, string>) => {
    const rds = openInMemoryRds();
    rds.databases = [orders];
    const planned = await runSnapshots(rds.ports, settings, plenty)({ nowMs: slot, dryRun: true });
    const name = planned.plan.creates[0]?.name ?? '';
    rds.snapshots = [snapshot(orders, slot, { id: name, tags: tags(name) })];
    rds.blind.add('snapshots');
    const { acts } = await runSnapshots(rds.ports, settings, plenty)({ nowMs: slot, dryRun: false });
    return acts.map((act) => (act.kind === 'created' ? [act.how, act.name === name] : act.kind));
  };

  test('is ours of this database and slot', async () => {
    expect(await taken((name) => tagsFor(orders, name, slot, settings.stack))).toEqual([['found', true]]);
  });

  test('is of this stack', async () => {
    expect(await taken((name) => tagsFor(orders, name, slot, 'mainstay-production'))).toEqual([['new', false]]);
  });

  test('is of this slot', async () => {
    expect(await taken((name) => tagsFor(orders, name, slot - 3_600_000, settings.stack))).toEqual([['new', false]]);
  });
});

test('a name that is taken by what cannot be seen yet gets no second one: it may be ours', async () => {
  const rds = openInMemoryRds();
  rds.databases = [orders];
  rds.faults.set('create orders', { answer: { kind: 'already-exists' } });
  const { acts } = await runSnapshots(rds.ports, settings, plenty)({ nowMs: slot, dryRun: false });
  expect(acts).toMatchObject([{ kind: 'not-created', because: 'no-evidence' }]);
  expect(rds.calls).toHaveLength(1);
});

test('a snapshot of ours that the list shows without its tags yet gets no second one beside it; somebody else’s of that name does', async () => {
  const rds = openInMemoryRds();
  rds.databases = [orders];
  const run = runSnapshots(rds.ports, settings, plenty);
  const name = (await run({ nowMs: slot, dryRun: true })).plan.creates[0]?.name ?? '';
  const made = snapshot(orders, slot, { id: name, tags: tagsFor(orders, name, slot, settings.stack) });
  const { snapshots } = rds.ports;
  const lagging = { ...snapshots, list: async () => [{ ...made, tags: {} }] };
  const act = async () =>
    (await runSnapshots({ ...rds.ports, snapshots: lagging }, settings, plenty)({ nowMs: slot, dryRun: false })).acts;
  rds.snapshots = [made];
  expect(await act()).toMatchObject([{ kind: 'created', how: 'found', name }]);
  expect(rds.calls.filter((call) => JSON.stringify(call).includes('create'))).toEqual([]);
  rds.snapshots = [{ ...made, tags: {} }];
  expect(await act()).toMatchObject([{ kind: 'created', how: 'new', name: `${name}-2` }]);
});

test("a copy's name that is taken, and was not seen when planning, is success only when what has it is our copy of this snapshot", async () => {
  const copies = openInMemoryCopies(recovery);
  copies.source.databases = [orders];
  copies.source.snapshots = [snapshot(orders, slot, { extraTags: {} })];
  const [source] = copies.source.snapshots;
  const run = async (there: ReturnType<typeof copyOf>) => {
    copies.destination.snapshots = [there];
    const { destination } = copies.ports;
    const ports = {
      ...copies.ports,
      destination: { ...destination, snapshots: { ...destination.snapshots, list: async () => [] } },
    };
    const { acts } = await runCopies(ports, copySettings, plenty)({ nowMs: slot, dryRun: false, tellAgain: false });
    return acts.map((act) => ('because' in act ? act.because : act.kind));
  };
  expect(await run(copyOf(source!))).toEqual(['started']);
  expect(await run(copyOf(source!, { tags: { ...source!.tags } }))).toEqual(['name-taken']);
});

test('a copy does not take along what says of its source that a verification or a restoration made it', () => {
  const marked = {
    'mainstay:throw-away': settings.stack,
    'mainstay:verification': 'v-1',
    'mainstay:restored-from': 'x',
  };
  const source = snapshot(orders, slot, {
    extraTags: { ...marked, 'mainstay:verified-at': 'yesterday', team: 'payments' },
  });
  const tags = copyTags(source, orders, slot, settings.stack);
  expect(tags.team).toBe('payments');
  expect(Object.keys(tags).filter((key) => key in marked || key === 'mainstay:verified-at')).toEqual([]);
});
