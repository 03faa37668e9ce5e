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
import { PROTECTIONS, type Protections } from './expiry.ts';
import { GUARDS } from './guards.ts';
import type { Inventory } from './inventory.ts';
import { GATES } from './ownership.ts';
import { plan } from './plan.ts';
import type { CopySettings, Settings } from './policy.ts';

// For each protection a world in which it alone stands between a snapshot and its deletion: nothing may be deleted with
// it, and something must be deleted without it, or the world proves nothing.

const slot = Date.parse('2026-08-14T10:00:00Z');
const orders = database('orders');
const six = hourly(orders, slot - HOUR_MS, 6);
const three = six.slice(0, 3);
const fourth = (over: Parameters<typeof snapshot>[2]) => snapshot(orders, slot - 4 * HOUR_MS, over);

const copies: CopySettings = {
  everyHours: 1,
  policy: { keepLast: 3 },
  minKeep: 1,
  kmsKeyId: 'key/there',
  encryptCopies: 'required',
  optionGroups: {},
  maxInFlight: 15,
};

interface World {
  inventory: Inventory;
  settings?: Partial<Settings>;
}

const worlds: Record<string, World> = {
  // Gates.
  'not-manual': { inventory: inventory([orders], [...three, fourth({ type: 'awsbackup' })]) },
  'not-of-this-stack': {
    inventory: inventory([orders], [...three, fourth({ extraTags: { 'mainstay:stack': 'mainstay-production' } })]),
  },
  'copied-tags': {
    inventory: inventory([orders], [...three, fourth({ extraTags: { 'mainstay:snapshot': 'ms-of-another-name' } })]),
  },
  'unreadable-tags': { inventory: inventory([orders], [...three, fourth({ extraTags: { 'mainstay:slot': 'noon' } })]) },
  'not-available': { inventory: inventory([orders], [...three, fourth({ status: 'creating' })]) },
  // Guards.
  'tags-unreadable': {
    inventory: inventory(
      [database('orders', { tags: { 'mainstay:snapshots': 'true', 'mainstay:snapshots:policy': 'hourly=x' } })],
      six,
    ),
  },
  'policy-keeps-nothing': { inventory: inventory([orders], six), settings: { policy: {} } },
  orphan: { inventory: inventory([database('another')], six) },
  'not-selected': { inventory: inventory([database('orders', { tags: {} })], six) },
  'creation-broken': {
    inventory: inventory([orders], hourly(orders, slot - 7 * HOUR_MS, 6)),
  },
  held: { inventory: inventory([orders], [...three, fourth({ extraTags: { 'mainstay:hold': 'true' } })]) },
  'min-keep': { inventory: inventory([orders], three), settings: { policy: { keepLast: 1 }, minKeep: 3 } },
  'key-unusable': {
    inventory: {
      ...inventory([orders], [...three, fourth({ encrypted: true, kmsKeyId: 'key/gone' })]),
      keys: { 'key/gone': 'unusable' },
    },
  },
  'databases-unseen': {
    inventory: {
      ...inventory([], hourly(orders, slot - 48 * HOUR_MS, 6)),
      unseen: [{ what: 'databases', kind: 'instance', detail: 'throttled' }],
    },
    settings: { orphanKeepDays: 1 },
  },
  'copies-unseen': { inventory: inventory([orders], six), settings: { copies } },
  'copy-pending': {
    inventory: { ...inventory([orders], [...three, fourth({})]), copying: new Set([fourth({}).arn]) },
    settings: { copies },
  },
  'orders-unseen': { inventory: orderless(inventory([orders], six)) },
  'expiry-paused': { inventory: { ...inventory([orders], six), orders: paused('expiry') } },
};

const without = (name: string): Protections => ({
  ...PROTECTIONS,
  gates: GATES.filter((gate) => gate.name !== name),
  guards: GUARDS.filter((guard) => guard.name !== name),
});

const deleted = (world: World, protections: Protections = PROTECTIONS) =>
  plan(world.inventory, { ...settings, ...world.settings }, slot, protections).deletes;

