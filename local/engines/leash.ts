// One small process per run. Its standard input is a pipe from the run's owner; the kernel closes the other end when the
// owner dies, however it dies. Then everything that the run started is killed, and its directory removed.
// Arguments: run directory, run id. The owner writes "done" first when it has cleaned up by itself.
import { endRun } from './run-dir.ts';

const [dir, id] = process.argv.slice(2);
if (!dir || !id) throw new Error('usage: leash.ts RUN_DIRECTORY RUN_ID');

// What ends a terminal session must not end the one who cleans up after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

let heard = '';
process.stdin.on('data', (chunk) => {
  heard += chunk.toString();
});
process.stdin.on('error', () => {});
process.stdin.on('close', async () => {
  if (!heard.includes('done')) await endRun(dir, id);
  process.exit(0);
});
