import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../build/bundle.ts';
import type { Stage } from './stage.ts';

export interface Acknowledged {
  number: number;
  atMs: number;
  /** The address of the server that took it. */
  server: string;
}

export interface LedgerWriter {
  /** Rows whose commit was acknowledged, in the order of acknowledgement. */
  acknowledged(): Promise<Acknowledged[]>;
  /** Ends the application; gives every row that was acknowledged. */
  stop(): Promise<Acknowledged[]>;
}

/** Starts the application in a process of its own; it writes numbered rows, from `first` on, to `host` until it is stopped. */
export const startWriter = async (
  stage: Pick<Stage, 'aws' | 'config'>,
  host: string,
  secretId: string,
  { lanes = 2, first = 1, engine = 'postgres' } = {},
): Promise<LedgerWriter> => {
  const folder = await mkdtemp(join(tmpdir(), 'mainstay-ledger-'));
  const file = join(folder, 'acknowledged');
  const child: ChildProcess = spawn(
    process.execPath,
    [
      join(root, 'demo', 'ledger-writer.ts'),
      ...[host, stage.config.regions.recovery, secretId, file, String(lanes), String(first), engine],
    ],
    { env: { ...process.env, ...stage.aws.env() }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const acknowledged = async (): Promise<Acknowledged[]> => {
    const text = await readFile(file, 'utf8').catch(() => '');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [number, atMs, server = ''] = line.split(' ');
        return { number: Number(number), atMs: Number(atMs), server: server.split('/')[0] ?? '' };
      });
  };
  const end = async (): Promise<Acknowledged[]> => {
    child.kill('SIGTERM');
    const giveUp = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(giveUp);
    const rows = await acknowledged();
    await rm(folder, { recursive: true, force: true });
    return rows;
  };
  let stopped: Promise<Acknowledged[]> | undefined;
  return {
    acknowledged,
    stop: () => {
      stopped ??= end();
      return stopped;
    },
  };
};
