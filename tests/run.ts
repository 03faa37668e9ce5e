import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageStack } from '../build/package.ts';
import { engineStatus, fetchAll } from '../local/engines/needs.ts';

// npm test [-- PROJECT …]: engines fetched once, stacks packaged once, then each part of the house under its own budget.

const budgetsSeconds: Record<string, number> = {
  house: 400,
  snapshots: 240,
  failover: 600,
  'object-index': 240,
  'search-sync': 300,
};
const asked = process.argv.slice(2);
const projects = Object.keys(budgetsSeconds).filter((name) => asked.length === 0 || asked.includes(name));

interface Outcome {
  project: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

const runProject = async (project: string): Promise<Outcome> => {
  const report = join(tmpdir(), `mainstay-jest-${process.pid}-${project}.json`);
  const started = performance.now();
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const args = [
    '--experimental-vm-modules',
    '--no-warnings',
    jest,
    '--selectProjects',
    project,
    '--json',
    `--outputFile=${report}`,
    '--maxWorkers=2',
    '--forceExit',
  ];
  const code = await new Promise<number>((resolve) =>
    spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }).on('close', (c) => resolve(c ?? 1)),
  );
  const seconds = (performance.now() - started) / 1000;
  const result = await readFile(report, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  await rm(report, { force: true });
  if (result === undefined) return { project, passed: 0, failed: Math.max(1, code), skipped: 0, seconds };
  const crashed = result.testResults.filter(
    (file: { status: string; assertionResults: unknown[] }) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    project,
    passed: result.numPassedTests,
    failed: result.numFailedTests + crashed,
    skipped: result.numPendingTests,
    seconds,
  };
};

say('engines');
for (const [engine, { have, why }] of Object.entries(await engineStatus()))
  say(`  ${engine.padEnd(10)} ${have ? 'can be had' : `SKIPPED: ${why}`}`);
await fetchAll();
await packageStack('local', (line) => say(`  ${line}`));

process.env.MAINSTAY_PACKAGED = '1';

const outcomes: Outcome[] = [];
for (const project of projects) outcomes.push(await runProject(project));

say('');
for (const { project, passed, failed, skipped, seconds } of outcomes) {
  const budget = budgetsSeconds[project] ?? 0;
  const over = seconds > budget ? '  OVER BUDGET' : '';
  say(
    `${project.padEnd(13)} ${String(passed).padStart(4)} passed ${String(failed).padStart(3)} failed ${String(skipped).padStart(3)} skipped  ${seconds.toFixed(0).padStart(4)} s of ${budget} s${over}`,
  );
}
const sum = (key: 'passed' | 'failed' | 'skipped') => outcomes.reduce((total, outcome) => total + outcome[key], 0);
const skipped = sum('skipped');
say(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
