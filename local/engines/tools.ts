// The tools that fetch engines, run to their end; what they say becomes progress or the reason of a failure.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { EngineError } from './engine-error.ts';

/** The full path of a command in PATH, or undefined. */
export const findCommand = (...names: string[]): string | undefined => {
  for (const name of names) {
    for (const dir of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(dir, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not in this directory
      }
    }
  }
  return undefined;
};

/** Runs a command to its end and returns its output's lines; throws EngineError, with `failure` and its last words. */
export const runTool = async (
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string | undefined>; failure: string; onLine?: (line: string) => void },
): Promise<string[]> => {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  const lines: string[] = [];
  const listen = (line: string) => {
    lines.push(line);
    options.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', listen);
  createInterface({ input: child.stderr }).on('line', listen);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new EngineError(`${options.failure} (${error.message})`, { cause: error })));
    child.once('close', resolve);
  });
  if (code !== 0) {
    const words = lines.filter((line) => /error|no such|not found|unknown|refused|unreach/i.test(line)).slice(0, 3);
    throw new EngineError(
      `${options.failure} It said: ${(words.length > 0 ? words : lines.slice(-3)).join(' / ').slice(0, 600)}`,
    );
  }
  return lines;
};
