import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../build/bundle.ts';

// What most functions convert with. No dependency of ours: fetched once from the npm registry, into a folder that is not kept.

const VERSION = '3.996.9';
const run = promisify(execFile);

export type Unmarshall = (item: object) => Record<string, unknown>;

/** `unmarshall` of @aws-sdk/util-dynamodb. Throws when there is no registry to get it from. */
export const usualUnmarshall = async (): Promise<Unmarshall> => {
  const cwd = join(root, '.mainstay', 'baselines', `util-dynamodb-${VERSION}`);
  const entry = join(cwd, 'package', 'dist-cjs', 'index.js');
  const isThere = await access(entry).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(cwd, { recursive: true });
    await run('npm', ['pack', '--silent', `@aws-sdk/util-dynamodb@${VERSION}`], { cwd });
    await run('tar', ['xzf', `aws-sdk-util-dynamodb-${VERSION}.tgz`], { cwd });
  }
  return (createRequire(import.meta.url)(entry) as { unmarshall: Unmarshall }).unmarshall;
};
