import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { commands } from '../../cli/commands.ts';
import { PHASES } from '../../functions/failover/core/phases.ts';

// The runbook is read when nobody has time to find out that it is wrong.

const root = join(import.meta.dirname, '..', '..');
const runbook = readFile(join(root, 'docs', 'runbook-failover.md'), 'utf8');

test('every reason to hold has a line', async () => {
  const text = await runbook;
  const reasons = [...new Set(PHASES.flatMap(({ hold }) => hold ?? []))];
  expect(reasons.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
});

test('every command in it exists, with the options that it is given', async () => {
  const typed = [...(await runbook).matchAll(/mainstay ([a-z]+) ([a-z]+)([^`\n]*)/g)];
  expect(typed.length).toBeGreaterThan(8);
  const wrong = typed.flatMap(([line, wing, verb, rest = '']) => {
    const command = commands.find((one) => one.wing === wing && one.verb === verb);
    const given = [...rest.replaceAll(/"[^"]*"/g, '').matchAll(/--([a-z]+)/g)].map(([, option = '']) => option);
    const known = ['json', 'help', ...Object.keys(command?.options ?? {})];
    return command === undefined || given.some((option) => !known.includes(option)) ? [line] : [];
  });
  expect(wrong).toEqual([]);
});

test('every alarm of the wing is in it', async () => {
  const text = await runbook;
  const folder = join(root, 'resources');
  const files = (await readdir(folder)).filter((name) => name.startsWith('failover'));
  const sources = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const alarms = sources.flatMap((source) =>
    [...source.matchAll(/AlarmName: `?mainstay-\$\{[^}]+\}-([a-z-]*)/g)].map(([, name = '']) => name.replace(/-$/, '')),
  );
  expect(alarms.length).toBeGreaterThan(3);
  expect(alarms.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
});
