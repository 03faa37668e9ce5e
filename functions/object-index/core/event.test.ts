import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseInvocation } from './event.ts';

const record = (eventName: string, object: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventTime: '2026-03-01T12:00:00.123Z',
  eventName,
  s3: { bucket: { name: 'estate' }, object: { key: 'acme/a.txt', sequencer: '0055AED6DCD90281E5', ...object } },
  ...more,
});
const put = record('ObjectCreated:Put', { size: 5, eTag: 'e1' });
const queued = (...bodies: unknown[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    eventSource: 'aws:sqs',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })),
});
const fact = {
  bucket: 'estate',
  key: 'acme/a.txt',
  kind: 'created',
  event: 'ObjectCreated:Put',
  versionId: undefined,
  sequencer: '0055aed6dcd90281e5',
  eventTimeMs: Date.UTC(2026, 2, 1, 12, 0, 0, 123),
  sizeBytes: 5,
  etag: 'e1',
  expired: false,
  deleteMarker: false,
};

describe('the same fact from every shape', () => {
  test.each([
    ['straight from S3', { Records: [put] }],
    ['in a queue', queued({ Records: [put] })],
    ['in a topic in a queue', queued({ Type: 'Notification', Message: JSON.stringify({ Records: [put] }) })],
  ])('%s', (_shape, event) => expect(parseInvocation(event)[0]?.facts).toEqual([fact]));

  test('from EventBridge, whose key is not encoded and whose time has whole seconds', () => {
    const event = {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      time: '2026-03-01T12:00:00Z',
      detail: {
        bucket: { name: 'estate' },
        object: { key: 'acme/a+b%20.txt', size: 5, etag: 'e1', sequencer: '0055AED6DCD90281E5' },
      },
    };
    const expected = {
      ...fact,
      key: 'acme/a+b%20.txt',
      event: 'Object Created',
      eventTimeMs: Date.UTC(2026, 2, 1, 12),
    };
    expect(parseInvocation(event)[0]?.facts).toEqual([expected]);
    expect(parseInvocation(queued(event))[0]?.facts).toEqual([expected]);
  });
});

describe('what an event means', () => {
  const kinds = (name: string, object: Record<string, unknown> = { size: 1, eTag: 'e' }) =>
    parseInvocation({ Records: [record(name, object)] })[0]?.facts.map(({ kind, expired, deleteMarker }) => ({
      kind,
      expired,
      deleteMarker,
    }));

  test.each([
    ['ObjectCreated:Copy', 'created', false, false],
    ['ObjectCreated:CompleteMultipartUpload', 'created', false, false],
    ['s3:ObjectCreated:Put', 'created', false, false],
    ['ObjectRemoved:Delete', 'removed', false, false],
    ['ObjectRemoved:DeleteMarkerCreated', 'removed', false, true],
    ['LifecycleExpiration:Delete', 'removed', true, false],
    ['LifecycleExpiration:DeleteMarkerCreated', 'removed', true, true],
    ['LifecycleTransition', 'refresh', false, false],
    ['ObjectTagging:Put', 'refresh', false, false],
    ['ObjectRestore:Completed', 'refresh', false, false],
  ])('%s', (name, kind, expired, deleteMarker) => expect(kinds(name)).toEqual([{ kind, expired, deleteMarker }]));

  test.each([['ObjectAcl:Put'], ['Replication:OperationFailedReplication'], ['SomethingNew:Thing']])(
    '%s: nothing that is kept',
    (name) => expect(kinds(name)).toEqual([]),
  );

  test('a null version is the object itself; a real one is carried', () => {
    const version = (versionId: unknown) =>
      parseInvocation({ Records: [record('ObjectCreated:Put', { size: 1, eTag: 'e', versionId })] })[0]?.facts[0]
        ?.versionId;
    expect([version('null'), version(''), version(undefined), version('v1')]).toEqual([
      undefined,
      undefined,
      undefined,
      'v1',
    ]);
  });

  test("S3's test message says nothing and is done with", () => {
    expect(parseInvocation(queued({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'estate' }))).toEqual([
      { id: 'm0', facts: [] },
    ]);
  });
});

describe('a key is decoded exactly once', () => {
  test.each([
    ['red+flower.jpg', 'red flower.jpg'],
    ['a%2Bb', 'a+b'],
    ['100%2525', '100%25'],
    ['%F0%9F%97%9D/%D0%BA', '🗝/к'],
    ['a%0Ab', 'a\nb'],
  ])('%s is %s', (key, decoded) =>
    expect(parseInvocation({ Records: [record('ObjectRemoved:Delete', { key })] })[0]?.facts[0]?.key).toBe(decoded),
  );

  test('whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (key) => {
        const encoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
        const event = { Records: [record('ObjectRemoved:Delete', { key: encoded })] };
        expect(parseInvocation(event)[0]?.facts[0]?.key).toBe(key);
      }),
    );
  });
});

test('a message that can not be read fails alone, with its reason', () => {
  const messages = parseInvocation(
    queued(
      { Records: [put] },
      'not json',
      { Records: [record('ObjectRemoved:Delete', { key: '%E0%A4%A' })] },
      { Records: [record('ObjectCreated:Put', { eTag: 'e' })] },
      { Records: [{ ...put, eventVersion: '3.0' }] },
      { Records: [{ ...put, eventTime: 'soon' }] },
      { hello: 'world' },
    ),
  );
  expect(messages.map(({ facts }) => facts.length)).toEqual([1, 0, 0, 0, 0, 0, 0]);
  expect(messages.map(({ malformed }) => malformed)).toEqual([
    undefined,
    'it is not JSON: not json',
    'the key "%E0%A4%A" is not form-encoded text',
    'ObjectCreated:Put of estate/acme/a.txt has no size',
    'event version 3.0 is not 2.x',
    'event time soon is not UTC',
    'it is neither an S3 notification nor an EventBridge event of S3',
  ]);
});

test('several records in one message are several facts; none is none', () => {
  expect(parseInvocation({ Records: [put, put] })[0]?.facts).toHaveLength(2);
  expect(parseInvocation({ Records: [] })[0]).toEqual({ id: 'direct', facts: [] });
});
