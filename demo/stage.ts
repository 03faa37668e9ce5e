import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { root } from '../build/bundle.ts';
import type { Estate } from '../local/estate.ts';
import type { LocalAws } from '../local/local-aws.ts';
import type { Config } from '../shared/config/schema.ts';

/** What every part of the demo plays on. */
export interface Stage {
  aws: LocalAws;
  config: Config;
  estate: Estate;
  say(line: string): void;
}

/** One line of the closing table: what was done, what an independent check found, and whether they agree. */
export interface Finding {
  wing: string;
  did: string;
  check: string;
  ok: boolean;
}

/** Settings of any SDK client of the demo. */
export const clientOf = ({ aws }: Stage, region: string) => ({
  region,
  endpoint: aws.endpoint,
  credentials: { accessKeyId: aws.account, secretAccessKey: 'local' },
});

/** Runs `mainstay …` as an operator would, in a process of its own; gives its JSON. Throws with what it said. */
export const mainstay = async ({ aws }: Pick<Stage, 'aws'>, ...args: string[]): Promise<any> => {
  const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) =>
    execFile(
      process.execPath,
      [join(root, 'cli', 'mainstay.ts'), ...args, '--json'],
      { env: { ...process.env, ...aws.env() }, maxBuffer: 64 * 2 ** 20 },
      (error, out, err) =>
        error
          ? reject(new Error(`mainstay ${args.join(' ')}: ${err || out || error.message}`))
          : resolve({ stdout: out }),
    ),
  );
  return JSON.parse(stdout);
};

/** Invokes a deployed function and gives its answer; throws when the function failed. */
export const invoke = async (
  stage: Stage,
  role: keyof Config['regions'],
  name: string,
  payload: unknown,
): Promise<any> => {
  const lambda = new LambdaClient(clientOf(stage, stage.config.regions[role]));
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: `mainstay-${stage.config.stage}-${name}`, Payload: JSON.stringify(payload) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`${name} failed: ${text}`);
  return JSON.parse(text || 'null');
};

/** Asks until the answer is there; throws with the last answer when `seconds` have passed. */
export const until = async <T>(
  what: string,
  seconds: number,
  ask: () => Promise<T>,
  good: (answer: T) => boolean,
): Promise<T> => {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (performance.now() > end)
      throw new Error(`${what}: not after ${seconds} s; last seen ${JSON.stringify(answer)?.slice(0, 400)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

/** Runs `work` over items, `width` at a time. */
export const inParallel = async <T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of queue) await work(item);
    }),
  );
};
