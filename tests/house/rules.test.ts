import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
// A folder of its own with the house's rules in it: a planted file must not meet a build that runs meanwhile.
const planting = mkdtempSync(join(tmpdir(), 'mainstay-rules-'));
for (const part of ['biome.json', '.gitignore', 'build/lint'])
  cpSync(join(root, part), join(planting, part), { recursive: true });
afterAll(() => rmSync(planting, { recursive: true, force: true }));

/** Plants a file and asks the linter about it alone. Gives what the linter said, or '' when it passed. */
const lint = (path: string, source: string): string => {
  const file = join(planting, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', '--diagnostic-level=error', path], {
    cwd: planting,
    encoding: 'utf8',
  });
  return status === 0 ? '' : stdout + stderr;
};

describe('core is pure: the linter refuses', () => {
  test.each([
    ['the clock', 'export const now = () => Date.now();', 'core/ is pure: time'],
    ['randomness', 'export const pick = () => Math.random();', 'core/ is pure: randomness'],
    ['the environment', 'export const stage = () => process.env;', 'core/ is pure: configuration'],
    ['the network', "export const ask = () => fetch('https://example.com');", 'core/ is pure: no network'],
    [
      'a node module',
      "import { join } from 'node:path';\nexport const path = join;",
      'core/ imports nothing outside core/',
    ],
    [
      'the SDK',
      "import type { DBInstance } from '@aws-sdk/client-rds';\nexport type One = DBInstance;",
      'core/ imports nothing outside core/',
    ],
    [
      'the shell around it',
      "import { ports } from '../run/ports.ts';\nexport const all = ports;",
      'core/ imports nothing outside core/',
    ],
    [
      'the ground floor',
      "import { table } from '../../../shared/aws/errors.ts';\nexport const all = table;",
      'core/ imports nothing outside core/',
    ],
  ])('%s', (_what, source, message) => {
    expect(lint('functions/snapshots/core/planted.ts', `${source}\n`)).toContain(message);
  });

  test.each([
    ['the shell', '../../run/ports.ts'],
    ['the shell of its own room', '../../run/copies/ports.ts'],
    ['the ground floor', '../../../../shared/aws/errors.ts'],
    ['the SDK', '@aws-sdk/client-rds'],
  ])('in a room of core, too: %s', (_what, from) => {
    expect(
      lint('functions/snapshots/core/copies/planted.ts', `import type { A } from '${from}';\nexport type B = A;\n`),
    ).toContain('core/ imports nothing outside core/');
  });
});

describe('imports only point down: the linter refuses', () => {
  test.each([
    ['run → aws', 'functions/failover/run/planted.ts', "import { a } from '../aws/a.ts';", 'run/ owns its ports'],
    [
      'a room of run → aws',
      'functions/snapshots/run/copies/planted.ts',
      "import { a } from '../../aws/a.ts';",
      'run/ owns its ports',
    ],
    [
      'run → an SDK',
      'functions/failover/run/planted.ts',
      "import type { a } from '@aws-sdk/client-rds';",
      'SDK types stop in aws/',
    ],
    [
      'aws → handlers',
      'functions/failover/aws/planted.ts',
      "import { a } from '../handlers/a.ts';",
      'imports only point down',
    ],
    [
      'a wing → another wing',
      'functions/failover/run/planted.ts',
      "import { a } from '../../snapshots/core/a.ts';",
      'a wing never imports another wing',
    ],
    [
      'a handler → another wing',
      'functions/search-sync/handlers/planted.ts',
      "import { a } from '../../object-index/core/a.ts';",
      'a wing never imports another wing',
    ],
    [
      'shared → a wing',
      'shared/aws/planted.ts',
      "import { a } from '../../functions/snapshots/core/a.ts';",
      'shared/ is the ground floor',
    ],
    [
      'the local AWS → a wing',
      'local/planted.ts',
      "import { a } from '../functions/snapshots/core/a.ts';",
      'local/ imports no wing',
    ],
  ])('%s', (_what, path, source, message) => {
    expect(lint(path, `${source}\nexport type A = typeof a;\n`)).toContain(message);
  });
});

test('what the rules allow passes', () => {
  expect(
    lint(
      'functions/snapshots/core/copies/planted.ts',
      "import type { A } from '../guards.ts';\nimport type { B } from '../verification/b.ts';\nexport type C = A | B;\n",
    ),
  ).toBe('');
  expect(
    lint(
      'functions/failover/core/planted.ts',
      "import type { A } from './other.ts';\nexport const half = (a: A) => Math.floor(Number(a) / 2);\n",
    ),
  ).toBe('');
  expect(
    lint(
      'functions/failover/run/planted.ts',
      "import type { A } from '../core/other.ts';\nimport { errorText } from '../../../shared/aws/errors.ts';\nexport const say = (_: A) => errorText;\n",
    ),
  ).toBe('');
});
