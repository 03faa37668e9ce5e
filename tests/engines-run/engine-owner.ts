// A process that owns a run with two real engines, to be killed by a test.
import { startDynamoDb } from '../../local/engines/dynamodb.ts';
import { startMinistack } from '../../local/engines/ministack.ts';
import { openRun } from '../../local/engines/run.ts';

const run = await openRun({ owner: 'to-be-killed' });
const engines = [await startDynamoDb(run), await startMinistack(run)];
console.log(JSON.stringify({ dir: run.dir, id: run.id, pids: engines.map((engine) => engine.process.pid) }));
setInterval(() => {}, 1_000);
