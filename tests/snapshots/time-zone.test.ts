import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('./plan-in-zone.ts', import.meta.url));
const { NODE_OPTIONS: _, ...env } = process.env;

const planIn = (zone: string): { zone: number; names: unknown[]; sentences: string[] } =>
  JSON.parse(
    execFileSync('node_modules/.bin/node', [script], {
      env: { ...env, TZ: zone },
      encoding: 'utf8',
      maxBuffer: 1 << 24,
    }),
  );

test('a plan is the same whatever the zone of the machine: names, tags, what goes, and why the rest stays', () => {
  const utc = planIn('UTC');
  expect(utc).toMatchObject({ zone: 0, names: [[expect.stringContaining('20260329t13'), expect.anything()]] });
  expect(utc.sentences.filter((sentence) => sentence.includes('may be deleted')).length).toBeGreaterThan(1_000);
  for (const [name, offsetMinutes] of [
    ['Pacific/Kiritimati', -840],
    ['America/St_Johns', 150],
    ['Europe/Berlin', -120],
    ['Australia/Lord_Howe', -660],
  ] as const) {
    const { zone, ...said } = planIn(name);
    expect(zone).toBe(offsetMinutes);
    expect(said).toEqual({ names: utc.names, sentences: utc.sentences });
  }
}, 60_000);
