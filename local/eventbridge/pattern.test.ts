import { describe, expect, test } from '@jest/globals';
import { compilePattern, PatternError } from './pattern.ts';

const event = {
  source: 'aws.rds',
  'detail-type': 'RDS DB Instance Event',
  detail: { EventID: 'RDS-EVENT-0022', SourceIdentifier: 'ledger-primary', n: 5, tags: ['a', 'b'], gone: null },
};
const matches = (pattern: unknown) => compilePattern(pattern)(event);

// docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
describe('event patterns', () => {
  test.each([
    ['an exact value', { source: ['aws.rds'] }, true],
    ['one of several', { source: ['aws.s3', 'aws.rds'] }, true],
    ['another value', { source: ['aws.s3'] }, false],
    ['every field must match', { source: ['aws.rds'], 'detail-type': ['x'] }, false],
    ['nested fields', { detail: { EventID: ['RDS-EVENT-0022'] } }, true],
    ['a prefix', { detail: { SourceIdentifier: [{ prefix: 'ledger-' }] } }, true],
    ['a suffix', { detail: { SourceIdentifier: [{ suffix: '-replica' }] } }, false],
    ['any element of an array', { detail: { tags: ['b'] } }, true],
    ['anything but a value', { source: [{ 'anything-but': 'aws.s3' }] }, true],
    ['anything but values', { source: [{ 'anything-but': ['aws.rds'] }] }, false],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
    ['a missing field is not anything-but', { nothing: [{ 'anything-but': 'x' }] }, false],
    ['existence', { detail: { n: [{ exists: true }] } }, true],
    ['absence', { detail: { m: [{ exists: false }] } }, true],
    ['a number in a range', { detail: { n: [{ numeric: ['>', 4, '<=', 5] }] } }, true],
    ['a number out of a range', { detail: { n: [{ numeric: ['<', 5] }] } }, false],
    ['null', { detail: { gone: [null] } }, true],
    ['a number is not its text', { detail: { n: ['5'] } }, false],
  ])('%s', (_, pattern, expected) => {
    expect(matches(pattern)).toBe(expected);
  });

  test('refuses what it does not model, so that no rule is silently deaf', () => {
    expect(() => compilePattern({ source: [{ wildcard: 'aws.*' }] })).toThrow(PatternError);
    expect(() => compilePattern({ detail: { $or: [{ a: [1] }] } })).toThrow(PatternError);
    expect(() => compilePattern({ source: 'aws.rds' })).toThrow(/array/);
  });
});
