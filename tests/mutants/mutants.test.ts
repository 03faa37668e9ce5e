import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { failover } from './failover.ts';
import { asMutated } from './in-force.ts';
import type { Catalogue } from './mutant.ts';
import { objectIndex } from './object-index.ts';
import { searchSync } from './search-sync.ts';
import { snapshots } from './snapshots.ts';
import { stalenessOf } from './try.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const mutants = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(`${root}node_modules/.bin/node`, ['tests/mutants.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

describe('npm run mutants', () => {
  test('says which test caught a mutant; one that survives, is stale, or is no program makes it fail', () => {
    const { status, stdout } = mutants('sample', '--json');
    const kinds = JSON.parse(stdout).map((trial: { id: string; kind: string }) => [trial.id, trial.kind]);
    expect(kinds).toEqual([
      ['listed', 'caught'],
      ['hour', 'survived'],
      ['gone', 'stale'],
      ['no-program', 'unjudged'],
    ]);
    expect(JSON.parse(stdout)[0].by).toBe('nobody enters who is not on the list');
    expect(status).toBe(1);
  }, 120_000);

  test('ends well when each of those asked for is caught, and prints a table', () => {
    const { status, stdout } = mutants('sample', '--only', 'listed');
    expect(stdout).toMatch(/listed\s+the list at the door\s+nobody enters who is not on the list/);
    expect(stdout).toContain('OK: 1 mutants, each caught.');
    expect(status).toBe(0);
  }, 120_000);

  test('knows neither a wing nor a mutant that is not there', () => {
    expect(mutants('nonsense')).toMatchObject({ status: 2, stdout: expect.stringContaining('snapshots') });
    expect(mutants('snapshots', '--only', 'nonsense')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no such mutant: nonsense'),
    });
  });
});

describe('a source that a test reads itself', () => {
  afterEach(() => {
    delete process.env.MAINSTAY_MUTANT;
  });
  const force = (file: string) => {
    process.env.MAINSTAY_MUTANT = JSON.stringify({ file: `${root}${file}`, find: "'lock'", replace: "'unlock'" });
  };

  test('has the mutant in force, as those that are imported have', () => {
    force('functions/failover/setup.mysql.sql');
    expect(asMutated('functions/failover/setup.mysql.sql', "x 'lock' y")).toBe("x 'unlock' y");
    expect(() => asMutated('functions/failover/setup.mysql.sql', "'lock' 'lock'")).toThrow('not exactly once');
  });

  test('is itself where the mutant is of another file, and where there is none', () => {
    expect(asMutated('functions/failover/setup.mysql.sql', "'lock'")).toBe("'lock'");
    force('functions/failover/setup.sql');
    expect(asMutated('functions/failover/setup.mysql.sql', "'lock'")).toBe("'lock'");
  });
});

describe.each<[string, Catalogue]>([
  ['snapshots', snapshots],
  ['failover', failover],
  ['object-index', objectIndex],
  ['search-sync', searchSync],
])('the mutants of %s', (_, catalogue) => {
  test('fit the source as it is: each text is there, once', async () => {
    const found = await Promise.all(catalogue.mutants.map(async (mutant) => [mutant.id, await stalenessOf(mutant)]));
    expect(found.filter(([, stale]) => stale !== undefined)).toEqual([]);
  });

  test('have names of their own', () => {
    expect(new Set(catalogue.mutants.map(({ id }) => id)).size).toBe(catalogue.mutants.length);
  });
});
