import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { s3List } from '../../functions/object-index/aws/s3-list.ts';
import { s3Notifications } from '../../functions/object-index/aws/s3-notifications.ts';
import { s3Objects } from '../../functions/object-index/aws/s3-objects.ts';
import { attach } from '../../functions/object-index/run/attach.ts';

// The real SDK over real HTTP, against a server that answers as S3 does.

const DATE = 'Sun, 01 Mar 2026 12:00:00 GMT';
let server: Server;
let client: S3Client;
let respond: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const seen: { method: string; url: string; body: string }[] = [];

beforeEach(async () => {
  seen.length = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method ?? '', url: request.url ?? '', body });
    response.sendDate = false;
    respond(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('a look at an object', () => {
  const key = 'acme/a b+c%20🗝.txt';
  const look = () => s3Objects(client).look({ bucket: 'estate', key, slot: undefined });

  test("gives what is there, by S3's clock", async () => {
    respond = (_, response) =>
      response
        .writeHead(200, {
          date: DATE,
          'content-length': '1234',
          etag: '"abc"',
          'last-modified': 'Sun, 01 Mar 2026 11:00:00 GMT',
          'content-type': 'text/plain',
          'x-amz-version-id': 'null',
        })
        .end();
    expect(await look()).toEqual({
      kind: 'present',
      atMs: Date.parse(DATE),
      sizeBytes: 1234,
      etag: 'abc',
      versionId: undefined,
      lastModifiedMs: Date.parse(DATE) - 3_600_000,
      storageClass: 'STANDARD',
      contentType: 'text/plain',
    });
    expect(decodeURIComponent(new URL(seen[0]?.url ?? '', 'http://s3').pathname)).toBe(`/estate/${key}`);
  });

  test('gives that nothing is there only for 404', async () => {
    respond = (_, response) => response.writeHead(404, { date: DATE, 'x-amz-delete-marker': 'true' }).end();
    expect(await look()).toEqual({ kind: 'absent', atMs: Date.parse(DATE) });
  });

  test.each([[403], [500], [503]])('throws on %i: that is no evidence of absence', async (status) => {
    respond = (_, response) => response.writeHead(status, { date: DATE }).end();
    await expect(look()).rejects.toThrow();
  });

  test('throws without a Date header: the answer could not be placed in time', async () => {
    respond = (_, response) => response.writeHead(404).end();
    await expect(look()).rejects.toThrow('S3 answered without a Date header');
  });
});

describe('a look at a version', () => {
  const look = (slot: string) => s3Objects(client).look({ bucket: 'estate', key: 'a', slot });

  test('asks for that version, and tells a delete marker by 405', async () => {
    respond = (_, response) =>
      response
        .writeHead(405, { date: DATE, 'x-amz-delete-marker': 'true', 'last-modified': 'Sun, 01 Mar 2026 11:00:00 GMT' })
        .end();
    expect(await look('v1')).toEqual({
      kind: 'marker',
      atMs: Date.parse(DATE),
      versionId: 'v1',
      lastModifiedMs: Date.parse(DATE) - 3_600_000,
    });
    expect(seen[0]?.url).toContain('versionId=v1');
  });

  test('reads tags only where the policy wants them and the object has some', async () => {
    const head = (count: number) => {
      respond = (request, response) =>
        request.method === 'HEAD'
          ? response
              .writeHead(200, {
                date: DATE,
                'content-length': '1',
                'x-amz-meta-owner': 'acme',
                ...(count > 0 ? { 'x-amz-tagging-count': String(count) } : {}),
              })
              .end()
          : response
              .writeHead(200, { 'content-type': 'application/xml' })
              .end('<Tagging><TagSet><Tag><Key>customer</Key><Value>globex</Value></Tag></TagSet></Tagging>');
    };
    const tagged = s3Objects(client, () => true);
    head(1);
    expect(await tagged.look({ bucket: 'estate', key: 'a', slot: undefined })).toMatchObject({
      metadata: { owner: 'acme' },
      tags: { customer: 'globex' },
    });
    head(0);
    await tagged.look({ bucket: 'estate', key: 'a', slot: undefined });
    head(1);
    await s3Objects(client).look({ bucket: 'estate', key: 'a', slot: undefined });
    expect(seen.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'HEAD', 'HEAD']);
  });
});

