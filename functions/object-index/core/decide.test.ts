import { describe, expect, test } from '@jest/globals';
import { type DecideContext, decide, decideVersion } from './decide.ts';
import type { ObjectFact } from './fact.ts';
import type { ObjectRow } from './row.ts';
import { row, tombstoneOf } from './sample.ts';

const NOW = Date.UTC(2026, 2, 1);
const DAY = 86_400_000;
const fact = (more: Partial<ObjectFact> = {}): ObjectFact => ({
  bucket: 'estate',
  key: 'acme/a',
  kind: 'created',
  event: 'ObjectCreated:Put',
  versionId: undefined,
  sequencer: '10',
  eventTimeMs: NOW,
  sizeBytes: 5,
  etag: 'e1',
  expired: false,
  deleteMarker: false,
  ...more,
});
const removed = (more: Partial<ObjectFact> = {}) =>
  fact({ kind: 'removed', sizeBytes: undefined, etag: undefined, ...more });
const context = { nowMs: NOW, needsHead: false };
const verdict = (...args: Parameters<typeof decide>) => {
  const { kind, because } = decide(...args);
  return `${kind}: ${because}`;
};

describe('an object that is not known', () => {
  test.each([
    ['created', fact(), 'set: first-seen'],
    ['removed: the tombstone is written even though nothing is there to remove', removed(), 'tombstone: first-seen'],
    ['refresh', fact({ kind: 'refresh', sequencer: undefined }), 'arbitrate: refresh'],
    ['without a sequencer', fact({ sequencer: undefined }), 'arbitrate: no-sequencer'],
    ['expired by a rule', removed({ expired: true }), 'arbitrate: expiry-sequencer'],
    ['a version removed', removed({ versionId: 'v1' }), 'arbitrate: other-version'],
    ['older than tombstones are kept', fact({ eventTimeMs: NOW - 22 * DAY }), 'arbitrate: beyond-horizon'],
    ['removed, older than tombstones are kept', removed({ eventTimeMs: NOW - 22 * DAY }), 'arbitrate: beyond-horizon'],
  ])('%s', (_what, one, expected) => expect(verdict(undefined, one, context)).toBe(expected));
});

describe.each([
  ['a live row', row({ sequencer: '10' })],
  ['a tombstone', tombstoneOf(row({ sequencer: '10' }))],
])('%s that rests on an event', (_what, known) => {
  test.each([
    ['newer PUT', fact({ sequencer: '11' }), 'set: newer'],
    ['newer DELETE', removed({ sequencer: '11' }), 'tombstone: newer'],
    ['the same again', fact(), 'drop: duplicate'],
    ['the same again, DELETE', removed(), 'drop: duplicate'],
    ['older PUT', fact({ sequencer: '0f' }), 'drop: stale'],
    ['older DELETE', removed({ sequencer: '0f' }), 'drop: stale'],
    ['older expiry', removed({ sequencer: '0f', expired: true }), 'arbitrate: expiry-sequencer'],
    ['an expiry by the same rule', removed({ sequencer: '10', expired: true }), 'arbitrate: expiry-sequencer'],
    ['newer expiry', removed({ sequencer: '11', expired: true }), 'arbitrate: expiry-sequencer'],
    ['readings that disagree', fact({ sequencer: '0f00' }), 'arbitrate: ambiguous-sequencer'],
    ['no sequencer', removed({ sequencer: undefined }), 'arbitrate: no-sequencer'],
    ['another version', fact({ sequencer: '11', versionId: 'v2' }), 'arbitrate: other-version'],
  ])('%s', (_fact, one, expected) => expect(verdict(known, one, context)).toBe(expected));
});

describe('a row that rests on what S3 said', () => {
  const asked = row({ sequencer: '10', truthAtMs: NOW, etag: 'e1', sizeBytes: 5 });
  test.each([
    ['well after it', fact({ sequencer: '11', eventTimeMs: NOW + 6000 }), 'set: after-truth'],
    ['a removal well after it', removed({ sequencer: '11', eventTimeMs: NOW + 6000 }), 'tombstone: after-truth'],
    ['about then', removed({ sequencer: '11', eventTimeMs: NOW + 4000 }), 'arbitrate: near-truth'],
    ['the same again, about then', fact({ sequencer: '10', eventTimeMs: NOW - 4000 }), 'drop: duplicate'],
    ['about then, a little before', fact({ sequencer: '11', eventTimeMs: NOW - 4000 }), 'arbitrate: near-truth'],
    [
      'before it: the PUT of what S3 showed',
      fact({ sequencer: '11', eventTimeMs: NOW - 6000 }),
      'adopt: confirms-truth',
    ],
    [
      'before it: another PUT, whatever its sequencer',
      fact({ sequencer: '11', etag: 'e2', eventTimeMs: NOW - 6000 }),
      'drop: before-truth',
    ],
    [
      'before it: a removal, whatever its sequencer',
      removed({ sequencer: 'ff', eventTimeMs: NOW - 6000 }),
      'drop: before-truth',
    ],
    [
      'before it: a change of its class',
      fact({ kind: 'refresh', sequencer: undefined, eventTimeMs: NOW - 6000 }),
      'drop: before-truth',
    ],
    [
      'after it: a change of its class',
      fact({ kind: 'refresh', sequencer: undefined, eventTimeMs: NOW + 6000 }),
      'arbitrate: refresh',
    ],
  ])('%s', (_what, one, expected) => expect(verdict(asked, one, context)).toBe(expected));
});

