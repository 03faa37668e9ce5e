import { expect, test } from '@jest/globals';
import { withEmptyMaps } from './stream-image.ts';

test('an empty map gets its type back at every depth, and nothing else changes', () => {
  expect(
    withEmptyMaps({ m: {}, d: { M: { y: {}, x: { L: [] } } }, l: { L: [{}, { S: '' }] }, n: { NULL: true } }),
  ).toEqual({
    m: { M: {} },
    d: { M: { y: { M: {} }, x: { L: [] } } },
    l: { L: [{ M: {} }, { S: '' }] },
    n: { NULL: true },
  });
});
