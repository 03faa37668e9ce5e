// npm run local: the local AWS with the estate and the packaged stacks of the local stage, until Ctrl-C.
import { parseArgs } from 'node:util';
import { packageStack } from '../build/package.ts';
import { readConfigFile } from '../shared/config/file.ts';
import { openEstate } from './estate.ts';
import { type LocalAws, type LocalAwsStatus, startLocalAws } from './local-aws.ts';

const HELP = `npm run local [-- OPTIONS]

Starts a local AWS on real engines: account 111122223333, three regions, one endpoint on 127.0.0.1. It holds the estate
that config/local.yml names and runs the functions of serverless.yml. Ctrl-C stops everything. No AWS account, no Docker.

  --port N   the endpoint's port (4566; 0 for a free one)
  --empty    neither estate nor functions: just the services
  --json     print what runs where as JSON
  --help     this text`;

/** Parses a port; undefined when it is none. */
const portOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return 4566;
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 65_535 ? port : undefined;
};

const readArguments = () => {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        empty: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (portOf(values.port) === undefined)
      throw new Error(`--port expects a number from 0 to 65535, not "${values.port}"`);
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
};

const row = (cells: string[], widths: number[]) =>
  cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd();

/** The table of what runs where. */
const table = ({ parts, missing }: LocalAwsStatus): string => {
  const rows = [
    ['service', 'what it is', 'kind', 'address', 'memory'],
    ...parts.map(({ name, engine, kind, address, memoryMb }) => [
      name,
      engine,
      kind,
      address,
      memoryMb > 0 ? `${memoryMb} MB` : '',
    ]),
    ...missing.map(({ engine, why }) => [engine, `not here: ${why}`, '', '', '']),
  ];
  // A long reason may stick out; it does not push the other columns away.
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.filter(([, what]) => !what?.startsWith('not here')).map((cells) => cells[column]!.length)),
  );
  const [head, ...body] = rows.map((cells) => row(cells, widths));
  return [head, '-'.repeat(head!.length), ...body].join('\n');
};

const exportLines = (env: Record<string, string>) =>
  Object.entries(env)
    .map(([name, value]) => `  export ${name}=${value}`)
    .join('\n');

const values = readArguments();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const startedMs = performance.now();
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

let aws: LocalAws | undefined;
let stopping = false;
const end = async (signal: 'SIGINT' | 'SIGTERM') => {
  const code = signal === 'SIGINT' ? 130 : 143;
  // A second Ctrl-C does not wait: the leash ends what is left.
  if (stopping) process.exit(code);
  stopping = true;
  say('stopping');
  await aws?.stop();
  process.exit(aws ? 0 : code);
};
process.on('SIGINT', end);
process.on('SIGTERM', end);

try {
  const config = await readConfigFile('local');
  aws = await startLocalAws({ stage: 'local', port: portOf(values.port)!, ifMissing: 'skip', progress: say });
  const { missing } = await aws.status();
  const has = (engine: string) => !missing.some((one) => one.engine === engine);
  if (!values.empty && has('ministack') && has('dynamodb')) {
    await packageStack('local', say);
    await openEstate(aws, config, { databases: has('postgres'), objects: true, documents: true, progress: say });
    await aws.loadStacks();
  }
  const status = await aws.status();
  if (values.json) console.log(JSON.stringify({ ...status, env: aws.env() }, null, 2));
  else {
    console.log(`\n${table(status)}\n\nPoint a client at it:\n${exportLines(aws.env())}\n`);
    console.log(
      `Then, for example:  npx mainstay snapshots plan\nWhat it is doing:   curl ${aws.endpoint}/_local/status`,
    );
    console.log('Ctrl-C stops everything.');
  }
} catch (error) {
  if (!stopping) console.error(error instanceof Error ? error.message : error);
  await aws?.stop();
  process.exit(stopping ? 130 : 1);
}
