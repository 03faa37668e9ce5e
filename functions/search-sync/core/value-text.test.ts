import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttributeValue, Item } from './attribute-value.ts';
import { attributeName, nestedFieldName, rootFieldName } from './field-name.ts';
import { byNumber, numberText } from './number-text.ts';
import { utf8Bytes } from './utf8.ts';
import { valueText } from './value-text.ts';

/** A decimal as [significant digits, exponent], to compare numbers without a float. */
const decimal = (token: string): string => {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(token);
  const digits = `${match?.[2] ?? ''}${match?.[3] ?? ''}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const exponent = Number(match?.[4] ?? 0) - (match?.[3] ?? '').length + (digits.length - significant.length);
  return significant === '' ? '0' : `${match?.[1] === '-' ? '-' : ''}${significant}e${exponent}`;
};

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 38 });
const numberToken = fc
  .tuple(fc.constantFrom('', '-', '+'), digits, fc.option(digits), fc.option(fc.integer({ min: -130, max: 125 })))
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `E${exponent}`}`,
  );

describe('numbers', () => {
  test('keep every digit and are JSON, however an engine spelled them', () => {
    fc.assert(
      fc.property(numberToken, (token) => {
        const text = numberText(token);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?(E-?\d+)?$/);
        expect(decimal(text)).toBe(decimal(token));
        expect(numberText(text)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['1.0', '1'],
    ['-0', '0'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['1E+2', '100'],
    ['1E-130', '1E-130'],
    ['9.9E+125', '9.9E125'],
    ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
  ])('%s is %s', (token, text) => expect(numberText(token)).toBe(text));

  test.each(['', '.', '-', 'NaN', 'Infinity', '1e', '0x1', '1 ', '1n'])('%p is refused', (token) => {
    expect(() => numberText(token)).toThrow('is not a number');
  });

  test('are ordered by size, and by text where a float can not tell them apart', () => {
    expect(['10', '9', '9007199254740993', '9007199254740992'].sort(byNumber)).toEqual([
      '9',
      '10',
      '9007199254740992',
      '9007199254740993',
    ]);
  });
});

const anyText = fc.string({
  unit: fc.constantFrom(
    'a',
    'é',
    '😀',
    '\n',
    '\r',
    '"',
    '\\',
    '\u2028',
    '\u2029',
    '\ud800',
    '\udc00',
    '\u0000',
    '.',
    '~',
    '_',
    '=',
    ' ',
  ),
});
const names = fc.oneof(anyText, fc.constantFrom('__proto__', 'constructor', '_id', '_source', '', ' ', 'a.b', '.x'));
const { tree } = fc.letrec<{ tree: AttributeValue }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    anyText.map((S) => ({ S })),
    numberToken.map((N) => ({ N })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.uint8Array({ maxLength: 30 }).map((B) => ({ B })),
    fc.uniqueArray(anyText, { minLength: 1, maxLength: 4 }).map((SS) => ({ SS })),
    fc.uniqueArray(numberToken, { minLength: 1, maxLength: 4, selector: decimal }).map((NS) => ({ NS })),
    fc.array(tie('tree'), { maxLength: 4 }).map((L) => ({ L })),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 4 }).map((entries) => ({ M: Object.fromEntries(entries) })),
  ),
}));

/** Reads JSON back without rounding: a number is compared as a decimal. */
const parsed = (json: string): unknown =>
  (
    JSON.parse as (
      text: string,
      reviver: (name: string, value: unknown, context: { source?: string }) => unknown,
    ) => unknown
  )(json, (_, value, context) => (typeof value === 'number' ? { number: decimal(context.source ?? '') } : value));

/** What a value should read back as. */
const expected = (value: AttributeValue): unknown => {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return { number: decimal(value.N) };
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.B !== undefined) return Buffer.from(value.B as Uint8Array).toString('base64');
  if (value.SS !== undefined) return [...value.SS].sort();
  if (value.NS !== undefined)
    return value.NS.map(numberText)
      .sort(byNumber)
      .map((N) => ({ number: decimal(N) }));
  if (value.L !== undefined) return value.L.map(expected);
  return Object.fromEntries(
    Object.entries(value.M as Item).map(([name, child]) => [nestedFieldName(name), expected(child)]),
  );
};

describe('values', () => {
  test('any tree of values is one line of JSON that reads back equal', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = valueText(value);
        expect(text).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(parsed(text)).toEqual(expected(value));
        // As bytes on the wire and back: valid UTF-8, nothing replaced.
        expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test('the order in which attributes and members came makes no difference', () => {
    const one = { M: { b: { SS: ['y', 'x'] }, a: { NS: ['10', '9.0'] } } };
    const other = { M: { a: { NS: ['9', '1E1'] }, b: { SS: ['x', 'y'] } } };
    expect(valueText(one)).toBe(valueText(other));
    expect(valueText(one)).toBe('{"a":[9,10],"b":["x","y"]}');
  });

  test('binaries are the same text from an event and from the SDK', () => {
    expect(valueText({ B: new Uint8Array([104, 105, 255]) })).toBe(valueText({ B: 'aGn/' }));
    const large = new Uint8Array(400_000).map((_, i) => i % 251);
    expect(valueText({ B: large })).toBe(`"${Buffer.from(large).toString('base64')}"`);
  });

  test('what is no DynamoDB value is refused by name', () => {
    expect(() => valueText({} as AttributeValue)).toThrow('none of the types');
    expect(() => valueText({ S: 5 } as unknown as AttributeValue)).toThrow('not a string');
  });
});

describe('field names', () => {
  test('an attribute comes back from its field, at the root and in a map', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(attributeName(rootFieldName(name))).toBe(name);
        expect(attributeName(nestedFieldName(name))).toBe(name);
        expect(rootFieldName(name)).not.toMatch(/^_|\./);
      }),
      { numRuns: 2_000 },
    );
  });

  test('ordinary names stay as they are', () => {
    for (const name of ['title', 'devDependencies', 'a b', '@scope/name']) expect(rootFieldName(name)).toBe(name);
  });
});

test('bytes are counted as UTF-8 has them', () => {
  fc.assert(fc.property(anyText, (text) => expect(utf8Bytes(text)).toBe(Buffer.byteLength(text))));
});
