import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RawAnswerError, rawDocuments } from './raw-documents.ts';

const found = (source: string) =>
  `{"_index":"i","_id":"a","_version":1790000000123456789,"_seq_no":3,"_primary_term":1,"found":true,"_source":${source}}`;

test('a document is cut out as it was written, with all digits of its numbers', () => {
  const source = '{"n":12345678901234567890123456789012345678,"t":"a\\"}]","_sync":{"found":false}}';
  expect(rawDocuments(`{"docs":[${found(source)},{"_index":"i","_id":"b","found":false}]}`)).toEqual([
    { version: 1790000000123456789n, seqNo: 3, primaryTerm: 1, source },
    undefined,
  ]);
});

test('any document comes out letter by letter, and none moves to its neighbour', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }), (sources) => {
      const texts = sources.map((source) => JSON.stringify(source));
      expect(rawDocuments(`{ "docs" : [${texts.map(found).join(' , ')}] }`).map((doc) => doc?.source)).toEqual(texts);
    }),
  );
});

test.each([
  ['an answer that breaks off', `{"docs":[${found('{"a":1}').slice(0, -4)}`],
  ['an index that is not there', '{"docs":[{"_id":"a","error":{"type":"index_not_found_exception"}}]}'],
  ['no answer', ''],
  ['a fault', '{"error":{"reason":"x"},"status":400}'],
])('%s is no evidence: it throws', (_, text) => {
  expect(() => rawDocuments(text)).toThrow(RawAnswerError);
});
