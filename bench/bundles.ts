import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { buildBundles, bundleOptions, handlerFiles, root } from '../build/bundle.ts';
import { type Benchmark, inTurn, type Measure } from './measure.ts';

// A function that does a whole wing's work is up to a sixth of its libraries: the rehearsal of a failover holds the failover.
// The largest holds the clients of OpenSearch, S3, DynamoDB and SQS; what one of these pulls in by mistake still shows.
const SIZE_RATIO = 1.2;
const SIZE_LIMIT_BYTES = 950_000;
const IMPORT_RATIO = 1.2;
// A function without the SDK imports so little that opening its logger shows: a difference as small as this is none to a caller.
const IMPORT_SLACK_MS = 40;

/** A bundle's size and cold import, against a bundle that only imports the same names of the same libraries. */
export const bundles: Benchmark = {
  name: 'bundles',
  summary: 'each bundle: size and cold import, against one that only imports the same libraries',
  run: (progress) =>
    overBundles(async (name, bundle, baseline) => {
      const measures = [await sizeOf(name, bundle, baseline), await importOf(name, bundle, baseline)];
      progress(name);
      return measures;
    }),
};

/** Cold imports with few repeats; one that misses is measured again at length and by its best run, for a machine has bad moments. */
export const bundleImports = (): Promise<Measure[]> =>
  overBundles(async (name, bundle, baseline) => {
    const quick = await importOf(name, bundle, baseline, 3);
    return [quick.met ? quick : await importOf(name, bundle, baseline, 15, 'min')];
  });

/** Sizes alone: what the budget test asks, quick enough for every run. */
export const bundleSizes = (): Promise<Measure[]> =>
  overBundles(async (name, bundle, baseline) => [await sizeOf(name, bundle, baseline)]);

/** Measures every bundle in turn, each beside its baseline; both are built aside and removed. */
const overBundles = async (
  measure: (name: string, bundle: string, baseline: string) => Promise<Measure[]>,
): Promise<Measure[]> => {
  const { metafile, scratch } = await buildAside();
  try {
    const measures: Measure[] = [];
    for (const { wing, name } of await handlerFiles()) {
      const output = `${relative(root, scratch)}/${wing}/${name}.js`;
      const baseline = await baselineFor(metafile, output, scratch, `baseline-${wing}-${name}`);
      measures.push(...(await measure(`${wing}/${name}`, join(scratch, wing, `${name}.js`), baseline)));
    }
    return measures;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/** Builds into a folder of its own: dist/ may be in use by a local AWS. */
const buildAside = async () => {
  await mkdir(join(root, '.mainstay'), { recursive: true });
  const scratch = await mkdtemp(join(root, '.mainstay', 'bench-'));
  return { scratch, metafile: await buildBundles('local', scratch) };
};

const sizeOf = async (name: string, bundle: string, baseline: string): Promise<Measure> => {
  const [value, base] = [(await stat(bundle)).size, (await stat(baseline)).size];
  const ratio = value / base;
  return {
    name: `${name} size`,
    value,
    unit: 'bytes',
    baseline: base,
    ratio,
    goal: `≤ ${SIZE_RATIO} × and ≤ ${SIZE_LIMIT_BYTES} bytes`,
    met: ratio <= SIZE_RATIO && value <= SIZE_LIMIT_BYTES,
  };
};

const importOf = async (
  name: string,
  bundle: string,
  baseline: string,
  repeats = 9,
  by: 'median' | 'min' = 'median',
): Promise<Measure> => {
  const { a, b } = await inTurn(
    () => coldImportMs(bundle),
    () => coldImportMs(baseline),
    { warmUps: 1, repeats },
  );
  const [value, base] = [a[by], b[by]];
  const ratio = value / base;
  return {
    name: `${name} cold import`,
    value,
    unit: `ms (${by})`,
    baseline: base,
    ratio,
    goal: `≤ ${IMPORT_RATIO} × or ${IMPORT_SLACK_MS} ms more`,
    met: ratio <= IMPORT_RATIO || value - base <= IMPORT_SLACK_MS,
  };
};

const run = promisify(execFile);

/** Milliseconds that a fresh process takes to import a file. */
const coldImportMs = async (file: string): Promise<number> => {
  const script = `const t=performance.now();await import(${JSON.stringify(pathToFileURL(file).href)});console.log(performance.now()-t)`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, AWS_REGION: 'eu-west-1' },
  });
  return Number(stdout.trim().split('\n').at(-1));
};

/** Builds the baseline: every name that our sources in this bundle import from a library, and nothing of ours. */
const baselineFor = async (metafile: Metafile, output: string, scratch: string, name: string): Promise<string> => {
  const inputs = Object.entries(metafile.outputs[output]?.inputs ?? {}).filter(
    ([, { bytesInOutput }]) => bytesInOutput > 0,
  );
  const sources = inputs.map(([input]) => input).filter((input) => !input.includes('node_modules'));
  // A file may import a client that this bundle shook off: it is no part of the baseline either.
  const isIn = (library: string) =>
    inputs.some(([input]) =>
      input.includes(
        `node_modules/${library
          .split('/')
          .slice(0, library.startsWith('@') ? 2 : 1)
          .join('/')}/`,
      ),
    );
  if (sources.length === 0) throw new Error(`${output} was not built`);
  const names = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const [library, imported] of libraryImports(await readFile(join(root, source), 'utf8'))) {
      if (isIn(library)) names.set(library, (names.get(library) ?? new Set()).union(imported));
    }
  }
  const lines = [...names].map(([library, imported], index) =>
    imported.has('default')
      ? `import default${index} from '${library}'; export { default${index} };`
      : `export { ${[...imported].map((one, at) => `${one} as _${index}_${at}`).join(', ')} } from '${library}';`,
  );
  const entry = join(scratch, `${name}.entry.js`);
  const outfile = join(scratch, `${name}.js`);
  await writeFile(entry, lines.join('\n'));
  await build({ ...bundleOptions, absWorkingDir: root, entryPoints: [entry], outfile });
  return outfile;
};

/** The value imports of a source from packages: library → names (`default` for a default import). */
export const libraryImports = (source: string): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>();
  for (const [, what = '', library = ''] of source.matchAll(/^import\s+(?!type\b)([^;]*?)\s+from\s+'([^']+)';/gms)) {
    if (library.startsWith('.') || library.startsWith('node:')) continue;
    const names = (/\{([^}]*)\}/.exec(what)?.[1] ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '' && !one.startsWith('type '))
      .map((one) => one.split(/\s+as\s+/)[0] as string);
    const first = what.split('{')[0]?.replace(',', '').trim() ?? '';
    const all = new Set([...names, ...outsideBraces(first, source)]);
    if (all.size > 0) found.set(library, (found.get(library) ?? new Set()).union(all));
  }
  return found;
};

/** A default import is one name; of a namespace import only the members that the source touches count, as in the bundle. */
const outsideBraces = (first: string, source: string): string[] => {
  if (first === '') return [];
  const namespace = /^\*\s+as\s+(\w+)$/.exec(first)?.[1];
  if (namespace === undefined) return ['default'];
  return [...source.matchAll(new RegExp(`\\b${namespace}\\.(\\w+)`, 'g'))]
    .map(([, member]) => member as string)
    .filter((member) => /^[a-z]/.test(member));
};
