import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { invoke, mainstay, until } from '../../demo/stage.ts';
import { type Estate, openEstate } from '../../local/estate.ts';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import { describeWithEngines } from '../engine.ts';
import { packagedTemplates } from '../stack.ts';
import { notification } from './s3-model.ts';

const BUCKET = 'estate-objects';
const put = (key: string, order: number, size: number) =>
  notification({
    ...{ eventName: 'ObjectCreated:Put', bucket: BUCKET, key, size, eTag: `e${order}` },
    ...{ eventTimeMs: Date.now(), sequencer: `0055AED6DCD902${order.toString(16).padStart(2, '0')}` },
  });

/** S3's notification → the queue of the packaged stack → the bundle → the table; and what can't be taken in. */
await describeWithEngines(['dynamodb', 'ministack'], 'on the local stage', () => {
  let aws: LocalAws;
  let stage: Parameters<typeof invoke>[0];
  let sqs: SQSClient;
  const urlOf = (name: string) => `${aws.endpoint}/${aws.account}/mainstay-local-${name}`;
  const total = async (customer: string) =>
    await invoke(stage, 'primary', 'query-objects', { query: 'total', customer });
  const deadLetters = async () => {
    const ask = { MaxNumberOfMessages: 10, VisibilityTimeout: 0, MessageAttributeNames: ['All'] };
    const asked = new ReceiveMessageCommand({ ...ask, QueueUrl: urlOf('object-events-dead') });
    return (await sqs.send(asked)).Messages ?? [];
  };

  beforeAll(async () => {
    await packagedTemplates();
    const config = await readConfigFile('local');
    const engines = ['ministack', 'dynamodb'] as const;
    aws = await startLocalAws({ stage: 'local', port: 0, functions: true, engines: [...engines] });
    const estate: Estate = await openEstate(aws, config, { objects: true });
    await aws.loadStacks();
    stage = { aws, config, estate, say: () => {} };
    const credentials = { accessKeyId: aws.account, secretAccessKey: 'local' };
    sqs = new SQSClient({ endpoint: aws.endpoint, region: config.regions.primary, credentials });
    // Minutes between the attempts are AWS's business. Now, for a poll that has begun goes by what it knew.
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: urlOf('object-events'), Attributes: { VisibilityTimeout: '4' } }),
    );
  }, 180_000);
  afterAll(async () => {
    sqs?.destroy();
    await aws?.stop();
  });

  test('an object that is put is a row; what can not be read is a dead letter with its reason, what fails comes back until the queue gives up, and neither holds its batch', async () => {
    await mainstay(stage, 'objects', 'attach', BUCKET, '--yes');
    const { endpoint } = aws;
    const credentials = { accessKeyId: aws.account, secretAccessKey: 'local' };
    const s3 = new S3Client({ endpoint, region: stage.config.regions.primary, credentials, forcePathStyle: true });
    const key = 'acme/a b+c%20ü🗝.txt';
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'seven b' }));
    await until(
      'the row',
      30,
      () => total('acme'),
      ({ bytes }) => bytes === 7,
    );
    expect((await mainstay(stage, 'objects', 'by-customer', 'acme')).objects).toMatchObject([{ key, sizeBytes: 7 }]);
    s3.destroy();

    // S3 gives no answer from here on: what must be asked about fails, what needs no question is taken in.
    const answersAgain = aws.faults.add({ kind: 'error-5xx', service: 's3' });
    const unreadable = '{"Records":[{"eventVersion":"9.0"}]}';
    const unclear = notification({ eventName: 'LifecycleTransition', bucket: BUCKET, key, eventTimeMs: Date.now() });
    const good = Array.from({ length: 8 }, (_, index) => put(`globex/${index}.txt`, index + 1, 100));
    const bodies = [...good.slice(0, 4), unreadable, unclear, ...good.slice(4)];
    const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf('object-events'), Entries }));

    await until(
      'the others of the batch',
      30,
      () => total('globex'),
      ({ objects, bytes }) => objects === 8 && bytes === 800,
    );
    const [letter, ...others] = await until('the letter', 30, deadLetters, (found) => found.length > 0);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      Body: unreadable,
      MessageAttributes: { reason: { StringValue: 'event version 9.0 is not 2.x' } },
    });
    const dead = await until('the queue to give up', 90, deadLetters, (found) => found.length === 2);
    expect(dead.map(({ Body }) => Body).sort()).toEqual([unclear, unreadable].sort());
    answersAgain();
  }, 180_000);
});
