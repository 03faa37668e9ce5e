import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromItem, type PlainItem, toItem } from './attribute-value.ts';

const leaf = fc.oneof(
  fc.string(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 60n, max: 10n ** 37n }),
  fc.boolean(),
  fc.constant(null),
);
const tree = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('map')),
  map: fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));

test('a plain item comes back from its attributes exactly, whole numbers of 38 digits too', () => {
  fc.assert(fc.property(tree.map as fc.Arbitrary<PlainItem>, (item) => expect(fromItem(toItem(item))).toEqual(item)));
});

test('an undefined attribute is left out, never stored as null', () => {
  expect(toItem({ a: undefined, b: null })).toEqual({ b: { NULL: true } });
});

test('a set is refused by name', () => {
  expect(() => fromItem({ tags: { SS: ['a'] } })).toThrow('got SS');
});
