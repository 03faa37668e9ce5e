import { describe, expect, test } from '@jest/globals';
import { compileLogFilter } from './log-filter.ts';

// docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
describe('log filters', () => {
  test.each([
    ['', 'anything', true],
    ['ERROR', 'an ERROR here', true],
    ['ERROR', 'an error here', false],
    ['ERROR deadlock', 'ERROR: a deadlock', true],
    ['ERROR deadlock', 'ERROR only', false],
    ['?ERROR ?FATAL', 'FATAL: too many', true],
    ['?ERROR ?FATAL', 'LOG: fine', false],
    ['ERROR -retry', 'ERROR, will retry', false],
    ['"could not connect"', 'could not connect to server', true],
    ['"could not connect"', 'could connect', false],
  ])('%j against %j', (pattern, message, expected) => {
    expect(compileLogFilter(pattern)(message)).toBe(expected);
  });

  test('refuses patterns that it can not keep', () => {
    expect(() => compileLogFilter('{ $.level = "ERROR" }')).toThrow(/not modelled/);
  });
});
