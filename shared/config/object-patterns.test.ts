import { describe, expect, test } from '@jest/globals';
import { ambiguities } from './object-patterns.ts';

describe('a customer pattern', () => {
  test.each([
    ['^(?<customer>[^/]+)/'],
    ['^(?<customer>@[^/]+/[^/]+|[^/]+)/'],
    ['^data/(?<customer>[a-z0-9-]+)/'],
    ['^(?<customer>[^/|]+)/'],
  ])('%s is clear', (pattern) => expect(ambiguities(pattern, 'customer')).toEqual([]));

  test.each([
    ['(?<customer>[^/]+)/', 'anchored'],
    ['^a/(?<customer>[^/]+)/|b/.*', 'anchored'],
    ['^(?<customer>.*)/', 'stops at a "/"'],
    ['^(?<customer>.+)/[^/]+$', 'stops at a "/"'],
    ['^a/(?<customer>[^/]+)/|^b/(?<customer>[^/]+)/', 'one group'],
  ])('%s is ambiguous', (pattern, because) => expect(ambiguities(pattern, 'customer').join()).toContain(because));
});

test('an attribute pattern may stand at the end of a key as well; its anchor may not be an escaped sign', () => {
  expect(ambiguities('\\.(?<value>[a-z]+)$', 'value')).toEqual([]);
  expect(ambiguities('(?<value>[a-z]+)\\$', 'value').join()).toContain('anchored');
  expect(ambiguities('(?<value>[a-z]+)', 'value').join()).toContain('anchored');
});
