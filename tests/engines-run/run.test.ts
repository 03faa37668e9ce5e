import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { processTable, startedToken } from '../../local/engines/processes.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { endLeftovers } from '../../local/engines/run-dir.ts';
import { allGone, eventually, nothingLeft, OWNER, startOwner } from './watching.ts';

const SLEEPER = ['sleep', '600'];
// A parent with a child in a session of its own, as PostgreSQL's backends are, and one that ignores SIGTERM.
const ESCAPING = ['sh', '-c', "trap '' TERM; setsid sleep 601 & setsid sleep 602 & wait; sleep 600"];

describe('a run', () => {
  const open: Run[] = [];
  const openTestRun = async (say: (sentence: string) => void = () => {}) => {
    const run = await openRun({ owner: 'run-test', say });
    open.push(run);
    return run;
  };
  afterEach(async () => {
    for (const run of open.splice(0)) await run.stop();
  });

  test('stop ends every engine, also children in sessions of their own, and removes the directory', async () => {
    const run = await openTestRun();
    const one = await run.spawn({ name: 'one', command: SLEEPER[0]!, args: SLEEPER.slice(1) });
    const two = await run.spawn({ name: 'two', command: 'sh', args: ESCAPING.slice(1), graceMs: 300 });
    await eventually(() => processTable().filter((seen) => seen.parent === two.pid).length === 2);
    const children = processTable().filter((seen) => seen.parent === two.pid);
    expect(children).toHaveLength(2);
    const leash = JSON.parse(readFileSync(join(run.dir, 'run.json'), 'utf8')).leash.pid;
    await run.stop();
    expect(allGone([one.pid, two.pid, leash, ...children.map((child) => child.pid)])).toBe(true);
    expect(existsSync(run.dir)).toBe(false);
  });

  test('engines are stopped in reverse order of their start', async () => {
    const run = await openTestRun();
    const order: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      const engine = await run.spawn({ name, command: 'sleep', args: ['600'] });
      void engine.exited.then(() => order.push(name));
    }
    await run.stop();
    expect(order).toEqual(['third', 'second', 'first']);
  });

  test('an engine is ready only when its line, its port and its page are there', async () => {
    const run = await openTestRun();
    const server = `
      setTimeout(() => require('http').createServer((q, s) => s.end('ok')).listen(0, '127.0.0.1', function () {
        console.log('listening on ' + this.address().port);
      }), 200)`;
    const engine = await run.spawn({
      name: 'web',
      command: process.execPath,
      args: ['-e', server],
      readyWhen: { line: /^listening on \d+$/ },
    });
    const port = Number(readFileSync(engine.logFile, 'utf8').match(/listening on (\d+)/)![1]);
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('ok');
  });

  test('an engine that ends before it is ready is reported with the end of its log', async () => {
    const run = await openTestRun();
    const failing = run.spawn({
      name: 'failing',
      command: 'sh',
      args: ['-c', 'echo no such luck >&2; exit 3'],
      readyWhen: { line: /never/ },
    });
    await expect(failing).rejects.toThrow(/failing ended with code 3 before it was ready; .*\nno such luck/);
  });

  test('an engine that lost its port to another process is not taken for ready because the other one answers', async () => {
    const squatter = createServer((_, response) => response.end('not the engine'));
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    try {
      const run = await openTestRun();
      const losing = run.spawn({
        name: 'losing',
        command: 'sh',
        args: ['-c', 'echo address already in use; exit 1'],
        readyWhen: { line: /in use/, http: `http://127.0.0.1:${port}/` },
      });
      await expect(losing).rejects.toThrow(/losing ended with code 1/);
    } finally {
      squatter.close();
    }
  });

  test('an engine that is not ready in time is ended and said', async () => {
    const run = await openTestRun();
    const slow = run.spawn({ name: 'slow', command: 'sleep', args: ['600'], readyWhen: { line: /x/ }, timeoutMs: 200 });
    await expect(slow).rejects.toThrow(/slow was not ready after 0.2 s/);
    expect(processTable().filter((seen) => seen.parent === process.pid && seen.group === seen.pid)).toHaveLength(1); // the leash
  });

  test('a command that does not exist is said in one sentence', async () => {
    const run = await openTestRun();
    const absent = run.spawn({ name: 'absent', command: 'no-such-engine', args: [] });
    await expect(absent).rejects.toThrow(/^absent could not be started: .*ENOENT/);
  });

  test('a frozen engine is ended too', async () => {
    const run = await openTestRun();
    const engine = await run.spawn({ name: 'frozen', command: 'sleep', args: ['600'] });
    engine.kill('SIGSTOP');
    await run.stop();
    expect(allGone([engine.pid])).toBe(true);
  });

  test('kill -9 of the owner leaves no engine and no directory', async () => {
    const owned = await startOwner([SLEEPER, ESCAPING]);
    await eventually(() => processTable().filter((seen) => seen.parent === owned.pids[1]).length === 2);
    const escaped = processTable().filter((seen) => seen.parent === owned.pids[1]);
    expect(escaped).toHaveLength(2);
    owned.child.kill('SIGKILL');
    const watched = { dir: owned.dir, pids: [...owned.pids, ...escaped.map((seen) => seen.pid)] };
    expect(await eventually(() => nothingLeft(watched))).toBe(true);
  });

  test('what a run leaves behind when its owner and its leash were both killed is ended by the next, and said', async () => {
    const owned = await startOwner([SLEEPER]);
    const leash = JSON.parse(readFileSync(join(owned.dir, 'run.json'), 'utf8')).leash.pid as number;
    process.kill(leash, 'SIGKILL');
    owned.child.kill('SIGKILL');
    await eventually(() => allGone([leash, owned.child.pid!]));
    expect(nothingLeft(owned)).toBe(false);
    const said: string[] = [];
    await openTestRun((sentence) => said.push(sentence));
    expect(nothingLeft(owned)).toBe(true);
    expect(said).toContain(
      'A run that died (to-be-killed) was cleaned up: ended its engine and removed its directory.',
    );
  });

  test('a process that merely got the pid of a dead engine is never killed', async () => {
    const bystander = spawn('sleep', ['600'], { detached: true });
    const base = mkdtempSync(join(tmpdir(), 'mainstay-leftovers-'));
    try {
      const dir = join(base, 'old');
      mkdirSync(join(dir, 'processes'), { recursive: true });
      const recycled = { name: 'engine', pid: bystander.pid!, started: 'another-boot:1' };
      writeFileSync(join(dir, 'run.json'), JSON.stringify({ id: 'old', owner: { ...recycled, name: 'old' } }));
      writeFileSync(join(dir, 'processes', `${bystander.pid}.json`), JSON.stringify(recycled));
      expect(await endLeftovers(base)).toEqual(['A run that died (old) was cleaned up: removed its directory.']);
      expect(existsSync(dir)).toBe(false);
      expect(startedToken(bystander.pid!)).toBeDefined();
    } finally {
      bystander.kill('SIGKILL');
      rmSync(base, { recursive: true, force: true });
    }
  });

  test('a run whose owner lives is left alone by another', async () => {
    const first = await openTestRun();
    const engine = await first.spawn({ name: 'kept', command: 'sleep', args: ['600'] });
    await openTestRun();
    expect(existsSync(first.dir)).toBe(true);
    expect(startedToken(engine.pid)).toBeDefined();
  });

  test('a place that can not be written is said with what to do', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'mainstay-closed-')), 'a-file');
    writeFileSync(file, '');
    try {
      const { status, stderr } = spawnSync(process.execPath, [OWNER], {
        env: { ...process.env, TMPDIR: file },
        encoding: 'utf8',
      });
      expect(stderr).toMatch(/is not a directory: remove it, or set TMPDIR to another directory\./);
      expect(status).toBe(1);
    } finally {
      rmSync(join(file, '..'), { recursive: true });
    }
  });
});
