import { GetFunctionCommand, InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithEngines } from '../engine.ts';
import { aWhile, fixture, openStage, PRIMARY, RECOVERY, type Stage, until } from './stage.ts';

type Answer = {
  pid: number;
  calls: number;
  remainingMs: number;
  context: Record<string, string>;
  env: Record<string, string>;
  errorType?: string;
  errorMessage?: string;
};

await describeWithEngines(['dynamodb', 'ministack'], 'invocation', () => {
  let stage: Stage;
  let lambda: LambdaClient;
  const invoke = async (FunctionName: string, event: unknown) => {
    const output = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }));
    return { output, answer: JSON.parse(Buffer.from(output.Payload ?? []).toString() || 'null') as Answer };
  };
  const invokeLater = (FunctionName: string, event: unknown): Promise<InvokeCommandOutput> =>
    lambda.send(
      new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }),
    );
  const message = async (queue: string) => {
    const sqs = new SQSClient(stage.client());
    const QueueUrl = `${stage.aws.endpoint}/${stage.aws.account}/${queue}`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], VisibilityTimeout: 0 }),
    );
    return Messages[0];
  };

  beforeAll(async () => {
    stage = await openStage((directory) => ({
      [PRIMARY]: {
        Resources: {
          Direct: fixture(directory, 'direct', 'direct'),
          Callback: fixture(directory, 'callback', 'callback'),
          Missing: fixture(directory, 'missing', 'nowhere'),
          Throttled: fixture(directory, 'throttled', 'direct', { ReservedConcurrentExecutions: 0 }),
          Failures: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failures' } },
          Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
          Later: fixture(directory, 'later', 'direct', {
            DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
          }),
          LaterConfig: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            Properties: {
              FunctionName: { Ref: 'Later' },
              Qualifier: '$LATEST',
              DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Failures', 'Arn'] } } },
            },
          },
          Aged: fixture(directory, 'aged', 'direct', { ReservedConcurrentExecutions: 0 }),
          AgedQueue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'aged' } },
          AgedConfig: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            Properties: {
              FunctionName: { Ref: 'Aged' },
              Qualifier: '$LATEST',
              MaximumEventAgeInSeconds: 60,
              DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['AgedQueue', 'Arn'] } } },
            },
          },
        },
      },
      [RECOVERY]: { Resources: { Far: fixture(directory, 'far', 'direct') } },
    }));
    lambda = new LambdaClient(stage.client());
  });
  afterAll(() => stage?.stop());

  // docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
  test('a handler is given its event and Lambda context', async () => {
    const { output, answer } = await invoke('direct', { hello: 'there' });
    expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(output.FunctionError).toBeUndefined();
    expect(answer.context).toMatchObject({
      functionName: 'direct',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:direct',
      memoryLimitInMB: '128',
      functionVersion: '$LATEST',
    });
    expect(answer.remainingMs).toBeGreaterThan(500);
    expect(answer.remainingMs).toBeLessThanOrEqual(2_000);
    expect((await stage.seen('direct')).at(-1)).toMatchObject({ event: { hello: 'there' } });
  });

  // docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  test("an environment has Lambda's variables, points at the local AWS, and inherits nothing", async () => {
    process.env.MAINSTAY_TEST_LEAK = 'leaked';
    const { env } = (await invoke('direct', {})).answer;
    delete process.env.MAINSTAY_TEST_LEAK;
    expect(env).toMatchObject({
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_LAMBDA_FUNCTION_NAME: 'direct',
      AWS_ENDPOINT_URL: stage.aws.endpoint,
      MAINSTAY_DNS: stage.aws.dns.address,
    });
    expect(env.MAINSTAY_TEST_LEAK).toBeUndefined();
    expect(env.NODE_OPTIONS).toBeUndefined();
  });

  // docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
  test('an environment is kept warm and serves one event at a time', async () => {
    const first = (await invoke('direct', {})).answer;
    const second = (await invoke('direct', {})).answer;
    expect(second).toMatchObject({ pid: first.pid, calls: first.calls + 1 });
    const together = await Promise.all([1, 2].map(() => invoke('direct', { do: 'sleep', ms: 300 })));
    expect(new Set(together.map(({ answer }) => answer.pid)).size).toBe(2);
  });

  // docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
  test('what a handler throws is the answer, marked as a function error', async () => {
    const { output, answer } = await invoke('direct', { do: 'throw' });
    expect(output).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(answer).toMatchObject({ errorType: 'RangeError', errorMessage: 'out of range' });
  });

  // docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
  test('a function is stopped at its timeout, and the next event finds a new environment', async () => {
    const { output, answer } = await invoke('direct', { do: 'sleep', ms: 10_000 });
    expect(output.FunctionError).toBe('Unhandled');
    expect(answer).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(answer.errorMessage).toMatch(/Task timed out after 2\.00 seconds/);
    expect((await invoke('direct', {})).output.FunctionError).toBeUndefined();
  });

  // docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html: an environment that ends in the middle is Runtime.ExitError
  test('an environment that dies or is killed fails its event alone', async () => {
    const died = await invoke('direct', { do: 'exit' });
    expect(died.answer).toMatchObject({ errorType: 'Runtime.ExitError' });
    const running = invoke('direct', { do: 'sleep', ms: 1_900 });
    await until(() => stage.aws.lambda.admin.counts().find(({ name, busy }) => name === 'direct' && busy > 0));
    await aWhile(200);
    expect(stage.aws.lambda.admin.killExecution('direct', 'busy')).toBe(1);
    expect((await running).answer.errorMessage).toMatch(/signal: killed/);
    expect((await invoke('direct', {})).output.FunctionError).toBeUndefined();
  });

  // docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
  test('a bundle that is not there, and a callback handler, are said by their runtime errors', async () => {
    expect((await invoke('missing', {})).answer.errorType).toBe('Runtime.HandlerNotFound');
    expect((await invoke('callback', {})).answer.errorType).toBe('Runtime.CallbackHandlerDeprecated');
  });

  // docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  test('payloads above 6 MB (1 MB asynchronous) are refused, and so are answers', async () => {
    const megabytes = (count: number) => ({ text: 'x'.repeat(count * 1024 * 1024) });
    await expect(invoke('direct', megabytes(6))).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    await expect(invokeLater('direct', megabytes(1))).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    expect((await invoke('direct', { do: 'big' })).answer.errorType).toBe('Function.ResponseSizeTooLarge');
  });

  // docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
  test('reserved concurrency 0 throttles every call', async () => {
    await expect(invoke('throttled', {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  });

  // docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
  test('a function lives in one region, and is asked for there', async () => {
    await expect(invoke('far', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const there = new LambdaClient(stage.client(RECOVERY));
    const { Configuration } = await there.send(new GetFunctionCommand({ FunctionName: 'far' }));
    expect(Configuration).toMatchObject({
      FunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:far',
      Timeout: 2,
    });
    const dry = await there.send(new InvokeCommand({ FunctionName: 'far', InvocationType: 'DryRun' }));
    expect(dry.StatusCode).toBe(204);
  });

  // docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
  test('an asynchronous event that fails is retried after one and two minutes, then recorded', async () => {
    expect((await invokeLater('later', { do: 'throw' })).StatusCode).toBe(202);
    const tries = (count: number) => until(async () => (await stage.seen('later')).length === count);
    await tries(1);
    await stage.aws.clock.advance(59_000);
    await aWhile(200);
    await tries(1);
    await stage.aws.clock.advance(2_000);
    await tries(2);
    await aWhile(200); // the second wait begins when the attempt has ended
    await stage.aws.clock.advance(121_000);
    await tries(3);
    const record = await until(() => message('failures'));
    expect(JSON.parse(record.Body ?? '')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { do: 'throw' },
      responseContext: { functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'out of range' },
    });
    const dead = await until(() => message('dead'));
    expect(JSON.parse(dead.Body ?? '')).toEqual({ do: 'throw' });
    expect(dead.MessageAttributes?.ErrorMessage?.StringValue).toBe('out of range');
    const ids = ((await stage.seen('later')) as { requestId: string }[]).map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(1);
  });

  // docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
  test('a throttled asynchronous event waits, and is given up when it is too old', async () => {
    await invokeLater('aged', {});
    for (let minute = 0; minute < 3; minute++) {
      await aWhile(50);
      await stage.aws.clock.advance(60_000);
    }
    const record = await until(() => message('aged'));
    expect(JSON.parse(record.Body ?? '')).toMatchObject({ requestContext: { condition: 'EventAgeExceeded' } });
    expect(await stage.seen('aged')).toEqual([]);
  });
});
