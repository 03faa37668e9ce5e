// ministack, unmodified: the store behind the simple services (S3, SQS, SNS, Secrets Manager, KMS, SSM, Logs, metrics).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir, cached, inCache } from './cache.ts';
import { EngineError } from './engine-error.ts';
import { freePorts } from './ports.ts';
import type { Progress } from './progress.ts';
import type { EngineProcess, Run } from './run.ts';
import { findCommand, runTool } from './tools.ts';

/** A running ministack. */
export interface Ministack {
  endpoint: string;
  port: number;
  process: EngineProcess;
}

const VERSION = '1.5.33';
const REQUIREMENTS = fileURLToPath(new URL('./python/requirements.txt', import.meta.url));
const PORT_ATTEMPTS = 5;

const cacheName = () => {
  const pinned = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 8);
  return `ministack-${VERSION}-${pinned}`;
};

const answers = (python: string, program: string): string | undefined => {
  try {
    return execFileSync(python, ['-c', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined; // too old, broken, or without the module asked for
  }
};

const NEWER_PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];

/** A Python of at least 3.10 that can make virtual environments, or the sentence that says what lacks. */
const findPython = (): { python: string } | { lacks: string } => {
  const recent = NEWER_PYTHONS.flatMap((name) => findCommand(name) ?? []).filter(
    (path) => answers(path, 'import sys; print(sys.version_info >= (3, 10))') === 'True',
  );
  if (recent.length === 0) {
    return {
      lacks: 'ministack needs Python 3.10 or newer and none was found: install one (e.g. the package python3).',
    };
  }
  const python = recent.find((path) => answers(path, 'import venv, ensurepip; print("ok")') === 'ok');
  if (python) return { python };
  return { lacks: `ministack needs Python's venv module, which ${recent[0]} lacks: install the package python3-venv.` };
};

/** The interpreter in the cache, as long as the Python that it was made with is still installed. */
const cachedPython = (): string | undefined => {
  const dir = cached(cacheName());
  const python = dir && join(dir, 'bin', 'python');
  return python && answers(python, 'print("ok")') === 'ok' ? python : undefined;
};

/** Why ministack can not be had, in one sentence; undefined when it can. */
export const missingMinistack = async (): Promise<string | undefined> => {
  if (cachedPython()) return undefined;
  const found = findPython();
  return 'lacks' in found ? found.lacks : undefined;
};

/** ministack's interpreter from the cache, fetched when it is not there. */
export const fetchMinistack = async (progress?: Progress): Promise<string> => {
  const wasThere = cached(cacheName()) !== undefined;
  const usable = cachedPython();
  if (usable) return usable;
  // The Python that the environment was made with is gone: it is made again.
  if (wasThere) rmSync(join(cacheDir(), cacheName()), { recursive: true, force: true });
  const dir = await inCache(cacheName(), (partial) => build(partial, progress), { engine: 'ministack', progress });
  return join(dir, 'bin', 'python');
};

const build = async (dir: string, progress?: Progress) => {
  const found = findPython();
  if ('lacks' in found) throw new EngineError(found.lacks);
  progress?.({ engine: 'ministack', step: 'making a Python environment' });
  await runTool(found.python, ['-m', 'venv', dir], {
    failure: `A Python environment could not be made with ${found.python}: install the package python3-venv.`,
  });
  progress?.({ engine: 'ministack', step: `fetching ministack ${VERSION} by pip` });
  const pinned = readFileSync(REQUIREMENTS, 'utf8')
    .split('\n')
    .filter((line) => line.includes('==')).length;
  let collected = 0;
  await runTool(
    join(dir, 'bin', 'python'),
    ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '-r', REQUIREMENTS],
    {
      failure:
        'ministack is not in the cache and pip could not fetch it: connect this machine to a network with a Python package index once, and run this again.',
      onLine: (line) => {
        const name = line.match(/^Collecting ([A-Za-z0-9-]+)/)?.[1];
        if (!name) return;
        collected++;
        progress?.({ engine: 'ministack', step: 'fetching', fraction: Math.min(1, collected / pinned), detail: name });
      },
    },
  );
  progress?.({ engine: 'ministack', step: 'ready', done: true, detail: `${pinned} packages` });
};

/** Starts ministack on loopback, in a directory and an environment of its own: its Lambdas inherit the latter. */
export const startMinistack = async (
  run: Run,
  options: { port?: number; env?: Record<string, string>; progress?: Progress } = {},
): Promise<Ministack> => {
  const python = await fetchMinistack(options.progress);
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePorts());
    const endpoint = `http://127.0.0.1:${port}`;
    const cwd = await run.temp('ministack');
    try {
      const process = await run.spawn({
        name: 'ministack',
        command: python,
        args: ['-m', 'ministack'],
        cwd,
        env: { ...environment(cwd, port), ...options.env },
        readyWhen: { line: /Running on http/, http: `${endpoint}/_ministack/health` },
        graceMs: 2_000,
      });
      return { endpoint, port, process };
    } catch (error) {
      const isTaken = error instanceof EngineError && /already in use|address in use/i.test(error.message);
      if (!isTaken) throw error;
      if (options.port !== undefined) {
        throw new EngineError(
          `Port ${port} is taken by another process: end that process, or leave the port to be chosen.`,
          {
            cause: error,
          },
        );
      }
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
};

const environment = (cwd: string, port: number): Record<string, string> => ({
  // Its Lambdas are `node` from PATH: ours first.
  PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  HOME: cwd,
  TMPDIR: cwd,
  LANG: 'C.UTF-8',
  PYTHONUNBUFFERED: '1',
  GATEWAY_PORT: String(port),
  BIND_HOST: '127.0.0.1',
  IOT_MTLS_ENABLED: '0',
  SFTP_ENABLED: '0',
  LOG_LEVEL: 'INFO', // "Running on" is how we know that the port is its own
  S3_DATA_DIR: join(cwd, 's3'),
  // It tidies up containers of its own on a Docker that it finds: it is not to find the user's.
  DOCKER_HOST: `unix://${join(cwd, 'no-docker.sock')}`,
});
