import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AddTagsToResourceCommand, CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { bundleOptions, root } from '../../build/bundle.ts';
import type { Command } from '../../cli/command.ts';
import { commands } from '../../cli/snapshots.ts';
import { formatInstant, formatSlot, HOUR_MS, hourStart } from '../../functions/snapshots/core/calendar.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import type { Config } from '../../shared/config/schema.ts';
import { describeWithEngines } from '../engine.ts';
import { account, type Harness, master, openHarness } from '../local-rds/harness.ts';

const run = promisify(execFile);

await describeWithEngines(['postgres'], 'the bundle and the commands, on the local RDS', () => {
  let aws: Harness;
  let dir: string;
  let config: Config;
  let environment: Record<string, string>;
  const region = 'eu-west-1';
  const slotMs = hourStart(Date.now());
  const at = (hours: number) => ({ at: formatInstant(slotMs + hours * HOUR_MS) });

  beforeAll(async () => {
    config = await readConfigFile('local');
    aws = await openHarness({ createMs: 50, snapshotMs: 100 });
    await aws.rds(region).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'orders',
        DBInstanceClass: 'db.t4g.micro',
        Engine: 'mysql',
        AllocatedStorage: 20,
        Tags: [{ Key: 'mainstay:snapshots', Value: 'true' }],
        ...master,
      }),
    );
    await aws.until(region, 'orders', (one) => one.DBInstanceStatus === 'available');
    dir = await mkdtemp(join(tmpdir(), 'mainstay-bundle-'));
    await build({
      ...bundleOptions,
      absWorkingDir: root,
      entryPoints: { 'snapshots/hourly': 'functions/snapshots/handlers/hourly.ts' },
      outdir: dir,
    });
    await writeFile(join(dir, 'package.json'), '{"type":"module"}');
    await writeFile(join(dir, 'config.json'), JSON.stringify(config));
    const { endpoint } = aws.rds(region).config;
    if (endpoint === undefined) throw new Error('the client of the local RDS has an endpoint');
    const { protocol, hostname, port } = await endpoint();
    environment = {
      AWS_ENDPOINT_URL: `${protocol}//${hostname}:${port}`,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'local',
    };
  });
  afterAll(async () => {
    await aws?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const invoke = async (event: unknown, functionAccount = account) => {
    const script = `const { handler } = await import(${JSON.stringify(join(dir, 'snapshots/hourly.js'))});
      const context = { invokedFunctionArn: 'arn:aws:lambda:${region}:${functionAccount}:function:x', getRemainingTimeInMillis: () => 60000, awsRequestId: 'r' };
      const answer = await handler(${JSON.stringify(event)}, context);
      console.log('ANSWER ' + JSON.stringify(answer));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env.PATH ?? '', ...environment },
      maxBuffer: 10_000_000,
    });
    const lines = stdout.trim().split('\n');
    const answer = JSON.parse(lines.find((line) => line.startsWith('ANSWER '))?.slice(7) ?? 'null');
    return { answer, lines: lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)) };
  };
  const schedule = async (scheduledMs: number) => ({
    ...(await sample('schedule-hourly.json')),
    scheduledTime: formatInstant(scheduledMs),
  });
  const sample = async (name: string) => JSON.parse(await readFile(join(root, 'events', name), 'utf8'));

  test('the sample of the schedule takes the snapshot of its slot, once; a lost notice costs nothing; the heartbeat is sent', async () => {
    const first = await invoke(await schedule(slotMs));
    expect(first.answer).toMatchObject({ slot: formatInstant(slotMs), dryRun: false, counts: { created: 1 } });
    // This world has RDS and nothing else: no topic, and no table that could say what people ordered.
    expect(first.answer.lines[0]).toContain('The notice could not be sent');
    expect(first.answer).toMatchObject({ result: 'PARTIAL' });
    expect(first.answer.lines.join('\n')).toContain('The orders could not be seen');
    const heartbeat = first.lines.find((line) => 'RunCompleted' in line);
    expect(heartbeat).toMatchObject({ RunCompleted: 1, service: 'snapshots', stage: 'local', SnapshotsTaken: 1 });
    const second = await invoke(await schedule(slotMs));
    expect(second.answer.counts).toMatchObject({ created: 0, alreadyThere: 1 });
  });

  test('a schedule of long ago is about the slot of now', async () => {
    const { answer } = await invoke(await schedule(slotMs - 5 * HOUR_MS));
    expect(answer).toMatchObject({ slot: formatInstant(slotMs), counts: { created: 0, alreadyThere: 1 } });
  });

  test('a message to go on, without the table that says with what, is an error: it comes again', async () => {
    const body = JSON.stringify({ kind: 'continue', slot: formatInstant(slotMs), part: 1 });
    const event = { Records: [{ messageId: 'm', eventSource: 'aws:sqs', body }] };
    await expect(invoke(event)).rejects.toThrow();
  });

  test('the sample of the command plans and touches nothing', async () => {
    const { answer, lines } = await invoke(await sample('snapshots-plan.json'));
    expect(answer).toMatchObject({ dryRun: true, slot: '2026-11-21T05:00:00Z', expiry: 'plan' });
    expect(lines.some((line) => 'RunCompleted' in line)).toBe(false);
  });

  test('in another account it refuses before any call', async () => {
    await expect(invoke(await sample('schedule-hourly.json'), '999999999999')).rejects.toThrow(
      /refused: this is account/,
    );
  });

  const command = async (verb: string, positionals: string[] = [], values = {}) => {
    const before = { ...process.env };
    Object.assign(process.env, environment);
    try {
      const chosen = commands.find((one) => one.verb === verb) as Command;
      return await chosen.run({ config, account, region, positionals, values, progress: () => {} });
    } finally {
      for (const key of Object.keys(environment)) {
        if (before[key] === undefined) delete process.env[key];
        else process.env[key] = before[key];
      }
    }
  };

  test('plan shows the table with reasons, the forecast, and what would be taken', async () => {
    const { text, json } = await command('plan', [], at(1));
    expect(text).toContain('orders gets a snapshot: its slot is due.');
    const name = `ms-orders-${formatInstant(slotMs).slice(0, 13).replaceAll('-', '').toLowerCase()}-[0-9a-f]{6}`;
    expect(text).toMatch(new RegExp(`orders {2,}${formatSlot(slotMs)} {2,}${name} {2,}keep +hourly`));
    expect(text).toContain('the quota is 100, 1 used, 0 of them by others: it fits.');
    expect(text).toContain('Expiry only plans');
    expect(json).toMatchObject({
      expiry: 'plan',
      create: [{ database: 'orders' }],
      keep: [{ database: 'orders', slot: formatInstant(slotMs) }],
      remove: [],
    });
  });

  test('status and explain say how old the newest good one is, and why', async () => {
    expect((await command('status', [], at(3.5))).text).toMatch(
      new RegExp(`orders +mysql +1 +${formatInstant(slotMs)} +3 h`),
    );
    expect((await command('explain', ['orders'], at(3.5))).text).toContain('never fewer than 2');
    expect(await command('explain', ['nobody'], at(3.5))).toMatchObject({ exitCode: 1 });
    await expect(command('explain')).rejects.toThrow('expected one database or snapshot');
    await expect(command('plan', [], { at: 'noon' })).rejects.toThrow('expected a moment');
  });

  test('a typo in a tag is said by plan, and costs no backup', async () => {
    const { DBInstanceArn } = await aws.describe(region, 'orders');
    await aws.rds(region).send(
      new AddTagsToResourceCommand({
        ResourceName: DBInstanceArn,
        Tags: [{ Key: 'mainstay:snapshots:policy', Value: 'hourly=l2' }],
      }),
    );
    const { json, text } = await command('plan', [], at(1));
    expect(text).toContain('"hourly=l2" needs a whole number');
    expect(json).toMatchObject({ result: 'PARTIAL', create: [{ database: 'orders' }] });
  });
});
