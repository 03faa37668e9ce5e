import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { seen } from '../../local/rds/example.ts';

const dir = fileURLToPath(new URL('../../local/rds/', import.meta.url));

test('the example of the README runs, and is the one that stands there', async () => {
  expect(seen).toEqual({ progress: 50, events: ['RDS-EVENT-0005', 'RDS-EVENT-0040'] });
  const [, ...code] = (await readFile(`${dir}example.ts`, 'utf8')).split('\n');
  expect(await readFile(`${dir}README.md`, 'utf8')).toContain(`\`\`\`ts\n${code.join('\n')}\`\`\``);
});

const beside = ['local/clock.ts', 'local/virtual-clock.ts', 'local/xml.ts', 'local/gateway/service.ts'];
const besideFolders = ['local/rds/', 'local/dns/', 'local/engines/'];

test('the world needs nothing of the house but what lies beside it in local/', async () => {
  const files = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(40);
  for (const file of files) {
    const text = await readFile(`${dir}${file}`, 'utf8');
    for (const [, from = ''] of text.matchAll(/ from '(\.[^']+)'/g)) {
      const path = join('local/rds', dirname(file), from);
      const isBeside = beside.includes(path) || besideFolders.some((folder) => path.startsWith(folder));
      expect({ file, path, isBeside }).toEqual({ file, path, isBeside: true });
    }
  }
});
