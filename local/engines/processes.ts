// Who runs on this machine, and since when. A pid alone proves nothing: pids are recycled, so whoever is to be ended is
// known by pid and start time, and a process whose start time differs is somebody else's.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process as it was seen once: `started` is an opaque token that differs when the pid was recycled. */
export interface SeenProcess {
  pid: number;
  parent: number;
  group: number;
  started: string;
}

const hasProc = process.platform === 'linux';

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined; // gone meanwhile, or not ours to look at
  }
};

const bootId = () => attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)) ?? '';

const readStat = (pid: number, boot: string): SeenProcess | undefined => {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (!stat) return undefined;
  // proc(5): the second field is the command in parentheses, which may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return undefined; // dead, only not yet collected by its parent
  return { pid, parent: Number(fields[1]), group: Number(fields[2]), started: `${boot}:${fields[19]}` };
};

const psTable = (): SeenProcess[] =>
  execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  })
    .split('\n')
    .flatMap((line) => {
      const [pid, parent, group, state, ...started] = line.trim().split(/\s+/);
      if (!pid || state?.startsWith('Z')) return [];
      return [{ pid: Number(pid), parent: Number(parent), group: Number(group), started: started.join(' ') }];
    });

/** Every live process that can be seen from here. */
export const processTable = (): SeenProcess[] => {
  if (!hasProc) return psTable();
  const boot = bootId();
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readStat(Number(name), boot) ?? []) : []));
};

/** The start token of a live process, or undefined when there is none of that pid. */
export const startedToken = (pid: number): string | undefined =>
  hasProc ? readStat(pid, bootId())?.started : psTable().find((seen) => seen.pid === pid)?.started;

/** Whether exactly this process still lives (same pid, same start). */
export const isAlive = (seen: { pid: number; started: string }): boolean => startedToken(seen.pid) === seen.started;

/** The environment variable by which every engine of a run, and what it starts, can be recognised. */
export const RUN_MARK = 'MAINSTAY_RUN';

const carriesMark = (pid: number, runId: string) =>
  hasProc && attempt(() => readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${RUN_MARK}=${runId}`));

/** The roots that still live, all their descendants, and whoever shares a root's process group or carries the run's mark. */
export const familyOf = (roots: { pid: number; started: string }[], runId?: string): SeenProcess[] => {
  const table = processTable();
  const startOf = new Map(roots.map((root) => [root.pid, root.started]));
  const family = new Map<number, SeenProcess>();
  for (const seen of table) {
    const isRoot = startOf.get(seen.pid) === seen.started;
    // A group outlives its leader; while it does, its number is not given to a new process, so a foreign leader
    // of the same number means that our group is gone.
    const leader = table.find((other) => other.pid === seen.group);
    const inGroup = startOf.has(seen.group) && (!leader || startOf.get(leader.pid) === leader.started);
    if (isRoot || inGroup || (runId && carriesMark(seen.pid, runId))) family.set(seen.pid, seen);
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const seen of table) {
      if (family.has(seen.pid) || !family.has(seen.parent)) continue;
      family.set(seen.pid, seen);
      grew = true;
    }
  }
  family.delete(process.pid);
  return [...family.values()];
};

/** Signals each of them that still is the process that was seen. */
export const signalAll = (targets: { pid: number; started: string }[], signal: NodeJS.Signals): void => {
  for (const target of targets) {
    if (isAlive(target)) attempt(() => process.kill(target.pid, signal));
  }
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills a run's processes until none is left, or `patienceMs` have passed; returns those that stayed. */
export const killFamily = async (
  roots: { pid: number; started: string }[],
  runId?: string,
  patienceMs = 5_000,
): Promise<SeenProcess[]> => {
  const untilMs = Date.now() + patienceMs;
  let known: { pid: number; started: string }[] = roots;
  for (;;) {
    // What was seen once stays known: a child whose parent has died is no longer its descendant.
    const left = familyOf(known, runId);
    if (left.length === 0 || Date.now() > untilMs) return left;
    known = [...known, ...left];
    signalAll(left, 'SIGKILL');
    await pause(20);
  }
};
