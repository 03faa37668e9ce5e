import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { changedStage } from '../../../drill/stages.ts';
import { dynamoRecords } from '../../../functions/failover/aws/record-store.ts';
import type { Receipt } from '../../../functions/failover/core/drills/drill.ts';
import { recordTable } from '../../../functions/failover/run/settings.ts';
import { openEstate } from '../../../local/estate.ts';
import { type LocalAws, startLocalAws } from '../../../local/local-aws.ts';
import { readConfigFile } from '../../../shared/config/file.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { packagedTemplates } from '../../stack.ts';
import type { Engine } from './pair.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** `npx mainstay …`, as a person types it. */
const mainstay = (...args: string[]) =>
  new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      `${root}node_modules/.bin/node`,
      [`${root}cli/mainstay.ts`, ...args],
      { cwd: root, env: process.env, timeout: 400_000, maxBuffer: 1e7 },
      (error, stdout, stderr) => resolve({ exitCode: error ? 1 : 0, stdout, stderr }),
    );
  });

/** The tests of a drill on the local AWS, with a pair of this engine. A file of its own each: a process reads one authority. */
export const rehearsal = (engine: Engine) => () => {
  const before = { ...process.env };
  let aws: LocalAws;
  let config: Config;
  let place: string;

  beforeAll(async () => {
    await packagedTemplates();
    place = await mkdtemp(join(tmpdir(), 'mainstay-rehearsal-'));
    let codeRoot: string | undefined;
    if (engine !== 'postgres') {
      ({ codeRoot } = await changedStage(place, { engine }));
      process.env.MAINSTAY_CONFIG = join(place, 'dist', 'config.json');
    }
    config = await readConfigFile('local');
    aws = await startLocalAws({
      stage: 'local',
      port: 0,
      engines: ['ministack', 'dynamodb', 'postgres'],
      ...(codeRoot && { codeRoot }),
    });
    await openEstate(aws, config, { databases: true });
    Object.assign(process.env, aws.env());
    await aws.loadStacks();
    const rds = new RDSClient({ region: config.regions.primary });
    await rds.send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier: 'ledger-primary',
        DBSnapshotIdentifier: 'before-the-drill',
      }),
    );
    await until(async () => {
      const { DBSnapshots } = await rds.send(
        new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'before-the-drill' }),
      );
      return DBSnapshots?.[0]?.Status === 'available';
    });
    rds.destroy();
    const records = dynamoRecords(recordTable(config), config.regions.recovery);
    await until(async () => (await records.load('ledger'))?.candidate.resourceId !== undefined);
  }, 300_000);
  afterAll(async () => {
    process.env = before;
    await aws?.stop();
    await rm(place, { recursive: true, force: true });
  }, 60_000);

  const until = async (good: () => Promise<boolean>): Promise<void> => {
    for (const endMs = Date.now() + 120_000; !(await good().catch(() => false)); ) {
      if (Date.now() > endMs) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  const instancesIn = async (region: string): Promise<string[]> => {
    const rds = new RDSClient({ region });
    const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
    rds.destroy();
    return DBInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? '');
  };

  test('it fails a throw-away pair over and removes it; the pair itself is as it was', async () => {
    const { stdout, stderr, exitCode } = await mainstay('failover', 'drill', 'ledger', '--json');
    expect(stderr).toBe('');
    const receipt = JSON.parse(stdout) as Receipt;
    process.stderr.write(`${JSON.stringify(receipt, null, 2)}\n`);
    expect(receipt).toMatchObject({ pair: 'ledger', result: 'ok', reason: 'failed-over' });
    expect(exitCode).toBe(0);
    expect(receipt.measured?.rtoSeconds).toBeGreaterThan(10);
    expect(receipt.measured?.rtoSeconds).toBeLessThan(120);
    expect(receipt.measured?.promoteSeconds).toBeGreaterThan(0);
    expect(receipt.measured?.lossSeconds).toBeLessThanOrEqual(30);
    expect(Object.keys(receipt.measured?.phases ?? {})).toEqual(
      expect.arrayContaining(['suspect', 'confirming', 'fencing', 'promoting', 'verifying', 'degraded']),
    );
    expect(await instancesIn(config.regions.primary)).toEqual(['ledger-primary']);
    expect(await instancesIn(config.regions.recovery)).toEqual(['ledger-replica']);
    const route53 = new Route53Client({ region: 'us-east-1' });
    const { ResourceRecordSets = [] } = await route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: config.failover.pairs[0]?.dns.zoneId }),
    );
    route53.destroy();
    expect(ResourceRecordSets.filter(({ Name }) => Name?.includes('drill-'))).toEqual([]);
    const record = await dynamoRecords(recordTable(config), config.regions.recovery).load('ledger');
    expect(record).toMatchObject({ phase: 'healthy', epoch: 0, leader: { instance: 'ledger-primary' } });
    expect(record?.fence).toBeUndefined();
  }, 420_000);

  test('its receipt is listed, and readiness knows how long a promotion took', async () => {
    const { stdout } = await mainstay('failover', 'drill', 'ledger', '--list');
    expect(stdout).toContain('failed-over');
    const readiness = JSON.parse((await mainstay('failover', 'readiness', 'ledger', '--json')).stdout);
    expect(readiness[0].checks.find(({ name }: { name: string }) => name === 'drill')).toMatchObject({
      state: 'ready',
      sentence: expect.stringContaining('The last rehearsal was 0 days ago'),
    });
  }, 60_000);

  test('the half-hourly look says what stands in the way of a failover: nothing', async () => {
    const lambda = new LambdaClient({ region: config.regions.recovery });
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: 'mainstay-local-readiness', Payload: Buffer.from('{"kind":"tick"}') }),
    );
    lambda.destroy();
    expect(FunctionError).toBeUndefined();
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual([{ pair: 'ledger', blocked: [] }]);
  }, 60_000);
};
