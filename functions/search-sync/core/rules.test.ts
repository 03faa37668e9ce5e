import { describe, expect, test } from '@jest/globals';
import { readRecord, streamLabel } from './change.ts';
import { checkpoint } from './checkpoint.ts';
import { collapse } from './collapse.ts';
import { dayIndex, readDelivery, utcDay } from './log-events.ts';
import { chunked, type Operation, operationLines } from './operation.ts';
import { itemOutcome, requestOutcome, versionMet } from './outcome.ts';
import { plainItem } from './plain.ts';
import { readSearch } from './search-request.ts';
import { streamTarget } from './stream-target.ts';
import { isAtLeast, versionOf } from './version.ts';

const hash = () => 'f'.repeat(64);
const record = (sequence: unknown, seconds: unknown = 1_790_000_000, id = 'a', eventName = 'MODIFY') => ({
  eventName,
  dynamodb: {
    Keys: { id: { S: id } },
    NewImage: { id: { S: id }, n: { N: '1' } },
    SequenceNumber: sequence,
    ApproximateCreationDateTime: seconds,
  },
});
const change = (sequence: string, seconds?: number, id?: string) => {
  const read = readRecord(record(sequence, seconds, id), 0, { partition: 'id' }, hash);
  if (read.kind !== 'change') throw new Error(read.malformed.reason);
  return read.change;
};

describe('versions', () => {
  test.each(['111', '20500000000000000910398', '1683700000000000001135967', '9'.repeat(40)])(
    'a sequence number as long as %s fits a signed 64-bit version',
    (sequence) => {
      const version = versionOf(4_000_000_000, sequence);
      expect(version).toBeLessThan(2n ** 63n);
      expect(version / 10n ** 9n).toBe(4_000_000_000n);
    },
  );

  test('a later second wins over any sequence number, and a fraction of a second does not count', () => {
    expect(versionOf(101, '0')).toBeGreaterThan(versionOf(100, '999999999'));
    expect(versionOf(1_536_550_860.7, '5')).toBe(versionOf(1_536_550_860, '5'));
  });

  test('stored numbers are compared as numbers, and what is none proves nothing', () => {
    expect(isAtLeast('9', '10')).toBe(false);
    expect(isAtLeast('0000000000000000000000000000000000000010', '9')).toBe(true);
    expect(isAtLeast('', '1')).toBe(false);
  });
});

describe('collapse', () => {
  test('the last change of each key is left, at a version above all its earlier ones', () => {
    const [a1, b, a2] = [change('900', 100), change('5', 100, 'b'), change('3', 99)];
    const left = collapse([a1, b, a2]);
    expect(left.map(({ id, sequence }) => [id, sequence])).toEqual([
      ['Sa', '3'],
      ['Sb', '5'],
    ]);
    expect(left[0]?.version).toBe(a1.version + 1n);
  });
});

describe('records', () => {
  test.each([
    [null, 'no sequence number'],
    ['text', 'no sequence number'],
    [record(undefined), 'no sequence number'],
    [record('12a'), 'no sequence number'],
    [record('1'.repeat(41)), 'no sequence number'],
    [record('1', 'yesterday'), 'not in seconds'],
    [record('1', 1_790_000_000_000), 'not in seconds'],
    [record('1', Number.NaN), 'not in seconds'],
    [record('1', 1, 'a', 'TRUNCATE'), 'eventName is TRUNCATE'],
    [{ eventName: 'REMOVE', dynamodb: { SequenceNumber: '1', ApproximateCreationDateTime: 1 } }, 'id is missing'],
    [
      {
        eventName: 'REMOVE',
        dynamodb: { SequenceNumber: '1', ApproximateCreationDateTime: 1, Keys: { id: { S: 5 } } },
      },
      'id is neither S, N nor B',
    ],
  ])('%j is malformed: %s', (raw, reason) => {
    const read = readRecord(raw, 3, { partition: 'id' }, hash);
    expect(read).toMatchObject({ kind: 'malformed', malformed: { position: 3 } });
    expect(read.kind === 'malformed' && read.malformed.reason).toContain(reason);
  });

  test('a change without its image asks for a look at the table', () => {
    const { NewImage: _, ...keysOnly } = record('1').dynamodb;
    const read = readRecord({ eventName: 'INSERT', dynamodb: keysOnly }, 0, { partition: 'id' }, hash);
    expect(read).toMatchObject({ kind: 'change', change: { what: { kind: 'look' } } });
  });

  test('the stream of a table is told by its ARN, whatever its label', () => {
    const arn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/documents/stream/2026-11-21T00:00:00.000';
    expect(streamTarget([{ name: 'documents' }], arn)).toEqual({
      table: { name: 'documents' },
      stream: '2026-11-21T00:00:00.000',
    });
    expect(() => streamTarget([{ name: 'orders' }], arn)).toThrow('none of the tables in search.tables (orders)');
    expect(streamLabel('nonsense')).toBe('');
  });
});

