import { parseArgs } from 'node:util';
import { packageStack } from '../build/package.ts';
import { openEstate } from '../local/estate.ts';
import { startLocalAws } from '../local/local-aws.ts';
import { readConfigFile } from '../shared/config/file.ts';
import { failover } from './failover.ts';
import { objectIndex } from './object-index.ts';
import { reportOf } from './report.ts';
import { searchSync } from './search-sync.ts';
import { snapshots } from './snapshots.ts';
import type { Finding, Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const BEFORE_THE_HOUR_MS = 15_000;

const wings = { snapshots, 'object-index': objectIndex, 'search-sync': searchSync, failover } as const;
type Wing = keyof typeof wings;

const help = `npm run demo [-- options]: the four capabilities, on real input, on the local AWS

  --only WING   one of ${Object.keys(wings).join(', ')}; may be repeated
  --keep        leave everything running afterwards and print what to try
  --json        print the closing table as JSON

Example
  npm run demo -- --only failover --keep`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    keep: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const unknown = values.only?.filter((name) => !(name in wings)) ?? [];
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `no wing "${unknown.join('", "')}"\n\n${help}` : help);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const chosen = (Object.keys(wings) as Wing[]).filter((name) => values.only?.includes(name) ?? true);
const needs = (...names: Wing[]) => names.some((name) => chosen.includes(name));

const startedMs = performance.now();
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
const config = await readConfigFile('local').catch(giveUp);
await packageStack('local', say).catch(giveUp);

const aws = await startLocalAws({
  stage: 'local',
  port: 0,
  functions: true,
  engines: [
    'ministack',
    'dynamodb',
    ...(needs('snapshots', 'failover', 'search-sync') ? (['postgres'] as const) : []),
    ...(needs('search-sync') ? (['opensearch'] as const) : []),
  ],
  progress: say,
}).catch(giveUp);
process.on('SIGINT', () => void aws.stop().finally(() => process.exit(130)));
process.on('SIGTERM', () => void aws.stop().finally(() => process.exit(143)));

const findings: Finding[] = [];
try {
  say('estate: the resources that a customer already has');
  const estate = await openEstate(aws, config, {
    databases: needs('snapshots', 'failover'),
    objects: needs('object-index'),
    documents: needs('search-sync'),
    progress: say,
  });
  // To just before the hour, so that the hourly schedule fires without a jump over an hour of ticks: none is armed yet.
  await aws.clock.advance(HOUR_MS - ((aws.clock.now() + BEFORE_THE_HOUR_MS) % HOUR_MS));
  await aws.loadStacks();
  const stage: Stage = { aws, config, estate, say };
  for (const wing of chosen) {
    findings.push(
      ...(await wings[wing](stage).catch((error: unknown): Finding[] => [
        {
          wing: wing.replace('-', ' '),
          did: 'did not finish',
          check: error instanceof Error ? error.message : String(error),
          ok: false,
        },
      ])),
    );
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const verdict = findings.every(({ ok }) => ok) ? 'OK' : 'NOT OK';
  const summary = ['', reportOf(findings), '', `${verdict} in ${seconds} s`].join('\n');
  console.log(values.json ? JSON.stringify(findings, null, 2) : summary);
  if (values.keep) await keepRunning();
} finally {
  await aws.stop();
}
process.exit(findings.length > 0 && findings.every(({ ok }) => ok) ? 0 : 1);

/** What is lacking, in the words of whoever lacks it: a port, an engine, a right setting. Nothing runs then. */
function giveUp(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function keepRunning(): Promise<void> {
  const exports = Object.entries(aws.env()).map(([name, value]) => `export ${name}=${value}`);
  console.log(
    [
      '',
      'It goes on running. In another terminal:',
      ...exports.map((line) => `  ${line}`),
      '  npx mainstay failover status',
      '  npx mainstay snapshots plan',
      '  npx mainstay objects total',
      '  npx mainstay search query "transform streams" --index documents',
      '  npx serverless invoke local -f query-objects -p events/query-objects-total.json',
      '',
      'Ctrl-C stops everything.',
    ].join('\n'),
  );
  await new Promise(() => {});
}
