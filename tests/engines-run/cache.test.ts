import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cacheDir } from '../../local/engines/cache.ts';
import { eventually } from './watching.ts';

const FETCHER = fileURLToPath(new URL('./fetcher.ts', import.meta.url));
const FETCH_ALL = fileURLToPath(new URL('../../local/engines/fetch.ts', import.meta.url));

describe('the cache of engines', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'mainstay-cache-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const start = (script: string, args: string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, MAINSTAY_CACHE: base, NODE_NO_WARNINGS: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child: child as ChildProcess, ended, output: () => output };
  };
  const builds = () => readFileSync(join(base, 'builds.log'), 'utf8').trim().split('\n').length;

  test('two that fetch the same engine at once build it once, and the one that waits says so', async () => {
    const fetchers = [start(FETCHER, ['twin', '700']), start(FETCHER, ['twin', '700'])];
    for (const fetcher of fetchers) expect(await fetcher.ended).toBe(0);
    expect(builds()).toBe(1);
    expect(fetchers.map((fetcher) => fetcher.output()).join('')).toContain('another process is fetching it: waiting');
    expect(readdirSync(base).sort()).toEqual(['builds.log', 'twin']);
    expect(readdirSync(join(base, 'twin')).sort()).toEqual(['first-half', 'second-half']);
  });

  test('a fetch that was killed leaves no half engine to the next, which takes over its lock and removes its rest', async () => {
    const killed = start(FETCHER, ['half', '60000']);
    expect(await eventually(() => killed.output().includes('building'))).toBe(true);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(readdirSync(base)).toContain(`half.partial-${killed.child.pid}`);
    expect(readdirSync(base)).not.toContain('half');
    expect(await start(FETCHER, ['half', '0']).ended).toBe(0);
    expect(readdirSync(base).sort()).toEqual(['builds.log', 'half']);
  });

  test('a killed partial of one engine is left to that engine’s own fetchers', async () => {
    mkdirSync(join(base, `other.partial-${process.pid}`));
    expect(await start(FETCHER, ['mine', '0']).ended).toBe(0);
    expect(readdirSync(base)).toContain(`other.partial-${process.pid}`);
  });

  test('what is in the cache is used as it is', async () => {
    mkdirSync(join(base, 'there'));
    const fetcher = start(FETCHER, ['there', '0']);
    expect(await fetcher.ended).toBe(0);
    expect(fetcher.output()).toBe(`at ${join(base, 'there')}\n`);
  });

  test('a cache that can not be made is said with what to do', async () => {
    writeFileSync(join(base, 'a-file'), '');
    const fetcher = start(FETCHER, ['x', '0'], { MAINSTAY_CACHE: join(base, 'a-file') });
    expect(await fetcher.ended).not.toBe(0);
    expect(fetcher.output()).toMatch(
      /a-file is not a directory: remove it, or set MAINSTAY_CACHE to another directory\./,
    );
  });

  test('a cold cache without Maven and Python says which packages to install, and fails', async () => {
    const fetcher = start(FETCH_ALL, [], { PATH: '/nowhere' });
    expect(await fetcher.ended).toBe(1);
    expect(fetcher.output()).toMatch(/^dynamodb .*(install Maven 3\.6 or newer|install a JDK 17 or newer)/m);
    expect(fetcher.output()).toMatch(/^opensearch .*(install Maven 3\.6 or newer|install a JDK \d+ or newer)/m);
    expect(fetcher.output()).toMatch(/^ministack .*install one \(e\.g\. the package python3\)/m);
  });

  test('is where MAINSTAY_CACHE says', () => {
    expect(cacheDir({ MAINSTAY_CACHE: '/some/where' })).toBe('/some/where');
  });
});
