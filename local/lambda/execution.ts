// One execution environment, from outside: a child process that serves one invocation at a time and can be killed.
import { fork } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LambdaFunction } from './function.ts';
import type { ErrorReport, FromRuntime, ToRuntime } from './runtime.ts';

const RUNTIME = fileURLToPath(new URL('./runtime.ts', import.meta.url));
// A cold start on a busy machine of two cores takes longer than AWS's ten seconds.
const INIT_TIMEOUT_MS = 60_000;

/** How an event ended inside its environment. `fatal`: the environment is gone. */
export type Run = { kind: 'done'; payload: string } | { kind: 'failed'; payload: string; fatal: boolean };

export type Execution = {
  readonly pid: number | undefined;
  busy: boolean;
  ended: boolean;
  idleSinceMs: number;
  run(told: Omit<ToRuntime, 'deadlineMs'>): Promise<Run>;
  /** SIGKILL, as a crash of the environment. */
  kill(): void;
  exited: Promise<void>;
};

export type ExecutionOptions = {
  codeRoot: string;
  env: Record<string, string>;
  logFile: string;
  onLine(line: string): void;
};

/** Starts an environment for a function; its bundle is being imported when this returns. */
export const startExecution = (fn: LambdaFunction, options: ExecutionOptions): Execution => {
  const child = fork(RUNTIME, [`${options.codeRoot}/${fn.handler}`], {
    cwd: options.codeRoot,
    env: options.env,
    execArgv: ['--no-warnings', `--max-old-space-size=${Math.max(64, Math.floor(fn.memoryMb * 0.9))}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'json',
  });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      options.onLine(line);
    });
  }
  let settle: ((run: Run) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const init = Promise.withResolvers<ErrorReport | undefined>();
  const finish = (run: Run) => {
    clearTimeout(timer);
    settle?.(run);
    settle = undefined;
  };
  child.on('message', (message: FromRuntime) => {
    if (message.kind === 'ready') return init.resolve(undefined);
    if (message.kind === 'init-failed') return init.resolve(message.error);
    if (message.kind === 'done') return finish({ kind: 'done', payload: message.payload });
    return finish({ kind: 'failed', payload: JSON.stringify(message.error), fatal: false });
  });
  const exited = new Promise<void>((resolve) => {
    const end = (because: string) => {
      execution.ended = true;
      const error = {
        errorType: 'Runtime.ExitError',
        errorMessage: `Error: Runtime exited with error: ${because}`,
        trace: [],
      };
      init.resolve(error);
      finish({ kind: 'failed', payload: JSON.stringify(error), fatal: true });
      log.end();
      resolve();
    };
    child.once('exit', (code, signal) =>
      end(signal ? `signal: ${signal === 'SIGKILL' ? 'killed' : signal}` : `exit status ${code}`),
    );
    child.once('error', (error) => end(error.message));
  });

  const execution: Execution = {
    pid: child.pid,
    busy: false,
    ended: false,
    idleSinceMs: Date.now(),
    exited,
    kill: () => {
      execution.ended = true;
      child.kill('SIGKILL');
    },
    run: async (told) => {
      timer = setTimeout(() => child.kill('SIGKILL'), INIT_TIMEOUT_MS);
      const initError = await init.promise;
      clearTimeout(timer);
      if (initError) {
        child.kill('SIGKILL');
        await exited;
        return { kind: 'failed', payload: JSON.stringify(initError), fatal: true };
      }
      const deadlineMs = Date.now() + fn.timeoutSeconds * 1000;
      return new Promise<Run>((resolve) => {
        settle = resolve;
        timer = setTimeout(() => {
          // docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html: stopped where it stands; a new environment serves the next event.
          const errorMessage = `RequestId: ${told.id} Error: Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`;
          execution.ended = true; // nobody is given it any more, though it takes a moment to die
          finish({
            kind: 'failed',
            payload: JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage }),
            fatal: true,
          });
          child.kill('SIGKILL');
        }, fn.timeoutSeconds * 1000);
        child.send({ ...told, deadlineMs } satisfies ToRuntime, (error) => {
          if (error) child.kill('SIGKILL'); // its end says the rest
        });
      });
    },
  };
  return execution;
};
