import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithEngines } from '../engine.ts';
import { aWhile, fixture, openStage, PRIMARY, type Stage, until } from './stage.ts';

type Seen = { ids: string[]; arn: string; region: string; name: string };

/** A table with a stream, and its mapping to a function of its own. */
const wired = (directory: string, name: string, mapping: Record<string, unknown>) => ({
  [`${name}Table`]: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
  },
  [`${name}Function`]: fixture(directory, name, 'stream'),
  [`${name}Mapping`]: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': [`${name}Table`, 'StreamArn'] },
      FunctionName: { Ref: `${name}Function` },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...mapping,
    },
  },
});

await describeWithEngines(['dynamodb', 'ministack'], 'DynamoDB Streams to a function', () => {
  let stage: Stage;
  let dynamodb: DynamoDBClient;
  const put = (TableName: string, id: string, what = 'keep') =>
    dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id }, do: { S: what } } }));
  const batches = async (name: string) => (await stage.seen(name)) as Seen[];
  const idsOf = async (name: string) => (await batches(name)).map(({ ids }) => ids.join(''));

  beforeAll(async () => {
    stage = await openStage((directory) => ({
      [PRIMARY]: {
        Resources: {
          Graves: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'graves' } },
          Notes: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'notes' } },
          ...wired(directory, 'ordered', {}),
          ...wired(directory, 'poisoned', {
            BisectBatchOnFunctionError: true,
            MaximumRetryAttempts: 0,
            DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Graves', 'Arn'] } } },
          }),
          ...wired(directory, 'limited', {
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Notes', 'Arn'] } } },
          }),
          ...wired(directory, 'aged', { MaximumRecordAgeInSeconds: 60 }),
        },
      },
    }));
    dynamodb = new DynamoDBClient(stage.client());
    // All at once, for each of them waits for windows and retries.
    for (const id of ['a', 'b', 'c', 'd']) await put('ordered', id, id === 'c' ? 'fail-once' : 'keep');
    for (const id of ['a', 'b', 'c', 'd']) await put('poisoned', id, id === 'b' ? 'throw' : 'keep');
    await put('limited', 'a', 'throw');
    await put('aged', 'a', 'throw');
  });
  afterAll(() => stage?.stop());

  // docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
  test('records come in order; after a partial failure the batch goes on at the lowest failure', async () => {
    await until(async () => (await idsOf('ordered')).join('').split('c').length > 2);
    // `c` failed once: what came before it is not seen again, what came after it is.
    const all = (await idsOf('ordered')).join('');
    expect(all.match(/a/g)).toHaveLength(1);
    expect(all.match(/b/g)).toHaveLength(1);
    expect(all.match(/c/g)).toHaveLength(2);
  });

  // docs.aws.amazon.com/lambda/latest/dg/with-ddb.html; in the configuration the stream's label is not known yet
  test("a record carries the table's current stream, its region and its kind, whatever label was configured", async () => {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: 'ordered',
        Key: { id: { S: 'a' } },
        UpdateExpression: 'SET x = :x',
        ExpressionAttributeValues: { ':x': { N: '1' } },
      }),
    );
    const last = await until(async () => (await batches('ordered')).find(({ name }) => name === 'MODIFY'));
    expect(last.region).toBe('eu-west-1');
    expect(last.arn).toMatch(/^arn:aws:dynamodb:eu-west-1:111122223333:table\/ordered\/stream\/\d{4}-/);
  });

  // docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
  test('bisect isolates a poison record; S3 keeps it whole, and the others are processed', async () => {
    const s3 = new S3Client(stage.client());
    const key = await until(async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'graves' }));
      return Contents[0]?.Key;
    });
    expect(key).toMatch(
      /^aws\/lambda\/poisonedMapping-eu-west-1\/shardId-[^/]+\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-/,
    );
    const grave = await s3.send(new GetObjectCommand({ Bucket: 'graves', Key: key }));
    const record = JSON.parse((await grave.Body?.transformToString()) ?? '') as Record<string, never>;
    expect(record).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted' },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
    const kept = JSON.parse(record.payload ?? '') as { Records: { dynamodb: { Keys: unknown } }[] };
    expect(kept.Records.map(({ dynamodb: { Keys } }) => Keys)).toEqual([{ id: { S: 'b' } }]);
    await until(async () => (await idsOf('poisoned')).some((ids) => ids.endsWith('d') && !ids.includes('b')));
  });

  test('retries end at their maximum; a queue gets the position, not the records', async () => {
    const sqs = new SQSClient(stage.client());
    const QueueUrl = `${stage.aws.endpoint}/${stage.aws.account}/notes`;
    const body = await until(async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body);
    const note = JSON.parse(body) as Record<string, unknown>;
    expect(note.requestContext).toMatchObject({ condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 });
    expect(note).not.toHaveProperty('payload');
    expect(await idsOf('limited')).toEqual(['a', 'a']);
    await put('limited', 'b');
    await until(async () => (await idsOf('limited')).at(-1) === 'b');
  });

  test('a shard stands still at a failing record until it is too old', async () => {
    await until(async () => (await idsOf('aged')).length >= 2);
    await put('aged', 'b');
    await aWhile(500);
    expect((await idsOf('aged')).every((ids) => !ids.includes('b'))).toBe(true);
    await stage.aws.clock.advance(61_000);
    await until(async () => (await idsOf('aged')).at(-1) === 'b');
  });
});
