// A run: the engines that one process has started, and one directory for all that they write. It ends as a whole, by
// stop(), or by its leash when we die in any other way.
import { spawn as spawnChild } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { diskError, EngineError } from './engine-error.ts';
import { familyOf, killFamily, RUN_MARK, type SeenProcess, signalAll, startedToken } from './processes.ts';
import { refuseClosedAncestors } from './reach.ts';
import { isReady, logTail, type ReadyWhen } from './readiness.ts';
import { endLeftovers, endRun, forgetProcess, noteProcess, type RunRecord, runsDir, writeRecord } from './run-dir.ts';

/** How an engine is started. `env` is its whole environment (default: PATH, HOME and the locale of ours). */
export interface EngineSpec {
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
  readyWhen?: ReadyWhen;
  /** For readiness; 60 s unless said. */
  timeoutMs?: number;
  /** What stop() sends first (PostgreSQL's fast shutdown is SIGINT); SIGTERM unless said. */
  stopSignal?: NodeJS.Signals;
  /** How long stop() waits for it before SIGKILL; 5 s unless said. */
  graceMs?: number;
}

/** A started engine: a process group of its own. */
export interface EngineProcess {
  name: string;
  pid: number;
  logFile: string;
  /** Settles when the process itself has ended; never rejects. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Signals the process with all its descendants (`only: 'process'`: just itself). SIGKILL unless said. */
  kill(signal?: NodeJS.Signals, only?: 'process'): void;
  /** Ends it and all its descendants: first kindly, then not. */
  stop(): Promise<void>;
}

/** One process's engines and their directory. */
export interface Run {
  id: string;
  dir: string;
  /** Starts an engine and waits until it is ready; throws EngineError with the end of its log when it does not get there. */
  spawn(spec: EngineSpec): Promise<EngineProcess>;
  /** A new directory in the run's, owned by the given user. */
  temp(name: string, owner?: { uid?: number; gid?: number }): Promise<string>;
  /** Stops all engines, the last started first, removes the directory and lets the leash go. */
  stop(): Promise<void>;
}

const LEASH_FILE = fileURLToPath(new URL('./leash.ts', import.meta.url));

const plainEnvironment = (): Record<string, string> => {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME = '/', LANG = 'C' } = process.env;
  return { PATH, HOME, LANG };
};