test('where an attribute comes from S3, a new object is looked at; a removal and a duplicate are not', () => {
  const needs = { ...context, needsHead: true };
  expect(verdict(undefined, fact(), needs)).toBe('arbitrate: needs-head');
  expect(verdict(undefined, removed(), needs)).toBe('tombstone: first-seen');
  expect(verdict(row({ sequencer: '10' }), fact(), needs)).toBe('drop: duplicate');
});

describe('a version that has an id is made once and removed once', () => {
  const version = row({ slot: 'v1', versionId: 'v1', sequencer: '10' });
  const of = (known: Parameters<typeof decide>[0], one: ObjectFact, needs = context) => {
    const { kind, because } = decideVersion(known, one, needs);
    return `${kind}: ${because}`;
  };
  test.each([
    ['made', undefined, fact({ versionId: 'v1' }), 'set: first-seen'],
    ['made again', version, fact({ versionId: 'v1', sequencer: 'ff' }), 'drop: duplicate'],
    [
      'made, long ago: its tombstone may be gone',
      undefined,
      fact({ eventTimeMs: NOW - 22 * DAY }),
      'arbitrate: beyond-horizon',
    ],
    ['removed, whatever its sequencer', version, removed({ versionId: 'v1', sequencer: '01' }), 'tombstone: newer'],
    ['removed before it was made', undefined, removed({ versionId: 'v1' }), 'tombstone: first-seen'],
    ['made after it was removed', tombstoneOf(version), fact({ versionId: 'v1', sequencer: 'ff' }), 'drop: stale'],
    ['changed', version, fact({ kind: 'refresh', sequencer: undefined }), 'arbitrate: refresh'],
  ])('%s', (_what, known, one, expected) => expect(of(known, one)).toBe(expected));

  test('and is looked at where the policy needs it, a delete marker is not', () => {
    const needs = { ...context, needsHead: true };
    expect(of(undefined, fact({ versionId: 'v1' }), needs)).toBe('arbitrate: needs-head');
    expect(of(undefined, fact({ versionId: 'v1', deleteMarker: true }), needs)).toBe('set: first-seen');
  });
});

describe('what a list shows', () => {
  const shown = { kind: 'present', sizeBytes: 5, etag: 'e1', storageClass: 'STANDARD', versionId: undefined } as const;
  const listed = (atMs: number, more = {}) =>
    fact({
      kind: 'listed',
      sequencer: undefined,
      shown: { ...shown, atMs, lastModifiedMs: NOW, contentType: undefined, ...more },
      isCurrent: true,
    });
  test.each([
    ['is taken where nothing is known', undefined, listed(NOW), 'take: first-seen'],
    ['and the row says, too', row(), listed(NOW), 'drop: list-agrees'],
    [
      'differs from a row that an event made since',
      row({ eventTimeMs: NOW + 6000 }),
      listed(NOW, { etag: 'e2' }),
      'drop: after-list',
    ],
    [
      'differs from an older row',
      row({ eventTimeMs: NOW - 9000 }),
      listed(NOW, { etag: 'e2' }),
      'arbitrate: list-differs',
    ],
    [
      'the row says, but the config reads another customer from the key now',
      row(),
      listed(NOW),
      'arbitrate: config-differs',
      { ...context, isReadAsNow: () => false },
    ],
    ['was removed since', tombstoneOf(row({ eventTimeMs: NOW + 6000 })), listed(NOW), 'drop: after-list'],
    ['was removed about then', tombstoneOf(row({ eventTimeMs: NOW + 3000 })), listed(NOW), 'arbitrate: list-differs'],
  ] as [string, ObjectRow | undefined, ObjectFact, string, DecideContext?][])(
    '%s',
    (_what, known, one, expected, given = context) => expect(verdict(known, one, given)).toBe(expected),
  );
});
