import { describe, expect, test } from '@jest/globals';
import {
  guardedField,
  mappingSentence,
  NO_MAPPING,
  type OwnMapping,
  planMapping,
  readOwnMapping,
} from './own-mapping.ts';

const read = (body: unknown, project?: Parameters<typeof readOwnMapping>[2]) =>
  readOwnMapping(JSON.stringify(body), 'config/documents.json', project);

describe('a mapping file', () => {
  test('that is good is taken as it is', () => {
    const body = {
      properties: { title: { type: 'text', analyzer: 'english' }, when: { type: 'date' } },
      settings: { analysis: {} },
    };
    expect(read(body)).toEqual(body);
  });

  test('is refused with every problem at once', () => {
    const wrong = {
      properties: {
        _id: { type: 'text' },
        secret: { type: 'keyword' },
        flag: { type: 'boolean' },
        old: { type: 'date' },
      },
      settings: { gc_deletes: '1s' },
      mappings: {},
    };
    expect(() => read(wrong, { exclude: ['secret'], rename: { old: 'fresh' } })).toThrow(
      /mappings: .*; properties\._id: .*; properties\.secret: .*does not index it; properties\.flag\.type: .*; properties\.old: .*does not index it; settings\.gc_deletes: /,
    );
    expect(() => readOwnMapping('{', 'f.json', undefined)).toThrow('f.json: expected JSON');
  });

  test('a renamed attribute is mapped under its name in the index', () => {
    const body = { properties: { fresh: { type: 'date' } } };
    expect(read(body, { include: ['old'], rename: { old: 'fresh' } }).properties).toEqual(body.properties);
  });
});

test.each([['date'], ['integer'], ['ip']])('a value that a %s can not take is left out, not the document', (type) => {
  expect(guardedField({ type, ignore_malformed: false })).toMatchObject({
    type,
    ignore_malformed: true,
    copy_to: '_text',
  });
});

describe('what has to be done', () => {
  const own = (properties: OwnMapping['properties'], settings = {}): OwnMapping => ({ properties, settings });
  const present = (mapping: OwnMapping, fields: string[] = [], layout = 2) => ({ layout, own: mapping, fields });
  const date = { when: { type: 'date' } };

  test('nothing, whatever the order of names', () => {
    const a = own({ when: { type: 'date', format: 'x' } });
    expect(planMapping(present(a, ['when']), 2, own({ when: { format: 'x', type: 'date' } }))).toEqual({
      kind: 'same',
    });
  });

  test('a field that no document has is added', () => {
    expect(planMapping(present(NO_MAPPING, ['title']), 2, own(date))).toEqual({ kind: 'extend', fields: ['when'] });
  });

  test.each([
    ['a field that was mapped by its first values', present(NO_MAPPING, ['when']), own(date)],
    ['another type', present(own({ when: { type: 'keyword' } }), ['when']), own(date)],
    ['a mapping that is no more', present(own(date), ['when']), NO_MAPPING],
    ['other settings', present(own({}, { number_of_shards: 1 })), own({}, { number_of_shards: 3 })],
    ['another layout', present(NO_MAPPING, [], 1), NO_MAPPING],
  ])('a new index: %s', (_, before, wanted) => {
    const plan = planMapping(before, 2, wanted);
    expect(plan.kind).toBe('rebuild');
    expect(mappingSentence('documents', 'documents-v1', plan)).toContain('backfill --new');
  });
});
