import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../../build/bundle.ts';
import { startMinistack } from '../../local/engines/ministack.ts';
import { openRun, type Run } from '../../local/engines/run.ts';
import { describeWithEngines } from '../engine.ts';

// The real `serverless deploy` of the product's own serverless.yml, with unmodified ministack as CloudFormation.

const ACCOUNT = '111122223333';

/** What ministack's CloudFormation does not model. Asserted: a test that strips more than it must would prove less. */
const STRIPPED: string[] = [];

await describeWithEngines(['ministack'], 'serverless deploy', () => {
  let run: Run;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const client = (region: string) => ({
    region,
    endpoint: env.AWS_ENDPOINT_URL as string,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'local' },
  });

  beforeAll(async () => {
    run = await openRun({ owner: 'deploy-test' });
    const { endpoint } = await startMinistack(run);
    folder = await mkdtemp(join(tmpdir(), 'mainstay-deploy-'));
    for (const part of [
      'serverless.yml',
      'package.json',
      'build',
      'shared',
      'functions',
      'resources',
      'config',
      'events',
      'cli',
    ]) {
      await cp(join(root, part), join(folder, part), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'strip.cjs'), stripPlugin);
    const template = await readFile(join(folder, 'serverless.yml'), 'utf8');
    await writeFile(join(folder, 'serverless.yml'), template.replace('plugins:\n', 'plugins:\n  - ./strip.cjs\n'));
    env = {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'local',
      SLS_AWS_MONITORING_FREQUENCY: '250',
      SLS_TELEMETRY_DISABLED: '1',
    };
    await new S3Client({ ...client('eu-west-1'), forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: 'estate-objects' }),
    );
    await new DynamoDBClient(client('eu-west-1')).send(
      new CreateTableCommand({
        TableName: 'documents',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
  }, 120_000);

  afterAll(async () => {
    await run?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const command = (file: string, ...args: string[]) =>
    new Promise<string>((resolve, reject) =>
      execFile(
        process.execPath,
        [join(folder, file), ...args],
        { cwd: folder, env, timeout: 120_000 },
        (error, stdout, stderr) =>
          error ? reject(new Error(`${args.join(' ')}: ${stdout}${stderr}`)) : resolve(stdout + stderr),
      ),
    );
  const serverless = (...args: string[]) =>
    command('node_modules/serverless/bin/serverless.js', ...args, '--stage', 'local');

  test('deploys the primary stack, shows it, and runs a function of it', async () => {
    expect(await serverless('deploy', '--region', 'eu-west-1')).toContain('Service deployed to stack mainstay-local');
    expect(JSON.parse(await readFile(join(folder, 'stripped.json'), 'utf8'))).toEqual(STRIPPED);
    expect(await serverless('info', '--region', 'eu-west-1')).toContain('mainstay-local-index-objects');
    expect(
      await serverless(
        'invoke',
        '-f',
        'query-objects',
        '-p',
        'events/query-objects-total.json',
        '--region',
        'eu-west-1',
      ),
    ).toContain('"objects": 0');
  }, 120_000);

  test('one S3 put becomes a row', async () => {
    await command('cli/mainstay.ts', 'objects', 'attach', 'estate-objects', '--yes');
    await new S3Client({ ...client('eu-west-1'), forcePathStyle: true }).send(
      new PutObjectCommand({ Bucket: 'estate-objects', Key: 'react/index.js', Body: 'x'.repeat(42) }),
    );
    const deadline = Date.now() + 60_000;
    let total = '';
    while (!total.includes('"bytes": 42') && Date.now() < deadline) {
      total = await serverless(
        'invoke',
        '-f',
        'query-objects',
        '-p',
        'events/query-objects-total.json',
        '--region',
        'eu-west-1',
      );
    }
    expect(total).toContain('"objects": 1');
    expect(total).toContain('"bytes": 42');
  }, 120_000);

  test('deploys again over itself, and in the two other regions', async () => {
    expect(await serverless('deploy', '--region', 'eu-west-1', '--force')).toContain(
      'Service deployed to stack mainstay-local',
    );
    expect(await serverless('deploy', '--region', 'eu-central-1')).toContain('mainstay-local-reconciler');
    expect(await serverless('deploy', '--region', 'eu-north-1')).toContain('mainstay-local-witness');
  }, 180_000);

  test('refuses a region that the config does not name', async () => {
    await expect(serverless('deploy', '--region', 'us-east-1')).rejects.toThrow('has no role for region us-east-1');
  }, 60_000);

  test('is removed again', async () => {
    expect(await serverless('remove', '--region', 'eu-north-1')).toContain('successfully removed');
    expect(await serverless('remove', '--region', 'eu-west-1')).toContain('successfully removed');
  }, 120_000);
});

/** Takes away what is listed, and writes down what it took. */
const stripPlugin = `
const { writeFileSync } = require('node:fs');
module.exports = class Strip {
  constructor(serverless) {
    this.hooks = {
      'before:aws:package:finalize:saveServiceState': () => {
        const strip = ${JSON.stringify(STRIPPED)};
        const resources = serverless.service.provider.compiledCloudFormationTemplate.Resources;
        const taken = [];
        for (const [name, { Type }] of Object.entries(resources)) {
          if (strip.includes(name) || strip.includes(Type)) { delete resources[name]; taken.push(strip.includes(name) ? name : Type); }
        }
        if (serverless.service.provider.region === 'eu-west-1') writeFileSync('stripped.json', JSON.stringify([...new Set(taken)]));
      },
    };
  }
};
`;
