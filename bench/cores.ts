import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Gives the engine a core of its own and this process another, as a cluster and a function are two machines: what one of
 * them takes of the other's time says nothing of either. False where that can't be had (no `taskset`, one core).
 */
export const keepApart = async (enginePid: number): Promise<boolean> => {
  if (availableParallelism() < 2) return false;
  const pin = (pid: number, core: number) => run('taskset', ['-a', '-p', '-c', String(core), String(pid)]);
  try {
    await pin(enginePid, 0);
    await pin(process.pid, 1);
    return true;
  } catch {
    return false;
  }
};

/** Lets this process run on every core again. */
export const keepTogether = async (): Promise<void> => {
  await run('taskset', ['-a', '-p', '-c', `0-${availableParallelism() - 1}`, String(process.pid)]).catch(() => {});
};
