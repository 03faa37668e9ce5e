import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../build/bundle.ts';
import type { Finding } from '../demo/stage.ts';
import { describeWithEngines, type Engine } from './engine.ts';

/** Runs one wing of the demo in a process of its own, from trigger to engine, and gives what its independent checks found. */
export const demoOf = (wing: string): Promise<{ exitCode: number; findings: Finding[]; said: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'demo', 'main.ts'), '--only', wing, '--json'],
      { cwd: root, timeout: 140_000, maxBuffer: 16 * 2 ** 20, env: { ...process.env, NODE_OPTIONS: '' } },
      (error, stdout, stderr) => {
        const exitCode = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        const start = stdout.indexOf('[');
        resolve({ exitCode, findings: start < 0 ? [] : JSON.parse(stdout.slice(start)), said: stderr });
      },
    );
  });

/** The demo of one wing as its test from the trigger to the engine: every independent check agrees, and there are at least so many. */
export const demoTest = (wing: string, engines: readonly Engine[], behaviour: string, atLeast: number): Promise<void> =>
  describeWithEngines(engines, 'from the trigger to the engine', () => {
    test(behaviour, async () => {
      const { exitCode, findings, said } = await demoOf(wing);
      const wrong = findings.filter(({ ok }) => !ok);
      expect({ wrong, said: wrong.length === 0 && exitCode === 0 ? '' : said }).toEqual({ wrong: [], said: '' });
      expect(findings.length).toBeGreaterThanOrEqual(atLeast);
    }, 150_000);
  });