describe('checkpoint', () => {
  test('is the number of the first record that is not done, by place and not by text', () => {
    expect(checkpoint(['9', '10', '11'], new Set([2, 1]))).toBe('10');
    expect(checkpoint(['9', '10'], [])).toBeUndefined();
  });

  test('goes back to a record that can be named, else to the whole batch', () => {
    expect(checkpoint(['9', undefined, '11'], [1])).toBe('9');
    expect(checkpoint([undefined, '11'], [0])).toBe('');
  });
});

const write = (document: string): Operation => ({
  index: 'documents',
  viaAlias: true,
  id: 'S"a',
  condition: { kind: 'at-least', version: 1_790_000_000_123_456_789n },
  write: { kind: 'index', document },
});

describe('bulk bodies', () => {
  test('carry the version as a number of 19 digits', () => {
    expect(operationLines(write('{}'))).toBe(
      '{"index":{"_index":"documents","_id":"S\\"a","version":1790000000123456789,"version_type":"external_gte","require_alias":true}}\n{}\n',
    );
    expect(operationLines({ ...write(''), write: { kind: 'delete' } })).toBe(
      '{"delete":{"_index":"documents","_id":"S\\"a","version":1790000000123456789,"version_type":"external_gte"}}\n',
    );
  });

  test('of a repair take effect only on what it read', () => {
    const unchanged = { kind: 'unchanged' as const, seqNo: 7, primaryTerm: 2 };
    expect(operationLines({ ...write('{}'), condition: unchanged })).toContain('"if_seq_no":7,"if_primary_term":2');
    expect(operationLines({ ...write('{}'), condition: { kind: 'above', version: 9n } })).toContain(
      '"version":9,"version_type":"external"',
    );
  });

  test('are cut by bytes and by count, in order; one that is too large alone goes alone', () => {
    const writes = [300, 300, 5_000, 10, 10, 10].map((length) => ({ operation: write('é'.repeat(length / 2)) }));
    const lengths = [...chunked(writes, { maxBytes: 1_000, maxOperations: 2 })].map((chunk) => chunk.length);
    expect(lengths).toEqual([2, 1, 2, 1]);
    expect([...chunked(writes, { maxBytes: 1_000, maxOperations: 2 })].flat()).toEqual(writes);
  });

  test('are counted exactly where three bytes for each letter would be too many', () => {
    const writes = Array.from({ length: 6 }, () => ({ operation: write('x'.repeat(300)) }));
    const lengths = [...chunked(writes, { maxBytes: 1_400, maxOperations: 10 })].map((chunk) => chunk.length);
    expect(lengths).toEqual([3, 3]);
  });

  test('go in small requests first, each made when it is asked for', () => {
    let made = 0;
    const writes = (function* () {
      for (; made < 40; made++) yield { operation: write('{}') };
    })();
    const requests = chunked(writes, { maxBytes: 1e6, maxOperations: 16, firstOperations: 2 });
    expect(requests.next().value).toHaveLength(2);
    expect(made).toBeLessThan(4);
    expect([...requests].map((chunk) => chunk.length)).toEqual([4, 8, 16, 10]);
  });
});

