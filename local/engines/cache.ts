// Engines are fetched once, beside their final place, and renamed when they are complete: a name in the cache is either
// absent or whole. Fetchers of the same engine wait for each other.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskError } from './engine-error.ts';
import { isAlive, startedToken } from './processes.ts';
import type { Progress } from './progress.ts';

/** Where engines are kept: MAINSTAY_CACHE; else, as root, a place that the databases' user can read; else the XDG cache. */
export const cacheDir = (env: Record<string, string | undefined> = process.env): string => {
  if (env.MAINSTAY_CACHE) return env.MAINSTAY_CACHE;
  if (process.getuid?.() === 0) return '/var/cache/mainstay';
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mainstay');
};

/** An engine's place in the cache, or undefined when it has not been fetched. */
export const cached = (name: string): string | undefined => {
  const dir = join(cacheDir(), name);
  return existsSync(dir) ? dir : undefined;
};

interface Holder {
  pid: number;
  started: string;
}

const POLL_MS = 250;

/** The place of `name` in the cache, built by `build` into a directory beside it when it is not there yet. */
export const inCache = async (
  name: string,
  build: (dir: string) => Promise<void>,
  options: { engine: string; progress?: Progress | undefined },
): Promise<string> => {
  const base = cacheDir();
  const place = join(base, name);
  if (existsSync(place)) return place;
  const partial = join(base, `${name}.partial-${process.pid}`);
  try {
    mkdirSync(base, { recursive: true });
    if (process.getuid?.() === 0) chmodSync(base, 0o755);
    const release = await takeLock(base, name, () =>
      options.progress?.({ engine: options.engine, step: 'another process is fetching it: waiting' }),
    );
    try {
      if (existsSync(place)) return place;
      removeStale(base, name);
      mkdirSync(partial);
      await build(partial);
      renameSync(partial, place);
      return place;
    } finally {
      rmSync(partial, { recursive: true, force: true });
      release();
    }
  } catch (error) {
    throw diskError(error, base, 'MAINSTAY_CACHE');
  }
};

/** Removes what dead fetchers of this engine left half done. */
const removeStale = (base: string, name: string) => {
  for (const entry of readdirSync(base)) {
    const pid = entry.startsWith(`${name}.partial-`) ? Number(entry.slice(entry.lastIndexOf('-') + 1)) : undefined;
    // Our own number too: it was a process before us that had it, for we hold the lock and have made none yet.
    if (pid !== undefined && (pid === process.pid || startedToken(pid) === undefined)) {
      rmSync(join(base, entry), { recursive: true, force: true });
    }
  }
};

const readHolder = (lock: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as Holder;
  } catch {
    return undefined; // released meanwhile
  }
};

/** Takes the lock of an engine; a lock whose holder is dead is taken over. Returns its release. */
const takeLock = async (base: string, name: string, onWait: () => void): Promise<() => void> => {
  const lock = join(base, `${name}.lock`);
  const mine = join(base, `${name}.lock-${process.pid}`);
  const holder: Holder = { pid: process.pid, started: startedToken(process.pid) ?? '' };
  writeFileSync(mine, JSON.stringify(holder));
  let waited = false;
  try {
    for (;;) {
      try {
        linkSync(mine, lock); // atomic, and the lock is never seen without its holder
        return () => rmSync(lock, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const other = readHolder(lock);
      if (other && !isAlive(other)) {
        // Two may see the same dead holder. The rename decides; one that caught a living lock instead puts it back.
        const aside = join(base, `${name}.lock-of-${other.pid}-seen-by-${process.pid}`);
        try {
          renameSync(lock, aside);
          const caught = readHolder(aside);
          if (caught && isAlive(caught)) linkSync(aside, lock);
        } catch {
          // the other one was quicker: look again
        }
        rmSync(aside, { force: true });
        continue;
      }
      if (!waited) onWait();
      waited = true;
      await sleep(POLL_MS);
    }
  } finally {
    rmSync(mine, { force: true });
  }
};
