import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { packageStack } from '../build/package.ts';

// npm run soak -- WING [--seed N]: the properties of a wing at their long counts, with a fresh seed that is printed.

const wings = ['snapshots', 'failover', 'object-index', 'search-sync'];
const [wing = '', flag, value] = process.argv.slice(2);
const seed = flag === '--seed' ? Number(value) : randomInt(2 ** 31);

if (!wings.includes(wing) || !Number.isSafeInteger(seed)) {
  console.log(
    `npm run soak -- WING [--seed N]\n\nWING is one of ${wings.join(', ')}.\n\nExample\n  npm run soak -- object-index --seed 42`,
  );
  process.exit(2);
}
console.log(`soak of ${wing}, seed ${seed}: the same again by "npm run soak -- ${wing} --seed ${seed}"`);
await packageStack('local');
const started = performance.now();
const jest = [
  join('node_modules', 'jest', 'bin', 'jest.js'),
  '--selectProjects',
  wing,
  '--maxWorkers=2',
  '--testTimeout=3600000',
];
const child = spawn(process.execPath, ['--experimental-vm-modules', '--no-warnings', ...jest], {
  stdio: 'inherit',
  env: { ...process.env, MAINSTAY_SOAK: '1', MAINSTAY_PACKAGED: '1', MAINSTAY_SEED: String(seed) },
});
child.on('close', (code) => {
  console.log(
    `${code === 0 ? 'OK' : 'NOT OK'} after ${((performance.now() - started) / 1000).toFixed(0)} s, seed ${seed}`,
  );
  process.exitCode = code ?? 1;
});
