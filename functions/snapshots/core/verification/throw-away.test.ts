import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../../../../tests/counts.ts';
import { verification } from '../../../../tests/snapshots/verification-samples.ts';
import {
  type ConditionName,
  isAdoptable,
  mayRemove,
  REMOVAL_CONDITIONS,
  type SeenDatabase,
  throwAwayId,
  throwAwaysFor,
  throwAwayTags,
} from './throw-away.ts';

const stack = 'mainstay-test';
const record = verification({
  throwAways: [{ kind: 'instance', id: 'msv-orders-1', askedMs: 0, resourceId: 'db-MADE' }],
});
const entry = record.throwAways[0]!;
const ours: SeenDatabase = {
  kind: 'instance',
  id: 'msv-orders-1',
  resourceId: 'db-MADE',
  status: 'available',
  tags: throwAwayTags(stack, record.name),
};

// For each condition a database in front of which it stands alone: it must stay with the condition, and go without it.
const hostile: Record<ConditionName, { seen: SeenDatabase; entry?: typeof entry }> = {
  'our-tag': { seen: { ...ours, tags: { ...ours.tags, 'mainstay:throw-away': 'mainstay-other' } } },
  'this-record': { seen: { ...ours, tags: { ...ours.tags, 'mainstay:verification': 'another' } } },
  // Deleted and created anew under the name, with our tags copied onto it.
  'recorded-resource': { seen: { ...ours, resourceId: 'db-PRODUCTION' } },
  'recorded-name': { seen: { ...ours, id: 'orders' } },
  'not-the-source': {
    seen: { ...ours, resourceId: record.source.resourceId },
    entry: { ...entry, resourceId: record.source.resourceId },
  },
};

test('its own throw-away may be removed', () => {
  expect(mayRemove(ours, record, entry, stack)).toEqual({ may: true });
});

describe('alone between a database and its deletion stands', () => {
  test.each(REMOVAL_CONDITIONS)('$name', ({ name }) => {
    const one = hostile[name];
    expect(mayRemove(one.seen, record, one.entry ?? entry, stack)).toMatchObject({ may: false, because: name });
    const without = REMOVAL_CONDITIONS.filter((condition) => condition.name !== name);
    expect(mayRemove(one.seen, record, one.entry ?? entry, stack, without)).toEqual({ may: true });
  });

  test('a resource id that nobody recorded: both tags alone remove nothing', () => {
    expect(mayRemove(ours, record, { ...entry, resourceId: undefined }, stack)).toMatchObject({
      because: 'recorded-resource',
    });
    expect(mayRemove({ ...ours, resourceId: '' }, record, { ...entry, resourceId: undefined }, stack).may).toBe(false);
  });
});

test('whatever a database looks like, it may be removed only when tag, record, name and resource id are all its own', () => {
  const word = fc.constantFrom(
    'mainstay-test',
    'mainstay-other',
    record.name,
    'msv-orders-1',
    'db-MADE',
    'db-ORDERS',
    '',
  );
  fc.assert(
    fc.property(word, word, word, word, word, (tag, name, id, resourceId, recorded) => {
      const seen: SeenDatabase = {
        ...ours,
        id,
        resourceId,
        tags: { 'mainstay:throw-away': tag, 'mainstay:verification': name },
      };
      const isIts =
        tag === stack && name === record.name && id === entry.id && resourceId === recorded && recorded !== 'db-ORDERS';
      expect(mayRemove(seen, record, { ...entry, resourceId: recorded }, stack).may).toBe(isIts);
    }),
    lengthOf(500, 20_000),
  );
});

describe('what a crash left is adopted', () => {
  const unrecorded = { ...entry, askedMs: record.startedMs, resourceId: undefined };
  const left = { ...record, throwAways: [unrecorded] };
  const adopts = (seen: SeenDatabase, of = unrecorded) => isAdoptable(seen, { ...left, throwAways: [of] }, of, stack);

  test('when both tags are ours and it is younger than the verification', () => {
    expect(adopts(ours)).toBe(true);
    expect(adopts({ ...ours, createdMs: record.startedMs + 1 })).toBe(true);
  });
  test.each([
    ['another stack’s', { ...ours, tags: { ...ours.tags, 'mainstay:throw-away': 'mainstay-other' } }],
    ['another verification’s', { ...ours, tags: { ...ours.tags, 'mainstay:verification': 'another' } }],
    ['older than the verification: tags were copied onto it', { ...ours, createdMs: record.startedMs - 3_600_000 }],
    ['the source itself', { ...ours, resourceId: record.source.resourceId }],
    ['without a resource id', { ...ours, resourceId: '' }],
  ])('never one that is %s', (_what, seen) => {
    expect(adopts(seen)).toBe(false);
  });
  test('never before it was asked for, and never again once its resource id is known', () => {
    expect(adopts(ours, { ...unrecorded, askedMs: undefined as unknown as number })).toBe(false);
    expect(isAdoptable(ours, record, entry, stack)).toBe(false);
  });
  test('a member only in our own cluster', () => {
    const [cluster, member] = throwAwaysFor('cluster', 'aurora-postgresql', 'msv-a-1');
    const asked = { ...member!, askedMs: record.startedMs };
    const inCluster = { ...record, throwAways: [cluster!, asked] };
    const seen = { ...ours, id: asked.id };
    expect(isAdoptable({ ...seen, memberOf: cluster!.id }, inCluster, asked, stack)).toBe(true);
    expect(isAdoptable({ ...seen, memberOf: 'production' }, inCluster, asked, stack)).toBe(false);
    expect(isAdoptable(seen, inCluster, asked, stack)).toBe(false);
  });
});

test('names of throw-aways are legal whatever the database is called, with room for the instance of a cluster', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,62}$/), fc.stringMatching(/^[0-9a-f]{6}$/), (id, hex) => {
      for (const { id: name } of throwAwaysFor('cluster', 'aurora-mysql', throwAwayId('ms', id, hex))) {
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name).toMatch(/^[a-z](-?[a-z0-9])*$/);
      }
    }),
    lengthOf(200, 5_000),
  );
});

test('only Aurora needs a cluster: a Multi-AZ cluster’s snapshot restores to one instance', () => {
  const kinds = (engine: string) => throwAwaysFor('cluster', engine, 'x').map(({ kind }) => kind);
  expect(kinds('aurora-postgresql')).toEqual(['cluster', 'instance']);
  expect(kinds('postgres')).toEqual(['instance']);
});
