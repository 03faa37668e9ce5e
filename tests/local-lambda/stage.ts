// A local AWS with small functions of its own: what the tests of triggers need, and no more.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import type { Template } from '../../local/stack/plan.ts';

/** A bundle whose handlers note what they saw and do as their event says. */
const BUNDLE = `
import { appendFileSync } from 'node:fs';
let calls = 0;
const note = (what) => appendFileSync(process.env.SEEN, JSON.stringify(what) + '\\n');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const direct = async (event, context) => {
  calls++;
  note({ event, requestId: context.awsRequestId });
  if (event.print) console.log(event.print);
  if (event.do === 'throw') throw new RangeError('out of range');
  if (event.do === 'sleep') await pause(event.ms);
  if (event.do === 'exit') process.exit(3);
  if (event.do === 'big') return 'x'.repeat(7 * 1024 * 1024);
  const { getRemainingTimeInMillis, ...rest } = context;
  return { pid: process.pid, calls, context: rest, remainingMs: context.getRemainingTimeInMillis(), env: process.env };
};

export const queue = async ({ Records }) => {
  const bodies = Records.map(({ body }) => JSON.parse(body));
  note(bodies.map(({ id }) => id));
  if (bodies.some((body) => body.do === 'throw')) throw new Error('a bad batch');
  if (bodies.some((body) => body.do === 'unknown')) return { batchItemFailures: [{ itemIdentifier: 'nobody' }] };
  const failed = Records.filter(({ body }) => JSON.parse(body).do === 'fail');
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

const tries = new Map();
export const stream = async ({ Records }) => {
  const items = Records.map(({ dynamodb }) => ({ n: dynamodb.Keys.id.S, do: dynamodb.NewImage?.do?.S, at: dynamodb.SequenceNumber }));
  note({ ids: items.map(({ n }) => n), arn: Records[0].eventSourceARN, region: Records[0].awsRegion, name: Records[0].eventName });
  if (items.some((item) => item.do === 'throw')) throw new Error('poison');
  const once = items.filter((item) => item.do === 'fail-once' && !tries.has(item.n));
  for (const item of once) tries.set(item.n, true);
  return { batchItemFailures: once.map(({ at }) => ({ itemIdentifier: at })) };
};

export const any = async (event) => note(event);
export const callback = (event, context, done) => done(null, 1);
`;

export type Stage = {
  aws: LocalAws;
  /** What a function has noted, in order. */
  seen(functionName: string): Promise<unknown[]>;
  /** A client's settings for a region. */
  client(region?: string): {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
    forcePathStyle: boolean;
  };
  stop(): Promise<void>;
};

export const PRIMARY = 'eu-west-1';
export const RECOVERY = 'eu-central-1';

/** A function resource on the fixture bundle; `seen` is told apart by the function's name. */
export const fixture = (directory: string, name: string, handler: string, more: Record<string, unknown> = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Handler: `fixture.${handler}`,
    Runtime: 'nodejs24.x',
    Timeout: 2,
    MemorySize: 128,
    Role: 'arn:aws:iam::111122223333:role/fixture',
    Environment: { Variables: { SEEN: join(directory, `${name}.seen`) } },
    ...more,
  },
});

/** Starts a local AWS with the given templates; the directory is handed in, for functions note into it. */
export const openStage = async (templates: (directory: string) => Record<string, Template>): Promise<Stage> => {
  const directory = await mkdtemp(join(tmpdir(), 'mainstay-lambda-'));
  await writeFile(join(directory, 'fixture.mjs'), BUNDLE);
  const aws = await startLocalAws({
    port: 0,
    engines: ['dynamodb', 'ministack'],
    templates: templates(directory),
    codeRoot: directory,
    onError: () => {}, // failures are what these tests are about
  });
  try {
    await aws.loadStacks();
  } catch (error) {
    await aws.stop();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    aws,
    seen: async (name) => {
      const text = await readFile(join(directory, `${name}.seen`), 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown);
    },
    client: (region = PRIMARY) => ({
      region,
      endpoint: aws.endpoint,
      credentials: { accessKeyId: aws.account, secretAccessKey: 'local' },
      maxAttempts: 1,
      forcePathStyle: true,
    }),
    stop: async () => {
      await aws.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** Waits until `look` gives something, and gives it. */
export const until = async <T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> => {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`Still waiting after ${timeoutMs} ms: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
};

/** For what must not happen: long enough to have happened. */
export const aWhile = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
