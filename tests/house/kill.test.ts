import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../../build/bundle.ts';
import { packageStack } from '../../build/package.ts';
import { demoOf } from '../demo-thread.ts';
import { describeWithEngines } from '../engine.ts';

const runs = async (): Promise<string[]> =>
  readdir(join(tmpdir(), `mainstay-${process.getuid?.() ?? 0}`)).catch(() => []);
const ledgers = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('mainstay-ledger-'));

/** The process that started a run. */
const ownerOf = async (run: string): Promise<number | undefined> =>
  JSON.parse(
    await readFile(join(tmpdir(), `mainstay-${process.getuid?.() ?? 0}`, run, 'run.json'), 'utf8').catch(() => '{}'),
  ).owner?.pid;

/** Processes that carry the run in their environment or command line: engines, functions, the leash. */
const processesOf = async (run: string): Promise<string[]> => {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    if (Number(pid) !== process.pid && `${await read('environ')}${await read('cmdline')}`.includes(run))
      found.push(`${pid} ${(await read('cmdline')).replaceAll('\0', ' ').slice(0, 80)}`);
  }
  return found;
};

const until = async <T>(ask: () => Promise<T>, good: (answer: T) => boolean, seconds: number): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (good(answer) || Date.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

await describeWithEngines(['ministack', 'dynamodb', 'postgres'], 'kill -9 of the demo in the middle', () => {
  test('leaves no process and no folder, and the demo runs again', async () => {
    await packageStack('local');
    const ledgersBefore = await ledgers();
    const demo = spawn(process.execPath, [join(root, 'demo', 'main.ts'), '--only', 'failover'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', MAINSTAY_PACKAGED: '1' },
    });
    let said = '';
    demo.stderr.on('data', (chunk) => {
      said += chunk;
    });
    await until(
      async () => said,
      (text) => text.includes('engine, which RDS heals'),
      60,
    );
    const mine: string[] = [];
    for (const run of await runs()) if ((await ownerOf(run)) === demo.pid) mine.push(run);
    expect(mine).toHaveLength(1);
    expect((await processesOf(mine[0] ?? '')).length).toBeGreaterThan(3);
    demo.kill('SIGKILL');

    const left = async () => {
      const folders = (await runs()).filter((run) => mine.includes(run));
      const ledger = (await ledgers()).filter((folder) => !ledgersBefore.includes(folder));
      return [...folders, ...(await processesOf(mine[0] ?? '')), ...ledger];
    };
    expect(await until(left, (found) => found.length === 0, 20)).toEqual([]);

    const { exitCode } = await demoOf('snapshots');
    expect(exitCode).toBe(0);
  }, 200_000);
});