/** Opens a run for `owner` (a word for its directory's name). Ends what dead runs left behind first, and says so. */
export const openRun = async (options: { owner: string; say?: (sentence: string) => void }): Promise<Run> => {
  const say = options.say ?? ((sentence) => console.error(sentence));
  const base = runsDir();
  for (const sentence of await endLeftovers(base)) say(sentence);
  const id = `${options.owner.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 20)}-${randomBytes(3).toString('hex')}`;
  const dir = join(base, id);
  const record: RunRecord = {
    id,
    owner: { name: options.owner, pid: process.pid, started: startedToken(process.pid) ?? '' },
  };
  try {
    mkdirSync(join(dir, 'logs'), { recursive: true });
    chmodSync(dir, 0o755); // whatever our umask: the databases' user passes through
    mkdirSync(join(dir, 'processes'));
    writeRecord(dir, record);
  } catch (error) {
    throw diskError(error, dir, 'TMPDIR');
  }
  const leash = spawnChild(process.execPath, [LEASH_FILE, dir, id], {
    cwd: '/',
    detached: true,
    env: { ...plainEnvironment(), NODE_NO_WARNINGS: '1' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  leash.on('error', (error) =>
    say(`The run's leash could not be started (${error.message}): a kill -9 will leave engines behind.`),
  );
  leash.stdin.on('error', () => {}); // the leash was killed: we go on, and the next run cleans up after us
  leash.unref();
  (leash.stdin as unknown as { unref?: () => void }).unref?.();
  if (leash.pid)
    writeRecord(dir, { ...record, leash: { name: 'leash', pid: leash.pid, started: startedToken(leash.pid) ?? '' } });

  const engines: EngineProcess[] = [];
  const logNames = namesOnce();
  const directoryNames = namesOnce('logs', 'processes', 'run.json');
  let stopping: Promise<void> | undefined;

  const spawn = async (spec: EngineSpec): Promise<EngineProcess> => {
    if (stopping) throw new EngineError(`${spec.name} was not started: its run is ending.`);
    const engine = await launch(spec, { dir, id, logName: logNames(spec.name) });
    engines.push(engine);
    try {
      await untilReady(spec, engine);
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  };

  const temp = async (name: string, owner: { uid?: number; gid?: number } = {}) => {
    const path = join(dir, directoryNames(name));
    try {
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o700);
      if (owner.uid !== undefined) chownSync(path, owner.uid, owner.gid ?? owner.uid);
    } catch (error) {
      throw diskError(error, path, 'TMPDIR');
    }
    if (owner.uid !== undefined && owner.uid !== process.getuid?.()) refuseClosedAncestors(path, 'TMPDIR');
    return path;
  };

  const end = async () => {
    for (const engine of engines.reverse()) await engine.stop();
    for (const trouble of await endRun(dir, id)) say(trouble);
    const ended = once(leash, 'exit').catch(() => {});
    leash.ref();
    leash.stdin.end('done');
    if (leash.exitCode === null && leash.signalCode === null && leash.pid) await ended;
  };

  return {
    id,
    dir,
    spawn,
    temp,
    stop: () => {
      stopping ??= end();
      return stopping;
    },
  };
};

/** Gives each asked name once: the second `pg` is `pg-2`. */
const namesOnce = (...taken: string[]) => {
  const uses = new Map(taken.map((name) => [name, 1]));
  return (name: string): string => {
    const use = (uses.get(name) ?? 0) + 1;
    uses.set(name, use);
    return use === 1 ? name : `${name}-${use}`;
  };
};

const launch = async (spec: EngineSpec, run: { dir: string; id: string; logName: string }): Promise<EngineProcess> => {
  const logFile = join(run.dir, 'logs', `${run.logName}.log`);
  let log: number;
  try {
    log = openSync(logFile, 'a');
  } catch (error) {
    throw diskError(error, logFile, 'TMPDIR');
  }
  const child = spawnChild(spec.command, spec.args, {
    cwd: spec.cwd ?? run.dir,
    detached: true,
    env: { ...(spec.env ?? plainEnvironment()), [RUN_MARK]: run.id },
    stdio: ['ignore', log, log],
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
  closeSync(log);
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw new EngineError(`${spec.name} could not be started: ${error.message}.`, { cause: error });
  }
  const root = { name: spec.name, pid: child.pid, started: startedToken(child.pid) ?? '' };
  noteProcess(run.dir, root);
  let hasExited = false;
  const exited: EngineProcess['exited'] = once(child, 'exit').then(([code, signal]) => {
    hasExited = true;
    return { code, signal };
  });
  let stopping: Promise<void> | undefined;

  const stop = async () => {
    // Taken before the parent dies: afterwards its children are nobody's descendants.
    const family: SeenProcess[] = familyOf([root]);
    if (!hasExited) {
      signalAll(
        family.filter((seen) => seen.group === root.pid),
        spec.stopSignal ?? 'SIGTERM',
      );
      signalAll(family, 'SIGCONT'); // a frozen engine would sleep through its own end
      const patience = new AbortController();
      await Promise.race([
        exited,
        sleep(spec.graceMs ?? 5_000, undefined, { signal: patience.signal }).catch(() => {}),
      ]);
      patience.abort();
    }
    await killFamily([root, ...family]);
    await exited;
    forgetProcess(run.dir, root.pid);
  };

  return {
    name: spec.name,
    pid: child.pid,
    logFile,
    exited,
    kill: (signal = 'SIGKILL', only) => signalAll(only === 'process' ? [root] : familyOf([root]), signal),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
};

const untilReady = async (spec: EngineSpec, engine: EngineProcess) => {
  if (!spec.readyWhen) return;
  const timeoutMs = spec.timeoutMs ?? 60_000;
  const untilMs = Date.now() + timeoutMs;
  let ended: string | undefined;
  void engine.exited.then(({ code, signal }) => {
    ended = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  });
  while (!(await isReady(spec.readyWhen, engine.logFile))) {
    if (ended)
      throw new EngineError(
        `${spec.name} ${ended} before it was ready; its log ends with:\n${logTail(engine.logFile)}`,
      );
    if (Date.now() > untilMs) {
      throw new EngineError(
        `${spec.name} was not ready after ${timeoutMs / 1000} s; its log ends with:\n${logTail(engine.logFile)}`,
      );
    }
    await sleep(40);
  }
  // Someone else's server may have answered on the port that this engine failed to get.
  if (ended)
    throw new EngineError(`${spec.name} ${ended} before it was ready; its log ends with:\n${logTail(engine.logFile)}`);
};
