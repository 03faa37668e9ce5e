// Where MariaDB's programs are, as the system's packages install them, and the user who may run them.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EngineError } from './engine-error.ts';

export type MariadbBinaries = {
  readonly server: string;
  readonly install: string;
  readonly backup: string;
  /** The whole environment that they need. */
  readonly env: Record<string, string>;
  /** Whom to run them as; set when we are root. */
  readonly uid?: number;
  readonly gid?: number;
};

const programs = { server: 'mariadbd', install: 'mariadb-install-db', backup: 'mariadb-backup' } as const;

const folders = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
];

const placeOf = (program: string): string | undefined =>
  folders.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** Why MariaDB can not be had, in one sentence; undefined when it can. */
export const missingMariadb = async (): Promise<string | undefined> => {
  const missing = Object.values(programs).filter((program) => placeOf(program) === undefined);
  if (missing.length === 0) return undefined;
  return `MariaDB is not installed (${missing.join(', ')}): on Debian and Ubuntu, apt-get install --no-install-recommends mariadb-server mariadb-backup.`;
};

/** MariaDB's programs; throws EngineError where they are not installed. */
export const mariadbBinaries = async (): Promise<MariadbBinaries> => {
  const missing = await missingMariadb();
  if (missing) throw new EngineError(missing);
  const [server = '', install = '', backup = ''] = Object.values(programs).map(placeOf);
  const env = { PATH: [...new Set(folders)].join(delimiter), LANG: 'C', LC_ALL: 'C' };
  return { server, install, backup, env, ...(process.getuid?.() === 0 ? unprivilegedUser() : {}) };
};

/** mariadbd refuses to run as root. */
const unprivilegedUser = (): { uid: number; gid: number } => {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['mysql', 'nobody'].map((name) => users.find((user) => user[0] === name)).find(Boolean);
  if (found === undefined)
    throw new EngineError('MariaDB refuses to run as root, and neither a user `mysql` nor `nobody` exists: add one.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
};