describe("a bucket's list", () => {
  const xml = (body: string, response: ServerResponse) =>
    response.writeHead(200, { date: DATE, 'content-type': 'application/xml' }).end(body);

  test('without versions: keys decoded once, and it goes on after the last key', async () => {
    respond = (request, response) =>
      request.url?.includes('versioning')
        ? xml('<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>', response)
        : xml(
            '<ListBucketResult><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType><Contents><Key>a%2Bb+c%2520</Key><Size>5</Size><ETag>"e"</ETag><StorageClass>GLACIER</StorageClass><LastModified>2026-03-01T11:00:00.000Z</LastModified></Contents></ListBucketResult>',
            response,
          );
    const page = await s3List(client).page('estate', undefined);
    expect(page.entries).toEqual([
      {
        bucket: 'estate',
        key: 'a+b c%20',
        isCurrent: true,
        shown: {
          kind: 'present',
          atMs: Date.parse(DATE),
          sizeBytes: 5,
          etag: 'e',
          versionId: undefined,
          lastModifiedMs: Date.parse(DATE) - 3_600_000,
          storageClass: 'GLACIER',
          contentType: undefined,
        },
      },
    ]);
    await s3List(client).page('estate', page.next);
    expect(new URL(seen.at(-1)?.url ?? '', 'http://s3').searchParams.get('start-after')).toBe('a+b c%20');
  });

  test('with versions: each of them, markers too, and it goes on after the last version', async () => {
    respond = (request, response) =>
      request.url?.includes('versioning')
        ? xml('<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>', response)
        : xml(
            '<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>' +
              '<DeleteMarker><Key>a</Key><VersionId>null</VersionId><IsLatest>true</IsLatest><LastModified>2026-03-01T11:00:00.000Z</LastModified></DeleteMarker>' +
              '<Version><Key>a</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest><Size>7</Size><ETag>"f"</ETag><LastModified>2026-03-01T10:00:00.000Z</LastModified></Version></ListVersionsResult>',
            response,
          );
    const page = await s3List(client).page('estate', undefined);
    expect(page.entries.map(({ isCurrent, shown }) => [isCurrent, shown.kind, shown.versionId])).toEqual([
      [false, 'present', 'v1'],
      [true, 'marker', undefined],
    ]);
    await s3List(client).page('estate', page.next);
    const asked = new URL(seen.at(-1)?.url ?? '', 'http://s3').searchParams;
    expect([asked.get('key-marker'), asked.get('version-id-marker')]).toEqual(['a', 'v1']);
  });
});

test('a list of versions that goes on after a key alone sends no empty version: S3 refuses one', async () => {
  respond = (_, response) =>
    response.writeHead(200, { date: DATE, 'content-type': 'application/xml' }).end('<ListVersionsResult/>');
  await s3List(client).page('estate', JSON.stringify({ keyMarker: 'a', versionMarker: '' }));
  const asked = new URL(seen.at(-1)?.url ?? '', 'http://s3').searchParams;
  expect([asked.get('key-marker'), asked.has('version-id-marker')]).toEqual(['a', false]);
});

describe("a bucket's notifications", () => {
  const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:mainstay-local-object-events';
  const others =
    '<TopicConfiguration><Id>audit</Id><Topic>arn:aws:sns:eu-west-1:111122223333:audit</Topic><Event>s3:ObjectAcl:Put</Event></TopicConfiguration>' +
    '<CloudFunctionConfiguration><Id>thumbs</Id><CloudFunction>arn:aws:lambda:eu-west-1:111122223333:function:thumbs</CloudFunction><Event>s3:ObjectRestore:Completed</Event>' +
    '<Filter><S3Key><FilterRule><Name>Prefix</Name><Value>in/</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>' +
    '<EventBridgeConfiguration></EventBridgeConfiguration>';
  const serve = (inner: string) => {
    respond = (request, response) =>
      request.method === 'GET'
        ? response
            .writeHead(200, { 'content-type': 'application/xml' })
            .end(
              `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</NotificationConfiguration>`,
            )
        : response.writeHead(200).end();
  };
  const run = (verb: 'attach' | 'detach', write: boolean) =>
    attach({ bucket: 'estate', queueArn: QUEUE, verb, write }, s3Notifications(client));
  const written = () => seen.filter(({ method }) => method === 'PUT').map(({ body }) => body);

  test('are written back whole, with ours beside them', async () => {
    serve(others);
    expect(await run('attach', true)).toMatchObject({ written: true, plan: { kind: 'attach' } });
    const [body = ''] = written();
    for (const kept of [
      'audit',
      's3:ObjectAcl:Put',
      'thumbs',
      '<Value>in/</Value>',
      'EventBridgeConfiguration',
      QUEUE,
      's3:LifecycleExpiration:*',
    ]) {
      expect(body).toContain(kept);
    }
  });

  test('are not written without being told to', async () => {
    serve(others);
    expect(await run('attach', false)).toMatchObject({ written: false, plan: { kind: 'attach' } });
    expect(written()).toEqual([]);
  });

  test('are left alone where ours would overlap', async () => {
    serve(
      '<TopicConfiguration><Id>all</Id><Topic>arn:aws:sns:eu-west-1:111122223333:all</Topic><Event>s3:ObjectCreated:*</Event></TopicConfiguration>',
    );
    expect(await run('attach', true)).toMatchObject({ written: false, plan: { kind: 'refuse' } });
    expect(written()).toEqual([]);
  });

  test('lose only ours on detach', async () => {
    serve(
      `${others}<QueueConfiguration><Id>mainstay-object-index</Id><Queue>${QUEUE}</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration>`,
    );
    expect(await run('detach', true)).toMatchObject({ written: true });
    const [body = ''] = written();
    expect(body).toContain('thumbs');
    expect(body).not.toContain(QUEUE);
  });
});
