// What the tests of runs look at from outside: processes, directories, and owners to be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { processTable } from '../../local/engines/processes.ts';

/** The script of a process that owns a run. */
export const OWNER = fileURLToPath(new URL('./owner.ts', import.meta.url));

/** Starts a process that owns a run with these engines; resolves when they are started. */
export const startOwner = async (
  commands: string[][],
): Promise<{ child: ChildProcess; dir: string; id: string; pids: number[] }> => {
  const child = spawn(process.execPath, [OWNER, JSON.stringify(commands)], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout! })) return { child, ...JSON.parse(line) };
  throw new Error('the owner ended before it had started its engines');
};

/** Waits until a condition holds; false when it did not within `timeoutMs`. */
export const eventually = async (condition: () => boolean, timeoutMs = 5_000): Promise<boolean> => {
  const untilMs = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > untilMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return true;
};

/** Whether none of these processes lives. */
export const allGone = (pids: number[]): boolean => !processTable().some((seen) => pids.includes(seen.pid));

/** Whether nothing is left of a run. */
export const nothingLeft = (run: { dir: string; pids: number[] }): boolean => allGone(run.pids) && !existsSync(run.dir);
