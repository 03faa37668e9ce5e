import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Item } from './attribute-value.ts';
import { contentOf, documentText, readStored, standsFor, stubText } from './document.ts';
import { documentId } from './document-id.ts';
import { placementOf } from './placement.ts';
import { utf8Bytes } from './utf8.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const KEYS = { partition: 'pk', sort: 'sk' };
const shape = { keys: { partition: 'id' } };
const origin = {
  source: 'stream' as const,
  sequence: '20500000000000000910398',
  stream: 'label',
  seconds: 1_790_000_000,
};

describe('document ids', () => {
  const part = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '|', '\\', 'S', 'N', '1', 'é', '#') }).map((S) => ({ S })),
    fc.integer({ min: -20, max: 20 }).map((n) => ({ N: String(n) })),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => ({ B: Buffer.from(bytes).toString('base64') })),
  );

  test('two keys share an id only when they are the same key', () => {
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const same = JSON.stringify([a, b]) === JSON.stringify([c, d]);
        expect(documentId({ pk: a, sk: b }, KEYS, hash) === documentId({ pk: c, sk: d }, KEYS, hash)).toBe(same);
      }),
      { numRuns: 20_000 },
    );
  });

  test('keys that a plain join would mix up stay apart', () => {
    const id = (pk: string, sk: string) => documentId({ pk: { S: pk }, sk: { S: sk } }, KEYS, hash);
    expect(id('a|b', 'c')).not.toBe(id('a', 'b|c'));
    expect(id('a\\', '|c')).not.toBe(id('a\\|', 'c'));
    expect(documentId({ id: { S: '1' } }, shape.keys, hash)).not.toBe(documentId({ id: { N: '1' } }, shape.keys, hash));
  });

  test('a number key has one id however it is spelled', () => {
    expect(documentId({ id: { N: '1.0' } }, shape.keys, hash)).toBe(documentId({ id: { N: '1' } }, shape.keys, hash));
  });

  test.each([['x'.repeat(2_048)], ['é'.repeat(256)], ['😀'.repeat(128)]])(
    'a key above 512 bytes gets a hashed id',
    (long) => {
      const id = documentId({ id: { S: long } }, shape.keys, hash);
      expect(id).toMatch(/^#[0-9a-f]{64}$/);
      expect(utf8Bytes(id)).toBeLessThanOrEqual(512);
    },
  );

  test('a key of exactly 512 bytes is kept', () => {
    expect(documentId({ id: { S: 'x'.repeat(511) } }, shape.keys, hash)).toBe(`S${'x'.repeat(511)}`);
  });

  test('a missing key attribute is said by name', () => {
    expect(() => documentId({ pk: { S: 'a' } }, KEYS, hash)).toThrow('the key attribute sk is missing');
  });
});

describe('documents', () => {
  const item: Item = {
    id: { S: 'a' },
    title: { S: 'hello' },
    author: { M: { name: { S: 'me' } } },
    raw: { B: 'aGk=' },
  };

  test('the placement goes by shape: fields, one flat object, and what is only kept', () => {
    expect(contentOf(item, shape)).toBe(
      '"id":"a","title":"hello","_maps":{"author":{"name":"me"}},"_stored":{"raw":"aGk="}',
    );
    expect(placementOf('a', { L: [{ S: 'x' }, { L: [{ N: '1' }] }] })).toBe('field');
    expect(placementOf('a', { L: [{ S: 'x' }, { M: {} }] })).toBe('map');
    expect(placementOf('a', { M: { b: { L: [{ B: 'aGk=' }] } } })).toBe('stored');
    expect(placementOf('a', { M: { b: { S: 'é'.repeat(16_001) } } })).toBe('stored');
    expect(placementOf('a', { S: 'x'.repeat(400_000) })).toBe('field');
  });

  test('include, exclude and rename choose what is indexed, and a collision is refused', () => {
    const project = { include: ['id', 'title', 'author'], exclude: ['author'], rename: { title: 'headline' } };
    expect(contentOf(item, { ...shape, project })).toBe('"headline":"hello","id":"a"');
    expect(() => contentOf(item, { ...shape, project: { rename: { title: 'id' } } })).toThrow(
      'both projected to the field id',
    );
  });

  test('a document reads back as its content, also when a text looks like its own block', () => {
    const odd: Item = { id: { S: 'a' }, t: { S: '","_sync":{"st":"ok","h":""}}' }, _sync: { S: 'mine' } };
    const content = contentOf(odd, shape);
    const text = documentText(content, { id: { S: 'a' } }, shape, origin, hash);
    const stored = readStored(text);
    expect(stored?.content).toBe(content);
    expect(stored && standsFor(stored, content, hash)).toBe(true);
    expect(JSON.parse(text)._sync).toMatchObject({
      k: { id: { S: 'a' } },
      s: '0000000000000000020500000000000000910398',
      st: 'ok',
      src: 'stream',
    });
  });

  test('a stub stands for exactly the item that was refused', () => {
    const content = contentOf(item, shape);
    const stub = readStored(stubText(content, { id: { S: 'a' } }, shape, origin, 'too "odd"', hash));
    expect(stub).toMatchObject({ state: 'stub', content: '' });
    expect(stub && standsFor(stub, content, hash)).toBe(true);
    expect(stub && standsFor(stub, `${content},"more":1`, hash)).toBe(false);
  });

  test.each(['', '{}', '{"a":1}', '{"_sync":5}', '{"a":1,"_sync":{"st":"other","h":"x"}}'])(
    '%p is not a document of ours',
    (source) => expect(readStored(source)).toBeUndefined(),
  );
});