describe('outcomes', () => {
  const fault = (status: number, type: string, reason = 'r') => ({ status, error: { type, reason } });
  test.each([
    ['index', { status: 201 }, 'done'],
    ['delete', { status: 404, result: 'not_found' }, 'done'],
    ['delete', fault(404, 'index_not_found_exception'), 'incident'],
    ['index', { status: 404, result: 'not_found' }, 'incident'],
    ['index', fault(409, 'version_conflict_engine_exception'), 'verify'],
    ['index', fault(429, 'rejected_execution_exception'), 'retry'],
    ['index', fault(503, 'unavailable_shards_exception'), 'retry'],
    ['index', fault(429, 'cluster_block_exception'), 'incident'],
    ['index', fault(403, 'cluster_block_exception'), 'incident'],
    ['index', fault(401, 'security_exception'), 'incident'],
    ['index', fault(400, 'mapper_parsing_exception'), 'poison'],
    ['index', fault(400, 'illegal_argument_exception', 'immense term'), 'poison'],
    ['index', fault(400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded'), 'incident'],
    ['index', fault(400, 'illegal_argument_exception', 'no write index is defined for alias [x]'), 'incident'],
    ['index', fault(400, 'never_heard_of_exception'), 'incident'],
    ['index', { status: 0 }, 'incident'],
  ] as const)('%s answered %j is %s', (kind, item, outcome) => expect(itemOutcome(kind, item).kind).toBe(outcome));

  test.each([
    [{ kind: 'none', reason: 'timed out' }, 5, 'retry'],
    [{ kind: 'refused', status: 413, type: 't', reason: 'r' }, 5, 'halve'],
    [{ kind: 'refused', status: 413, type: 't', reason: 'r' }, 1, 'poison'],
    [{ kind: 'refused', status: 400, type: 't', reason: 'r' }, 2, 'halve'],
    [{ kind: 'refused', status: 429, type: 't', reason: 'r' }, 5, 'retry'],
    [{ kind: 'refused', status: 403, type: 't', reason: 'r' }, 5, 'incident'],
    [{ kind: 'refused', status: 404, type: 't', reason: 'r' }, 5, 'incident'],
    [{ kind: 'refused', status: 302, type: 't', reason: 'r' }, 5, 'incident'],
  ] as const)('a request answered %j with %i operations: %s', (answer, operations, outcome) =>
    expect(requestOutcome(answer, operations).kind).toBe(outcome),
  );

  test('the version that was met is read with all its digits', () => {
    expect(versionMet('[a]: version conflict, current version [1790000000123456789] is higher')).toBe(
      1790000000123456789n,
    );
    expect(versionMet('required seqNo [5]')).toBeUndefined();
  });
});

describe('log events', () => {
  test('the day is that of the event in UTC, as the calendar has it', () => {
    for (let day = -1_000; day < 60_000; day += 7) {
      const ms = day * 86_400_000 + 86_399_999;
      expect(utcDay(ms)).toBe(new Date(ms).toISOString().slice(0, 10).replaceAll('-', '.'));
    }
    expect(dayIndex('postgresql', 0)).toBe('postgresql-1970.01.01');
  });

  test.each([
    ['no JSON', 'is not JSON'],
    ['null', 'lacks logGroup'],
    ['{"logGroup":"g","logStream":"s"}', 'lacks logGroup'],
    ['{"logGroup":"g","logStream":"s","logEvents":[{"id":1}]}', 'lacks id'],
  ])('%s is unreadable: %s', (text, reason) => {
    expect(readDelivery(text)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(reason) });
  });

  test('a control message is no event', () => {
    expect(readDelivery('{"messageType":"CONTROL_MESSAGE"}')).toEqual({ kind: 'control' });
  });
});

describe('answers and requests', () => {
  test('a number that a float would round is given with every digit', () => {
    expect(plainItem({ a: { N: '12345678901234567890' }, b: { N: '1.50' }, c: { NS: ['0.1', '9.9E+125'] } })).toEqual({
      a: '12345678901234567890',
      b: 1.5,
      c: [0.1, 9.9e125],
    });
  });

  test('every problem of a search is said at once', () => {
    const keys = { partition: 'id', sort: 'at' };
    const documents = { index: 'documents', keys };
    const tables = [documents, { index: 'orders', keys }];
    expect(() => readSearch({ query: ' ', size: 0, after: 'x' }, tables)).toThrow(
      /query: .*; size: .*; after: .*; index: expected one of documents, orders, got undefined/,
    );
    const wrong = {
      where: { a: [], b: { from: 'x' } },
      facets: ['*'],
      highlight: 'yes',
      similar: { id: 'a' },
      pages: 2,
    };
    expect(() => readSearch(wrong, [documents])).toThrow(
      /pages: not known.*; highlight: .*; facets: .*; where\.a: .*; where\.b: .*; similar: expected the key of an item: id and at/,
    );
    expect(() => readSearch({}, [documents])).toThrow('query: expected a text to search for, or similar, or where');
    expect(() => readSearch({ query: 'x'.repeat(2_001) }, [documents])).toThrow('at most 2000 characters, got 2001');
    expect(readSearch({ query: 'a' }, [documents])).toEqual({ table: documents, query: 'a', size: 10 });
    expect(readSearch({ similar: { id: 'a', at: 7 } }, [documents])).toMatchObject({
      similar: { id: { S: 'a' }, at: { N: '7' } },
    });
  });
});