describe('alone between a snapshot and its deletion stands', () => {
  test.each(Object.entries(worlds))('%s', (name, world) => {
    expect(deleted(world)).toEqual([]);
    expect(deleted(world, without(name)).length).toBeGreaterThan(0);
    expect(plan(world.inventory, { ...settings, ...world.settings }, slot).snapshots).toContainEqual(
      expect.objectContaining({ because: name }),
    );
  });

  test('last-good, where a policy that keeps nothing and a floor of nothing have slipped through all else', () => {
    const world = { inventory: inventory([orders], six), settings: { policy: {}, minKeep: 0 } };
    const slipped = without('policy-keeps-nothing');
    expect(deleted(world, slipped)).toHaveLength(5);
    expect(deleted(world, slipped)).not.toContain(six[0]);
    const naked = { ...slipped, guards: slipped.guards.filter(({ name }) => name !== 'last-good') };
    expect(deleted(world, naked)).toHaveLength(6);
  });

  test('the circuit breaker: more than the config allows, and more than a steady hour can release, waits for a person', () => {
    const world = { inventory: inventory([orders], six), settings: { maxDeletionsPerRun: 2 } };
    expect(deleted(world)).toEqual([]);
    expect(plan(world.inventory, { ...settings, ...world.settings }, slot).warnings).toContainEqual({
      kind: 'circuit-breaker',
      stopped: 3,
      passed: 0,
      allowed: 2,
    });
    const off: Protections = { ...PROTECTIONS, breaker: (verdicts) => ({ verdicts, stopped: 0 }) };
    expect(deleted(world, off)).toHaveLength(3);
  });

  test('every gate and guard has its world', () => {
    const names = [...GATES, ...GUARDS].map(({ name }) => name).filter((name) => name !== 'last-good');
    expect(Object.keys(worlds).sort()).toEqual([...names].sort());
  });
});

describe('alone between a failed snapshot and its deletion stands', () => {
  const failed = (over: Parameters<typeof snapshot>[2] = {}) =>
    snapshot(orders, slot - 30 * HOUR_MS, { status: 'failed', ...over });
  const typo = database('orders', { tags: { 'mainstay:snapshots': 'true', 'mainstay:snapshots:policy': 'hourly=x' } });
  const failures: Record<string, Inventory> = {
    'tags-unreadable': inventory([typo], [...three, failed()]),
    held: inventory([orders], [...three, failed({ extraTags: { 'mainstay:hold': 'true' } })]),
    'databases-unseen': {
      ...inventory([], [...three, failed()]),
      unseen: [{ what: 'databases', detail: 'throttled' }],
    },
    'orders-unseen': orderless(inventory([orders], [...three, failed()])),
    'expiry-paused': { ...inventory([orders], [...three, failed()]), orders: paused('expiry') },
    'not-of-this-stack': inventory([orders], [failed({ extraTags: { 'mainstay:stack': 'mainstay-production' } })]),
    'copied-tags': inventory([orders], [failed({ extraTags: { 'mainstay:snapshot': 'ms-of-another-name' } })]),
    'not-manual': inventory([orders], [failed({ type: 'awsbackup' })]),
    'unreadable-tags': inventory([orders], [failed({ extraTags: { 'mainstay:resource-id': 'db-ANOTHER' } })]),
  };

  test.each(Object.entries(failures))('%s', (name, seen) => {
    expect(deleted({ inventory: seen })).toEqual([]);
    expect(deleted({ inventory: seen }, without(name))).toMatchObject([{ status: 'failed' }]);
  });

  test('every guard that says so', () => {
    const said = GUARDS.filter(({ failedToo }) => failedToo).map(({ name }) => name as string);
    expect(Object.keys(failures)).toEqual(expect.arrayContaining(said));
  });
});

describe('the circuit breaker lets a steady hour pass', () => {
  test('two hundred databases that each release one', () => {
    const many = Array.from({ length: 200 }, (_, index) => database(`db${index}`));
    const world = {
      inventory: inventory(
        many,
        many.flatMap((one) => hourly(one, slot - HOUR_MS, 4)),
      ),
    };
    expect(deleted(world)).toHaveLength(200);
  });
});

test('the tag that two stacks differ by keeps them apart, and whoever names ours alone gets nothing deleted', () => {
  const bare = snapshot(orders, slot - 30 * HOUR_MS, { tags: { 'mainstay:stack': settings.stack } });
  expect(deleted({ inventory: inventory([orders], [...three, bare]) })).toEqual([]);
});
