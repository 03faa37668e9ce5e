import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig } from '../shared/aws/client-config.ts';
import type { Config } from '../shared/config/schema.ts';

/** Asks one of the deployment's functions to run now, without waiting. A hint: where it is refused, the function's schedule comes. */
export const hintFunction = async ({ stage }: Pick<Config, 'stage'>, region: string, name: string): Promise<void> => {
  const client = new LambdaClient(clientConfig(region, { requestTimeoutMs: 3_000, maxAttempts: 1 }));
  const Payload = new TextEncoder().encode('{"kind":"hint"}');
  const event = new InvokeCommand({ FunctionName: `mainstay-${stage}-${name}`, InvocationType: 'Event', Payload });
  await client.send(event).catch(() => {});
};

/**
 * Invokes one of the deployment's functions and waits for its answer, `seconds` at most. Never twice by the SDK: what a
 * function began it goes on with. Throws one sentence with what the function said when it failed.
 */
export const invokeFunction = async <Answer>(
  { stage }: Pick<Config, 'stage'>,
  region: string,
  name: string,
  event: object,
  seconds: number,
): Promise<Answer> => {
  const client = new LambdaClient(clientConfig(region, { requestTimeoutMs: seconds * 1000, maxAttempts: 1 }));
  const FunctionName = `mainstay-${stage}-${name}`;
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName, Payload: new TextEncoder().encode(JSON.stringify(event)) }),
  );
  const text = new TextDecoder().decode(Payload);
  if (FunctionError) throw new Error(`${FunctionName} in ${region} failed: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Answer;
};
