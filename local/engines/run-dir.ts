// Where runs live on disk, what they write down about themselves, and how one that nobody owns any more is ended.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskError, EngineError } from './engine-error.ts';
import { isAlive, killFamily } from './processes.ts';

/** A process as a run remembers it. */
export interface KnownProcess {
  name: string;
  pid: number;
  started: string;
}

/** What a run writes down first: who owns it, and who watches over it. */
export interface RunRecord {
  id: string;
  owner: KnownProcess;
  leash?: KnownProcess;
}

const LEAST_FREE_BYTES = 256 * 1024 * 1024;
// A run directory without a record belongs to a process between two system calls, or to one that died there.
const RECORD_GRACE_MS = 60_000;

/** The directory of all runs of this user, made when it is missing. The databases' user must be able to pass through it. */
export const runsDir = (): string => {
  const dir = join(tmpdir(), `mainstay-${process.getuid?.() ?? 'user'}`);
  try {
    mkdirSync(dir, { recursive: true });
    const found = lstatSync(dir);
    // A world-writable /tmp lets anyone make our directory first, or make it a link to somewhere else.
    if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
      throw new EngineError(`${dir} belongs to someone else: remove it, or set TMPDIR to a directory of your own.`);
    }
    chmodSync(dir, 0o755);
    const { bavail, bsize } = statfsSync(dir);
    if (bavail * bsize < LEAST_FREE_BYTES) {
      const freeMb = Math.floor((bavail * bsize) / 1024 / 1024);
      throw new EngineError(
        `Only ${freeMb} MB are free on the disk that holds ${dir}, and a run needs 256 or more: free some space there, or set TMPDIR to a directory on another disk.`,
      );
    }
  } catch (error) {
    throw diskError(error, dir, 'TMPDIR');
  }
  return dir;
};

const recordFile = (dir: string) => join(dir, 'run.json');
const processFile = (dir: string, pid: number) => join(dir, 'processes', `${pid}.json`);

const readJson = <T>(file: string): T | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined; // missing, or cut short by the death of its writer
  }
};

export const writeRecord = (dir: string, record: RunRecord): void =>
  writeFileSync(recordFile(dir), JSON.stringify(record));

/** Writes down a process that the run has started, so that whoever cleans up after us knows it. */
export const noteProcess = (dir: string, known: KnownProcess): void =>
  writeFileSync(processFile(dir, known.pid), JSON.stringify(known));

/** Takes an ended process off the books. */
export const forgetProcess = (dir: string, pid: number): void => rmSync(processFile(dir, pid), { force: true });

const notedProcesses = (dir: string): KnownProcess[] => {
  const books = join(dir, 'processes');
  if (!existsSync(books)) return [];
  return readdirSync(books).flatMap((file) => readJson<KnownProcess>(join(books, file)) ?? []);
};

/** Kills whatever a run started and removes its directory. Says what it could not end. */
export const endRun = async (dir: string, id: string): Promise<string[]> => {
  const stayed = await killFamily(notedProcesses(dir), id);
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  return stayed.map((seen) => `process ${seen.pid} of run ${id} could not be ended`);
};

/** Ends runs whose owner and leash are both dead, and says so: one sentence a run. */
export const endLeftovers = async (base: string): Promise<string[]> => {
  const sentences: string[] = [];
  for (const id of readdirSync(base)) {
    const dir = join(base, id);
    const record = readJson<RunRecord>(recordFile(dir));
    if (record ? [record.owner, record.leash].some((known) => known && isAlive(known)) : isYoung(dir)) continue;
    const names = notedProcesses(dir)
      .filter(isAlive)
      .map((known) => known.name);
    const trouble = await endRun(dir, id);
    const what = names.length > 0 ? `ended its ${names.join(', ')} and removed its directory` : 'removed its directory';
    sentences.push([`A run that died (${record?.owner.name ?? id}) was cleaned up: ${what}.`, ...trouble].join(' '));
  }
  return sentences;
};

const isYoung = (dir: string) => {
  try {
    return Date.now() - lstatSync(dir).mtimeMs < RECORD_GRACE_MS;
  } catch {
    return true; // removed meanwhile by its own leash
  }
};
