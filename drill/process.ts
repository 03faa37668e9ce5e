import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readConfigFile } from '../shared/config/file.ts';
import type { PairConfig } from '../shared/config/schema.ts';
import { FAULTS } from './faults.ts';
import type { Verdict } from './judge.ts';
import { drillOne } from './one.ts';
import { ENGINES } from './stages.ts';

// Each fault in a process of its own: every local AWS has its own certificate authority, which a process reads once.

/** A drill that did not come to its end. */
export interface Broken {
  fault: string;
  ok: false;
  wrong: string[];
}

const HERE = fileURLToPath(import.meta.url);

/** Drills one fault in a child process; what it says goes to `stderr`. */
export const drill = (name: string, engine: PairConfig['engine'] = 'postgres'): Promise<Verdict | Broken> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [HERE, name, engine], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    let answer = '';
    child.stdout?.on('data', (chunk) => {
      answer += chunk;
    });
    child.on('close', (code) => {
      try {
        resolve(JSON.parse(answer));
      } catch {
        resolve({ fault: name, ok: false, wrong: [`the drill ended with ${code} and said nothing`] });
      }
    });
  });

if (process.argv[1] === HERE) {
  // Whoever asked is gone: servers and all go with this process.
  process.on('disconnect', () => process.exit(1));
  process.channel?.unref();
  const fault = FAULTS.find(({ name }) => name === process.argv[2]);
  if (fault === undefined) process.exit(2);
  const startedMs = performance.now();
  const say = (line: string) =>
    void process.stderr.write(`  ${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
  const engine = ENGINES.find((one) => one === process.argv[3]) ?? 'postgres';
  const verdict = await drillOne(fault, await readConfigFile('local'), engine, say).catch(
    (error: unknown): Broken => ({
      fault: fault.name,
      ok: false,
      wrong: [error instanceof Error ? error.message : String(error)],
    }),
  );
  process.stdout.write(JSON.stringify(verdict), () => process.exit(0));
}
