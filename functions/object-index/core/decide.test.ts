import { describe, expect, test } from '@jest/globals';
import { decide } from './decide.ts';
import type { ObjectFact } from './fact.ts';
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
