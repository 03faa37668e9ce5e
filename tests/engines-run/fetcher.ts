// A process that fetches a make-believe engine into the cache, slowly. Arguments: name, milliseconds.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir, inCache } from '../../local/engines/cache.ts';

const [name = 'engine', ms = '0'] = process.argv.slice(2);
const place = await inCache(
  name,
  async (dir) => {
    appendFileSync(join(cacheDir(), 'builds.log'), `${process.pid}\n`);
    writeFileSync(join(dir, 'first-half'), '');
    console.log('building');
    await sleep(Number(ms));
    writeFileSync(join(dir, 'second-half'), '');
  },
  { engine: name, progress: (event) => console.log(event.step) },
);
console.log(`at ${place}`);
