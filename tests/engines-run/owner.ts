// A process that owns a run, to be killed by a test: it starts what its arguments say and prints what it has.
// Argument: a JSON array of [command, ...args].
import { openRun } from '../../local/engines/run.ts';

const commands = JSON.parse(process.argv[2] ?? '[]') as string[][];
const run = await openRun({ owner: 'to-be-killed' });
const pids: number[] = [];
for (const [command, ...args] of commands)
  pids.push((await run.spawn({ name: 'engine', command: command!, args })).pid);
console.log(JSON.stringify({ dir: run.dir, id: run.id, pids }));
setInterval(() => {}, 1_000);
