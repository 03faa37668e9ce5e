import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfigFile } from '../shared/config/file.ts';
import { root } from './bundle.ts';

/** Where a region's packaged template lies. */
export const templatePath = (stage: string, region: string): string =>
  join(root, '.mainstay', 'stack', stage, region, 'cloudformation-template-update-stack.json');

/**
 * Runs the real `serverless package` for every region of a stage, bundles included, offline. Gives each region's template;
 * throws with what the framework said. Under MAINSTAY_PACKAGED=1 what was packaged before is taken: `npm test` packages
 * once, and no test may rewrite the bundles that another one runs.
 */
export const packageStack = async (
  stage: string,
  progress: (line: string) => void = () => {},
): Promise<Record<string, string>> => {
  const { regions } = await readConfigFile(stage);
  const templates = Object.fromEntries(Object.values(regions).map((region) => [region, templatePath(stage, region)]));
  if (process.env.MAINSTAY_PACKAGED === '1' && Object.values(templates).every((path) => existsSync(path)))
    return templates;
  for (const [role, region] of Object.entries(regions)) {
    progress(`packaging the ${role} stack (${region})`);
    const target = join(root, '.mainstay', 'stack', stage, region);
    const fresh = `${target}.${process.pid}`;
    await mkdir(fresh, { recursive: true });
    await serverless(['package', '--stage', stage, '--region', region, '--package', fresh]);
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  }
  return templates;
};

const serverless = (args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'serverless', 'bin', 'serverless.js'), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`serverless ${args.join(' ')} ended with ${code}:\n${said.trim()}`)),
    );
  });
