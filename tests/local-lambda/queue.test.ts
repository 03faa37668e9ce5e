import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithEngines } from '../engine.ts';
import { aWhile, fixture, openStage, PRIMARY, type Stage, until } from './stage.ts';

const VISIBILITY_SECONDS = 2;

/** A queue with dead letters after two receives, and its mapping to a function of its own. */
const wired = (
  directory: string,
  name: string,
  mapping: Record<string, unknown>,
  reports = true,
  visibility = VISIBILITY_SECONDS,
) => ({
  [`${name}Dead`]: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `${name}-dead` } },
  [`${name}Queue`]: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: name,
      VisibilityTimeout: visibility,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [`${name}Dead`, 'Arn'] }, maxReceiveCount: 2 },
    },
  },
  [`${name}Function`]: fixture(directory, name, 'queue'),
  [`${name}Mapping`]: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': [`${name}Queue`, 'Arn'] },
      FunctionName: { 'Fn::GetAtt': [`${name}Function`, 'Arn'] },
      ...(reports ? { FunctionResponseTypes: ['ReportBatchItemFailures'] } : {}),
      ...mapping,
    },
  },
});

await describeWithEngines(['dynamodb', 'ministack'], 'SQS to a function', () => {
  let stage: Stage;
  let sqs: SQSClient;
  let startMs: number;
  const urlOf = (name: string) => `${stage.aws.endpoint}/${stage.aws.account}/${name}`;
  const send = async (queue: string, bodies: object[]) => {
    const Entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: JSON.stringify(body) }));
    for (let from = 0; from < Entries.length; from += 10) {
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf(queue), Entries: Entries.slice(from, from + 10) }));
    }
  };
  const batches = async (name: string) => (await stage.seen(name)) as string[][];
  const deadIn = async (name: string) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf(`${name}-dead`), MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as { id: string }).id).sort();
  };

  beforeAll(async () => {
    stage = await openStage((directory) => ({
      [PRIMARY]: {
        Resources: {
          ...wired(directory, 'partial', { BatchSize: 10, MaximumBatchingWindowInSeconds: 1 }),
          ...wired(directory, 'unknown', { BatchSize: 10, MaximumBatchingWindowInSeconds: 1 }),
          ...wired(directory, 'throwing', { BatchSize: 10, MaximumBatchingWindowInSeconds: 1 }),
          ...wired(directory, 'deaf', { BatchSize: 10 }, false),
          ...wired(directory, 'large', { BatchSize: 100, MaximumBatchingWindowInSeconds: 2 }, true, 30),
          ...wired(directory, 'twice', { BatchSize: 1 }),
          ...wired(directory, 'filtered', {
            BatchSize: 10,
            FilterCriteria: { Filters: [{ Pattern: '{"body":{"id":[{"prefix":"in"}]}}' }] },
          }),
        },
      },
    }));
    sqs = new SQSClient(stage.client());
    startMs = Date.now();
    // All at once, for each of them waits for visibility timeouts.
    await send('partial', [{ id: 'good' }, { id: 'bad', do: 'fail' }, { id: 'fine' }]);
    await send('unknown', [{ id: 'a', do: 'unknown' }, { id: 'b' }]);
    await send('throwing', [{ id: 'a', do: 'throw' }, { id: 'b' }]);
    await send('deaf', [{ id: 'lost', do: 'fail' }]);
    await send('filtered', [{ id: 'out' }, { id: 'in' }]);
  });
  afterAll(() => stage?.stop());

  // docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
  test('only what was reported comes back, after its visibility timeout, and ends in the dead letters', async () => {
    await until(async () => (await batches('partial')).flat().filter((id) => id === 'bad').length === 2);
    expect(Date.now() - startMs).toBeGreaterThan(VISIBILITY_SECONDS * 1000 - 200);
    await until(async () => (await deadIn('partial')).length > 0);
    expect(await deadIn('partial')).toEqual(['bad']);
    expect((await batches('partial')).flat().sort()).toEqual(['bad', 'bad', 'fine', 'good']);
  });

  test('an identifier that is not in the batch fails the whole batch', async () => {
    await until(async () => (await deadIn('unknown')).length === 2);
    expect(await deadIn('unknown')).toEqual(['a', 'b']);
  });

  test('a function that throws fails the whole batch', async () => {
    await until(async () => (await deadIn('throwing')).length === 2);
  });

  test('without ReportBatchItemFailures a reported failure is not read, and the message is gone', async () => {
    await until(async () => (await batches('deaf')).length === 1);
    await aWhile(VISIBILITY_SECONDS * 1000 + 500);
    expect((await batches('deaf')).length).toBe(1);
    expect(await deadIn('deaf')).toEqual([]);
  });

  // docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  test('batches above ten are collected within the window', async () => {
    const ids = Array.from({ length: 35 }, (_, index) => ({ id: `m${index}` }));
    await send('large', ids);
    await until(async () => (await batches('large')).flat().length === 35);
    expect((await batches('large')).length).toBeLessThanOrEqual(2);
  });

  // docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
  test('a duplicate that was asked for is delivered, though the message was deleted', async () => {
    stage.aws.faults.add({ kind: 'sqs-duplicate', service: 'sqs', operation: 'ReceiveMessage' });
    await send('twice', [{ id: 'again' }]);
    await until(async () => (await batches('twice')).length >= 1);
    stage.aws.faults.clear();
    await until(async () => (await batches('twice')).filter(([id]) => id === 'again').length >= 2);
  });

  // docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
  test('what no filter lets in is deleted without an invocation', async () => {
    await until(async () => (await batches('filtered')).length > 0);
    await aWhile(VISIBILITY_SECONDS * 1000 + 300);
    expect((await batches('filtered')).flat()).toEqual(['in']);
    expect(await deadIn('filtered')).toEqual([]);
  });

  // docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  test('a mapping that AWS would refuse is refused, with every reason', async () => {
    const bad = { BatchSize: 100 };
    const opening = openStage((directory) => {
      const resources = wired(directory, 'bad', bad);
      resources.badFunction = fixture(directory, 'bad', 'queue', { Timeout: 60 });
      return { [PRIMARY]: { Resources: resources } };
    });
    await expect(opening).rejects.toThrow(/batching window of at least 1 second; .*visibility timeout \(2 s\)/);
  });
});
