import type { AttributeValue, Item } from '../../functions/search-sync/core/attribute-value.ts';

const nested = (depth: number): AttributeValue => (depth === 0 ? { S: 'x' } : { M: { a: nested(depth - 1) } });
const text = (S: string): AttributeValue => ({ S });

/** Attributes with the names that OpenSearch refuses, misreads or keeps for itself. */
const oddNames: Item = Object.fromEntries(
  [
    '',
    ' ',
    'a.b',
    '.x',
    'x.',
    'k=v',
    '__proto__',
    '_id',
    '_source',
    '_sync',
    '_text',
    '_maps',
    '\n',
    '😀',
    'constructor',
    '~',
    '~2id',
  ].map((name) => [name, text('odd')]),
);

const attributes: [string, Item][] = [
  ['plain text', { a: text('hello world'), n: { N: '5' } }],
  ['text where a number was', { a: { N: '5' }, n: text('five') }],
  ['flag', { flag: { BOOL: true } }],
  ['text where a flag was', { flag: text('yes') }],
  ['mixed list', { flag: { L: [text('a'), { N: '1' }, { NULL: true }, { BOOL: true }, { L: [text('x')] }] } }],
  ['numbers', { n: { N: '12345678901234567890123456789012345678' }, tiny: { N: '1E-130' }, huge: { N: '9.9E+125' } }],
  ['flag where a number was', { n: { BOOL: true } }],
  ['list where a number was', { n: { L: [text('q'), { N: '3' }] } }],
  ['empty text where a number was', { n: text('') }],
  [
    'author as map',
    { author: { M: { name: text('sindre'), age: { N: '3' }, x: { NULL: true }, y: { BOOL: false } } } },
  ],
  ['author as text', { author: text('me') }],
  ['author as other map', { author: { M: { name: { M: { first: text('q') } } } } }],
  [
    'list of maps',
    { c: { L: [{ M: { name: text('a') } }, text('plain'), { L: [{ M: { z: text('1') } }] }, { NULL: true }] } },
  ],
  ['empty map', { m: { M: {} } }],
  ['empty things in a map', { m: { M: { l: { L: [] }, s: text(''), n: { L: [{ NULL: true }, { NULL: true }] } } } }],
  ['list in list in map', { m: { M: { l: { L: [{ L: [text('a')] }] } } } }],
  [
    'sets',
    { m: { M: { a: { NS: ['1', '2.5'] }, b: { SS: ['x'] } } }, ss: { SS: ['b', 'a'] }, ns: { NS: ['10', '9'] } },
  ],
  ['odd names', oddNames],
  ['odd names in a map', { m: { M: oddNames } }],
  ['long name', { ['n'.repeat(40_000)]: text('a') }],
  ['long name in a map', { m: { M: { ['n'.repeat(31_000)]: text('a') } } }],
  ['deep', { m: nested(17) }],
  ['deepest', { m: nested(31) }],
  ['long text', { t: text('word '.repeat(60_000)) }],
  ['one long word', { t: text('w'.repeat(300_000)) }],
  ['longest text in a map', { m: { M: { t: text('w'.repeat(31_900)) } } }],
  ['too long a text in a map', { m: { M: { t: text('é'.repeat(20_000)) } } }],
  ['binaries', { b: { B: 'aGVsbG8=' }, bs: { BS: ['aGVsbG8='] }, m: { M: { b: { B: new Uint8Array([0, 255]) } } } }],
  ['binary where text was', { a: { B: 'aGVsbG8=' } }],
  ['control characters', { a: text('\u0000\u0001\n\u2028\ud800') }],
  ['nothing', { a: { NULL: true }, z: { NULL: true } }],
];

/** Items in the order in which each meets the types that the ones before it gave to fields. */
export const hostileItems: readonly Item[] = attributes.map(([id, item]) => ({ ...item, id: text(id) }));
