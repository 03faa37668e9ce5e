import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalogue, type Mutant, staleness, type Trial, type Verdict } from './mutant.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A mutant may make a loop endless; the house's slowest test file takes a small part of this. */
const LONGEST_MS = 240_000;

export interface Judged {
  failures: string[];
  /** Why tests could not be run at all. */
  broken: string[];
  passed: number;
  endless: boolean;
}

interface JestReport {
  numPassedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

/** Runs test files in one fresh jest, with a mutant in force or none. */
export const runTests = async (project: string, tests: readonly string[], mutant?: Mutant): Promise<Judged> => {
  const scratch = await mkdtemp(join(tmpdir(), 'mainstay-mutant-'));
  const report = join(scratch, 'report.json');
  const args = [
    ...['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')],
    ...[`--selectProjects=${project}`, '--runInBand', '--json', `--outputFile=${report}`, '--forceExit'],
    ...(mutant ? ['--bail=1'] : []),
    ...['--runTestsByPath', ...tests],
  ];
  const { MAINSTAY_MUTANT: _, ...env } = process.env;
  try {
    const ended = await new Promise<'ended' | 'endless'>((resolve) => {
      const child = spawn(process.execPath, args, {
        cwd: root,
        stdio: 'ignore',
        env: mutant ? { ...env, MAINSTAY_MUTANT: JSON.stringify({ ...mutant, file: join(root, mutant.file) }) } : env,
      });
      const alarm = setTimeout(() => {
        child.kill('SIGKILL');
        resolve('endless');
      }, LONGEST_MS);
      child.on('close', () => {
        clearTimeout(alarm);
        resolve('ended');
      });
    });
    if (ended === 'endless') return { failures: [], broken: [], passed: 0, endless: true };
    return judge(JSON.parse(await readFile(report, 'utf8')) as JestReport);
  } catch (error) {
    return { failures: [], broken: [`jest gave no report (${(error as Error).message})`], passed: 0, endless: false };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const judge = ({ numPassedTests, testResults }: JestReport): Judged => ({
  passed: numPassedTests,
  endless: false,
  failures: testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  ),
  broken: testResults
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name, message }) => `${name.slice(root.length)}: ${firstLine(message)}`),
});

const firstLine = (message: string): string =>
  message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('●'))[0] ?? 'it did not run';

/** Tries one mutant: is its text there, and does a test fail on it? */
export const tryMutant = async (project: string, mutant: Mutant): Promise<Trial> => {
  const started = performance.now();
  const verdict = await verdictOn(project, mutant);
  return { mutant, verdict, seconds: (performance.now() - started) / 1000 };
};

const verdictOn = async (project: string, mutant: Mutant): Promise<Verdict> => {
  const stale = await stalenessOf(mutant);
  if (stale !== undefined) return { kind: 'stale', detail: stale };
  const { failures, broken, endless, passed } = await runTests(project, mutant.tests, mutant);
  if (endless) return { kind: 'caught', by: `no end within ${LONGEST_MS / 1000} s` };
  if (failures[0] !== undefined) return { kind: 'caught', by: failures[0] };
  if (broken[0] !== undefined) return { kind: 'unjudged', detail: broken[0] };
  return passed === 0 ? { kind: 'unjudged', detail: 'no test ran' } : { kind: 'survived' };
};

/** What is wrong with a mutant's text in its source as it is now, or undefined. */
export const stalenessOf = async (mutant: Mutant): Promise<string | undefined> => {
  const source = await readFile(join(root, mutant.file), 'utf8').catch(() => undefined);
  return source === undefined ? `${mutant.file} is gone` : staleness(mutant, source);
};

/** The tests of a catalogue without any mutant: red ones prove nothing. Gives what is wrong. */
export const baseline = async ({ project }: Catalogue, mutants: readonly Mutant[]): Promise<string[]> => {
  const { failures, broken, endless, passed } = await runTests(project, [...new Set(mutants.flatMap((m) => m.tests))]);
  if (endless) return ['no end'];
  return passed === 0 && failures.length + broken.length === 0 ? ['no test ran'] : [...failures, ...broken];
};

/** Tries mutants, a few at once. `heard` gets each as it is judged; the result is in the catalogue's order. */
export const tryAll = async (
  project: string,
  mutants: readonly Mutant[],
  atOnce: number,
  heard: (trial: Trial, done: number) => void,
): Promise<Trial[]> => {
  const trials: Trial[] = [];
  const waiting = [...mutants.entries()];
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, mutant] = next;
      const trial = await tryMutant(project, mutant);
      trials[index] = trial;
      heard(trial, ++done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return trials;
};
