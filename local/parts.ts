// What runs where, and how much memory it takes: the rows of the table that `npm run local` prints.
import { execFile } from 'node:child_process';

export type Part = {
  name: string;
  engine: string;
  /** Real: the thing itself. Emulated: ministack's. Ours: this repository's model. */
  kind: 'real' | 'emulated' | 'ours';
  address: string;
  pids: number[];
};

/** The resident memory of processes in megabytes; those that have ended count nothing. */
export const memoryMb = (pids: readonly number[]): Promise<number> =>
  new Promise((resolve) => {
    if (pids.length === 0) return resolve(0);
    execFile('ps', ['-o', 'rss=', '-p', pids.join(',')], (_, stdout) => {
      const kilobytes = stdout.split('\n').reduce((sum, line) => sum + (Number(line) || 0), 0);
      resolve(Math.round(kilobytes / 1024));
    });
  });
