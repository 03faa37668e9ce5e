import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../../build/bundle.ts';
import { packageStack } from '../../build/package.ts';
import { inParallel, mainstay } from '../../demo/stage.ts';
import { openEstate } from '../../local/estate.ts';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import { describeWithEngines } from '../engine.ts';

/** A sample event for every trigger and every function that it reaches. */
const samples: [name: string, event: string][] = [
  ['snapshots', 'schedule-hourly'],
  ['snapshots', 'snapshots-plan'],
  ['snapshots', 'snapshots-continue'],
  ['copies', 'schedule-hourly'],
  ['copies', 'snapshot-event'],
  ['copies', 'snapshots-copies'],
  ['verify', 'verify-list'],
  ['verify', 'verify-database'],
  ['verify-check', 'verify-check'],
  ['guard', 'tick'],
  ['guard', 'observe'],
  ['observer', 'observe-replica'],
  ['witness', 'tick'],
  ['reconciler', 'tick'],
  ['drills', 'tick'],
  ['readiness', 'tick'],
  ['reconciler', 'rds-instance-event'],
  ['reconciler', 'rds-cluster-event'],
  ['reconciler', 'sns-rds-event'],
  ['reconciler', 'alarm-state-change'],
  ['reconciler', 'alarm-direct'],
  ['reconciler', 'sns-alarm'],
  ['reconciler', 'route53-alarm'],
  ['index-objects', 's3-object-created'],
  ['maintain-objects', 'objects-audit'],
  ['maintain-objects', 'objects-backfill'],
  ['query-objects', 'query-objects-total'],
  ['sync', 'dynamodb-stream'],
  ['search', 'search-query'],
  ['logs', 'cloudwatch-logs'],
  ['upkeep', 'search-backfill'],
  ['upkeep', 'search-compare'],
  ['retention', 'schedule-hourly'],
];

const invokeLocal = (env: NodeJS.ProcessEnv, name: string, event: string) =>
  new Promise<{ exitCode: number; said: string }>((resolve) => {
    const args = ['invoke', 'local', '-f', name, '-p', `events/${event}.json`, '--stage', 'local'];
    execFile(
      process.execPath,
      [join(root, 'node_modules/serverless/bin/serverless.js'), ...args],
      { cwd: root, env, timeout: 90_000 },
      (error, stdout, stderr) => resolve({ exitCode: error ? 1 : 0, said: stdout + stderr }),
    );
  });

test('events/ has exactly these samples, and its README names the source of each', async () => {
  const files = (await readdir(join(root, 'events')))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5));
  expect(files.sort()).toEqual([...new Set(samples.map(([, event]) => event))].sort());
  const readme = await readFile(join(root, 'events', 'README.md'), 'utf8');
  for (const file of files) expect(readme).toContain(`\`${file}.json\``);
});

test('without any AWS, serverless invoke local says in one sentence what it lacks, and exits 1', async () => {
  const { AWS_ENDPOINT_URL: _, AWS_ACCESS_KEY_ID: __, ...env } = process.env;
  const { exitCode, said } = await invokeLocal(
    { ...env, AWS_EC2_METADATA_DISABLED: 'true' },
    'query-objects',
    'query-objects-total',
  );
  expect(exitCode).toBe(1);
  expect(said).toMatch(/no AWS to run this against: .* Start one with "npm run local"/);
}, 60_000);

await describeWithEngines(['ministack', 'dynamodb', 'opensearch', 'postgres'], 'serverless invoke local', () => {
  let aws: LocalAws;
  const answers = new Map<string, { exitCode: number; said: string }>();

  beforeAll(async () => {
    const config = await readConfigFile('local');
    await packageStack('local');
    aws = await startLocalAws({ stage: 'local', port: 0, functions: true });
    await openEstate(aws, config, { databases: true, objects: true, documents: true });
    await aws.loadStacks();
    await mainstay({ aws }, 'search', 'prepare');
    // Side by side: the reconciler's tick looks on for most of a minute.
    await inParallel(samples, 3, async ([name, event]) => {
      answers.set(`${name} on ${event}`, await invokeLocal({ ...process.env, ...aws.env() }, name, event));
    });
  }, 420_000);
  afterAll(() => aws?.stop());

  test.each(samples)('runs %s on %s', (name, event) => {
    const { exitCode, said } = answers.get(`${name} on ${event}`) ?? { exitCode: 1, said: 'never run' };
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' });
  });
});
