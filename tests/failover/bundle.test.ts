import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { buildFor } from '../../build/bundle.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import type { Config } from '../../shared/config/schema.ts';

const inputsOf = async (handler: string): Promise<string[]> => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../../functions/failover/handlers/${handler}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    outfile: 'out.js',
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
};

test.each(['reconciler', 'witness', 'drills', 'readiness'])(
  'the %s does not log in, and carries no SQL driver',
  async (handler) => {
    expect((await inputsOf(handler)).filter((input) => /node_modules\/(pg|pg-protocol|mysql2)\//.test(input))).toEqual(
      [],
    );
  },
);

test.each(['reconciler', 'readiness'])('the %s cannot delete an instance: the call is not in it', async (handler) => {
  expect((await inputsOf(handler)).filter((input) => input.endsWith('aws/drills/stage.ts'))).toEqual([]);
});

test('a driver that no pair of the config needs is in no bundle', async () => {
  const outdir = await mkdtemp(join(tmpdir(), 'mainstay-bundle-'));
  try {
    const driverIn = async (config: Config) =>
      Object.keys((await buildFor(config, outdir)).inputs).some((input) => input.includes('node_modules/mysql2/'));
    const config = await readConfigFile('local');
    expect(await driverIn(config)).toBe(false);
    for (const engine of ['mariadb', 'aurora-mysql'] as const) {
      const pairs = config.failover.pairs.map((pair) => ({ ...pair, engine }));
      expect(await driverIn({ ...config, failover: { ...config.failover, pairs } })).toBe(true);
    }
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}, 60_000);

test('the guard logs in, and carries one', async () => {
  expect((await inputsOf('guard')).some((input) => input.includes('node_modules/pg/'))).toBe(true);
});
