// npx node local/engines/fetch.ts: every engine into the cache, with progress. Exit code 1 when one can not be had.
import { cacheDir } from './cache.ts';
import { fetchAll } from './needs.ts';

const status = await fetchAll();
for (const [name, { have, why }] of Object.entries(status)) console.log(`${name.padEnd(10)} ${have ? 'ready' : why}`);
console.log(`engines are kept in ${cacheDir()}`);
process.exitCode = Object.values(status).every(({ have }) => have) ? 0 : 1;
