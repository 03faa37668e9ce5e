// What the tests of runs look at from outside: processes, directories, and owners to be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

/** The addresses (as in /proc/net/tcp, hexadecimal) that a process listens on; Linux only, elsewhere undefined. */
export const listeningOn = (pid: number): string[] | undefined => {
  if (process.platform !== 'linux') return undefined;
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.has(fields[9] ?? ''))
      .map((fields) => fields[1]!.split(':')[0]!),
  );
};

/** Loopback as /proc/net/tcp writes it: 127.0.0.1, the same as IPv6, and ::1. */
export const LOOPBACK = ['0100007F', '0000000000000000FFFF00000100007F', '00000000000000000000000001000000'];
