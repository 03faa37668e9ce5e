import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

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
    expect((await inputsOf(handler)).filter((input) => /node_modules\/(pg|pg-protocol)\//.test(input))).toEqual([]);
  },
);

test.each(['reconciler', 'readiness'])('the %s cannot delete an instance: the call is not in it', async (handler) => {
  expect((await inputsOf(handler)).filter((input) => input.endsWith('aws/drills/stage.ts'))).toEqual([]);
});

test('the guard logs in, and carries one', async () => {
  expect((await inputsOf('guard')).some((input) => input.includes('node_modules/pg/'))).toBe(true);
});
