import { createHash, createHmac } from 'node:crypto';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callerToken } from '../../local/gateway/scope.ts';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import { describeWithEngines } from '../engine.ts';

const REGION = 'eu-west-1';
const FAR = 'eu-central-1';

/** docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const presigned = (address: string, account: string): string => {
  const url = new URL(address);
  const at = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const scope = [at.slice(0, 8), REGION, 's3', 'aws4_request'];
  url.search = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': [account, ...scope].join('/'),
    'X-Amz-Date': at,
    'X-Amz-Expires': '300',
    'X-Amz-SignedHeaders': 'host',
  }).toString();
  const request = ['GET', url.pathname, url.search.slice(1), `host:${url.host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join(
    '\n',
  );
  const sign = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.reduce<string | Buffer>(sign, 'AWS4local');
  const toSign = [
    url.searchParams.get('X-Amz-Algorithm'),
    at,
    scope.join('/'),
    createHash('sha256').update(request).digest('hex'),
  ];
  url.searchParams.set('X-Amz-Signature', sign(key, toSign.join('\n')).toString('hex'));
  return url.href;
};

await describeWithEngines(['dynamodb', 'ministack'], 'the gateway', () => {
  let aws: LocalAws;
  const settings = (region = REGION) => ({
    region,
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.account, secretAccessKey: 'local' },
    maxAttempts: 1,
    forcePathStyle: true,
  });
  const dynamodb = (region = REGION) => new DynamoDBClient(settings(region));
  const item = (id: string) => ({ TableName: 'things', Item: { id: { S: id } } });
  const isThere = async (id: string) =>
    (await dynamodb().send(new GetItemCommand({ TableName: 'things', Key: { id: { S: id } } }))).Item !== undefined;

  beforeAll(async () => {
    aws = await startLocalAws({ port: 0, engines: ['dynamodb', 'ministack'], templates: {}, onError: () => {} });
    await dynamodb().send(
      new CreateTableCommand({
        TableName: 'things',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
      }),
    );
    await new S3Client(settings()).send(new CreateBucketCommand({ Bucket: 'files' }));
  });
  afterEach(() => aws?.faults.clear());
  afterAll(() => aws?.stop());

  test('one endpoint serves every protocol, by the service of the signature', async () => {
    const sts = await new STSClient(settings()).send(new GetCallerIdentityCommand({}));
    expect(sts.Account).toBe('111122223333');
    expect((await new Route53Client(settings()).send(new ListHostedZonesByNameCommand({}))).HostedZones).toEqual([]);
    expect((await new LambdaClient(settings()).send(new ListFunctionsCommand({}))).Functions).toEqual([]);
    expect((await new SNSClient(settings()).send(new ListTopicsCommand({}))).Topics ?? []).toEqual([]);
    await dynamodb().send(new PutItemCommand(item('plain')));
    expect(await isThere('plain')).toBe(true);
  });

  test("a queue's URL leads back through the gateway, and regions have queues of their own", async () => {
    const sqs = new SQSClient(settings());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    expect(QueueUrl).toBe(`${aws.endpoint}/111122223333/jobs`);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
    expect((await new SQSClient(settings(FAR)).send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  });

  test('objects go through whole: streamed, in parts, and by a presigned address', async () => {
    const s3 = new S3Client(settings());
    const body = Buffer.alloc(6 * 1024 * 1024, 'mainstay');
    const asked = { Bucket: 'files', Key: 'a dir/ü+&.bin' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(asked));
    const halves = [body.subarray(0, 5 * 1024 * 1024), body.subarray(5 * 1024 * 1024)];
    const Parts = await Promise.all(
      halves.map(async (Body, index) => {
        const part = await s3.send(new UploadPartCommand({ ...asked, UploadId, PartNumber: index + 1, Body }));
        return { PartNumber: index + 1, ETag: part.ETag };
      }),
    );
    await s3.send(new CompleteMultipartUploadCommand({ ...asked, UploadId, MultipartUpload: { Parts } }));
    const got = await s3.send(new GetObjectCommand(asked));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);

    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'small', Body: 'presigned' }));
    const address = presigned(`${aws.endpoint}/files/small`, aws.account);
    expect(await (await fetch(address)).text()).toBe('presigned');
  });

  test("a table's ARNs are of the caller's account and region, and are understood again", async () => {
    const { Table } = await dynamodb().send(new DescribeTableCommand({ TableName: 'things' }));
    expect(Table?.TableArn).toBe('arn:aws:dynamodb:eu-west-1:111122223333:table/things');
    const StreamArn = Table?.LatestStreamArn;
    expect(StreamArn).toMatch(/^arn:aws:dynamodb:eu-west-1:111122223333:table\/things\/stream\//);
    const streams = new DynamoDBStreamsClient(settings());
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    await dynamodb().send(new PutItemCommand(item('streamed')));
    expect((await streams.send(new GetRecordsCommand({ ShardIterator }))).Records?.length).toBeGreaterThan(0);
  });

  // The names are those of each API reference's "Common Errors"; the SDKs decide by them what to retry.
  test('throttling is said in the words of each service', async () => {
    aws.faults.add({ kind: 'throttle' });
    const refused = async (call: Promise<unknown>) => {
      const error = await call.then(
        () => undefined,
        (thrown: Error & { $metadata?: { httpStatusCode?: number } }) => thrown,
      );
      return `${error?.$metadata?.httpStatusCode} ${error?.name}`;
    };
    expect(await refused(dynamodb().send(new PutItemCommand(item('x'))))).toBe('400 ThrottlingException');
    expect(
      await refused(new S3Client(settings()).send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'x' }))),
    ).toBe('503 SlowDown');
    expect(await refused(new SQSClient(settings()).send(new ListQueuesCommand({})))).toBe('403 RequestThrottled');
    expect(await refused(new SNSClient(settings()).send(new ListTopicsCommand({})))).toMatch(/^400 Thrott/);
    expect(await refused(new Route53Client(settings()).send(new ListHostedZonesByNameCommand({})))).toBe(
      '400 Throttling',
    );
    expect(await refused(new LambdaClient(settings()).send(new ListFunctionsCommand({})))).toBe(
      '429 TooManyRequestsException',
    );
  });

  test('a fault strikes as often as it says, only where it says, and the SDK gets over it', async () => {
    aws.faults.add({ kind: 'error-5xx', service: 'dynamodb', operation: 'PutItem', times: 2 });
    const patient = new DynamoDBClient({ ...settings(), maxAttempts: 3 });
    expect(await isThere('patient')).toBe(false);
    await patient.send(new PutItemCommand(item('patient')));
    expect(await isThere('patient')).toBe(true);
    expect(aws.faults.list()).toEqual([]);
  });

  test('a timeout before the effect has none; a timeout after it has one, and no answer either', async () => {
    aws.faults.add({ kind: 'timeout-before', service: 'dynamodb', operation: 'PutItem', times: 1 });
    await expect(dynamodb().send(new PutItemCommand(item('before')))).rejects.toThrow();
    expect(await isThere('before')).toBe(false);
    aws.faults.add({ kind: 'timeout-after', service: 'dynamodb', operation: 'PutItem', times: 1 });
    await expect(dynamodb().send(new PutItemCommand(item('after')))).rejects.toThrow();
    expect(await isThere('after')).toBe(true);
  });

  test('a region that is cut off answers nobody outside, and its own services as before', async () => {
    aws.faults.add({ kind: 'region-cut', region: REGION });
    await expect(isThere('plain')).rejects.toThrow();
    expect((await new SQSClient(settings(FAR)).send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
    const from = (region: string, to: string) =>
      new DynamoDBClient({
        ...settings(to),
        credentials: { ...settings().credentials, sessionToken: callerToken(region, 'guard') },
      }).send(new GetItemCommand({ TableName: 'things', Key: { id: { S: 'plain' } } }));
    expect((await from(REGION, REGION)).Item).toBeDefined();
    await expect(from(FAR, REGION)).rejects.toThrow();
    await expect(from(REGION, FAR)).rejects.not.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('a cut between two regions leaves a third one in touch with both', async () => {
    const THIRD = 'eu-north-1';
    aws.faults.add({ kind: 'region-cut', region: REGION, from: FAR });
    const from = (region: string, to: string) =>
      new DynamoDBClient({
        ...settings(to),
        credentials: { ...settings().credentials, sessionToken: callerToken(region, 'guard') },
      }).send(new GetItemCommand({ TableName: 'things', Key: { id: { S: 'plain' } } }));
    await expect(from(FAR, REGION)).rejects.toThrow();
    expect((await from(THIRD, REGION)).Item).toBeDefined();
  });

  // docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
  test('a transaction conflict cancels with reasons in order, and writes nothing', async () => {
    aws.faults.add({ kind: 'transaction-conflict', operation: 'TransactWriteItems', times: 1 });
    const write = new TransactWriteItemsCommand({ TransactItems: [{ Put: item('t1') }, { Put: item('t2') }] });
    await expect(dynamodb().send(write)).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
    });
    expect(await isThere('t1')).toBe(false);
  });

  // docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
  test('unprocessed items and keys are what was not done', async () => {
    aws.faults.add({ kind: 'unprocessed', service: 'dynamodb', times: 2 });
    const ids = ['u1', 'u2', 'u3', 'u4'];
    const requests = ids.map((id) => ({ PutRequest: { Item: { id: { S: id } } } }));
    const wrote = await dynamodb().send(new BatchWriteItemCommand({ RequestItems: { things: requests } }));
    expect(wrote.UnprocessedItems).toEqual({ things: requests.slice(2) });
    expect([await isThere('u1'), await isThere('u3')]).toEqual([true, false]);
    aws.faults.clear();
    aws.faults.add({ kind: 'unprocessed', service: 'dynamodb', times: 1 });
    const Keys = ids.map((id) => ({ id: { S: id } }));
    const read = await dynamodb().send(new BatchGetItemCommand({ RequestItems: { things: { Keys } } }));
    expect(read.Responses?.things).toHaveLength(2);
    expect(read.UnprocessedKeys?.things?.Keys).toEqual(Keys.slice(2));
  });

  test('a shuffled receive holds the same messages in another order', async () => {
    const sqs = new SQSClient(settings());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'mixed' }));
    for (const body of ['1', '2', '3', '4']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    aws.faults.add({ kind: 'sqs-shuffle', seed: 3 });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const bodies = Messages.map(({ Body }) => Body);
    expect(bodies).not.toEqual(['1', '2', '3', '4']);
    expect(bodies.sort()).toEqual(['1', '2', '3', '4']);
  });

  test('the same seed strikes the same requests', () => {
    const pattern = (seed: number) => {
      aws.faults.clear();
      aws.faults.add({ kind: 'throttle', probability: 0.5, seed });
      return Array.from(
        { length: 32 },
        () => aws.faults.strike({ service: 's3', region: REGION }, 'GetObject').length,
      ).join('');
    };
    expect(pattern(7)).toBe(pattern(7));
    expect(pattern(7)).not.toBe(pattern(8));
    expect(pattern(7)).toMatch(/0/);
    expect(pattern(7)).toMatch(/1/);
  });

  test('the control API sets faults, moves the clock and tells what runs; a bad fault is refused with every problem', async () => {
    const control = async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${aws.endpoint}/_local/${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, never> };
    };
    expect((await control('POST', 'faults', { kind: 'throttle', service: 's3' })).body).toMatchObject([
      { kind: 'throttle' },
    ]);
    await control('DELETE', 'faults');
    expect(aws.faults.list()).toEqual([]);
    const bad = await control('POST', 'faults', { kind: 'rain', times: 0, probability: 2 });
    expect(bad.status).toBe(400);
    expect(bad.body.error).toMatch(/kind.*times.*probability/);
    const before = aws.clock.now();
    await control('POST', 'clock/advance', { seconds: 3600 });
    expect(aws.clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
    const status = (await control('GET', 'status')).body as unknown as { parts: { name: string; memoryMb: number }[] };
    expect(status.parts.find(({ name }) => name.startsWith('DynamoDB'))?.memoryMb).toBeGreaterThan(50);
    expect((await control('POST', 'nothing')).status).toBe(404);
  });

  test('a service without an engine says so', async () => {
    const answer = await fetch(`${aws.endpoint}/_search`, {
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=111122223333/20261121/${REGION}/es/aws4_request, SignedHeaders=host, Signature=0`,
      },
    });
    expect(answer.status).toBe(501);
    expect(await answer.text()).toMatch(/started without an engine for es/);
  });

  test('a taken port is said in one sentence, and nothing is left running', async () => {
    const port = Number(new URL(aws.endpoint).port);
    await expect(startLocalAws({ port, engines: [] })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another with --port (0 for a free one).`,
    );
  });
});
