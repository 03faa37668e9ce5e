// npx node local/engines/measure.ts: how long each engine takes to start, and the memory it holds then.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDynamoDb } from './dynamodb.ts';
import { startMinistack } from './ministack.ts';
import { fetchAll } from './needs.ts';
import { openSearchVersions, startOpenSearch } from './opensearch.ts';
import { freePorts } from './ports.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { familyOf, startedToken } from './processes.ts';
import { type EngineProcess, openRun, type Run } from './run.ts';

const startPostgres = async (run: Run): Promise<EngineProcess> => {
  const { bin, env, ...user } = await postgresBinaries();
  const cwd = await run.temp('pg', user);
  const data = join(cwd, 'data');
  const as = { env, cwd, ...user };
  const initdb = ['-D', data, '-U', 'admin', '-A', 'trust', '-N'];
  await (await run.spawn({ ...as, name: 'initdb', command: join(bin, 'initdb'), args: initdb })).exited;
  return run.spawn({
    ...as,
    name: 'postgres',
    command: join(bin, 'postgres'),
    args: ['-D', data, '-k', cwd, '-h', '127.0.0.1', '-p', String(await freePorts())],
    readyWhen: { line: /ready to accept connections/ },
    stopSignal: 'SIGINT',
  });
};

/** Memory that is its own and not shared with another process, of an engine and its children, in MB. */
const memoryMb = (pid: number): number => {
  const pids = familyOf([{ pid, started: startedToken(pid) ?? '' }]).map((seen) => seen.pid);
  const kilobytes = pids.map((each) =>
    Number(readFileSync(`/proc/${each}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)?.[1]),
  );
  return Math.round(kilobytes.reduce((sum, next) => sum + next, 0) / 1024);
};

const starts: [string, (run: Run) => Promise<EngineProcess>][] = [
  ['PostgreSQL (initdb and start)', startPostgres],
  ['DynamoDB Local', async (run) => (await startDynamoDb(run)).process],
  ...openSearchVersions().map((version): [string, (run: Run) => Promise<EngineProcess>] => [
    `OpenSearch ${version}`,
    async (run) => (await startOpenSearch(run, { version })).process,
  ]),
  ['ministack', async (run) => (await startMinistack(run)).process],
];

await fetchAll();
console.log('| engine | start, s (min / median / max of 3) | memory, MB | stop, s |\n|---|---|---|---|');
for (const [name, start] of starts) {
  const seconds: number[] = [];
  let memory = 0;
  let stopSeconds = 0;
  for (let repeat = 0; repeat < 3; repeat++) {
    const run = await openRun({ owner: 'measure' });
    try {
      const began = performance.now();
      const { pid } = await start(run);
      seconds.push((performance.now() - began) / 1000);
      memory = Math.max(memory, memoryMb(pid));
    } finally {
      const began = performance.now();
      await run.stop();
      stopSeconds = Math.max(stopSeconds, (performance.now() - began) / 1000);
    }
  }
  seconds.sort((a, b) => a - b);
  console.log(
    `| ${name} | ${seconds.map((value) => value.toFixed(1)).join(' / ')} | ${memory} | ${stopSeconds.toFixed(1)} |`,
  );
}
