import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../build/bundle.ts';

export interface TreeFile {
  /** The object's key: the path below node_modules. */
  key: string;
  path: string;
  sizeBytes: number;
}

const tree = join(root, 'node_modules');
const MAX_KEY_BYTES = 1024;

/** The package that a key belongs to; whole packages, so that a customer's total is its folder's. */
export const packageOf = (key: string): string => /^(@[^/]+\/[^/]+|[^/]+)\//.exec(key)?.[1] ?? 'unknown';

/** Real input: the files of the first installed packages, in order of name, until there are at least `atLeast` of them. */
export const packageFiles = async (atLeast: number): Promise<TreeFile[]> => {
  const found: TreeFile[] = [];
  const names: string[] = [];
  for await (const name of glob(['*/package.json', '@*/*/package.json'], { cwd: tree }))
    names.push(name.slice(0, -'/package.json'.length));
  for (const name of names.sort()) {
    if (found.length >= atLeast) break;
    for await (const entry of glob('**/*', { cwd: join(tree, name), withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const key = path.slice(tree.length + 1);
      if (Buffer.byteLength(key) > MAX_KEY_BYTES) continue;
      found.push({ key, path, sizeBytes: (await stat(path)).size });
    }
  }
  return found;
};

export interface Manifest {
  id: string;
  [attribute: string]: unknown;
}

/** Real documents: every installed package's manifest, its name and version as the key. */
export const manifests = async (): Promise<Manifest[]> => {
  const found = new Map<string, Manifest>();
  for await (const file of glob(['*/package.json', '@*/*/package.json'], { cwd: tree })) {
    const manifest = JSON.parse(await readFile(join(tree, file), 'utf8'));
    if (typeof manifest.name !== 'string') continue;
    const id = `${manifest.name}@${manifest.version}`;
    found.set(id, { ...manifest, id });
  }
  return [...found.values()];
};

/** More real documents: lines of the installed packages' Markdown files, each under its file and number. Throws when there are fewer. */
export const lineDocuments = async (count: number): Promise<Manifest[]> => {
  const found: Manifest[] = [];
  const files: string[] = [];
  for await (const file of glob(['*/*.md', '@*/*/*.md'], { cwd: tree })) files.push(file);
  for (const file of files.sort()) {
    const lines = (await readFile(join(tree, file), 'utf8')).split('\n');
    for (const [at, text] of lines.entries()) {
      if (text.trim() === '') continue;
      found.push({ id: `${file}#${at + 1}`, package: packageOf(file), line: at + 1, text, letters: text.length });
      if (found.length === count) return found;
    }
  }
  throw new Error(`${files.length} Markdown files have ${found.length} lines, and ${count} were asked for`);
};
