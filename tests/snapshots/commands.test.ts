import { execFile } from 'node:child_process';
import { join } from 'node:path';
import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../../build/bundle.ts';
import { packageStack } from '../../build/package.ts';
import type { CommandResult } from '../../cli/command.ts';
import { commands } from '../../cli/snapshots.ts';
import { awsControl } from '../../functions/snapshots/aws/compose.ts';
import { rdsSnapshots } from '../../functions/snapshots/aws/rds.ts';
import { HOUR_MS, hourStart } from '../../functions/snapshots/core/calendar.ts';
import { SOURCE_SNAPSHOT } from '../../functions/snapshots/core/copies/tags.ts';
import type { Database } from '../../functions/snapshots/core/inventory.ts';
import { snapshotName } from '../../functions/snapshots/core/names.ts';
import { tagsFor } from '../../functions/snapshots/core/tags.ts';
import { openEstate } from '../../local/estate.ts';
import { type LocalAws, startLocalAws } from '../../local/local-aws.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import type { Config } from '../../shared/config/schema.ts';
import { openDatabase } from '../../shared/database/login.ts';
import { describeWithEngines } from '../engine.ts';

const login = { username: 'master', password: 'local-master-password' };
const region = 'eu-west-1';

await describeWithEngines(['postgres', 'dynamodb', 'ministack'], 'every command, on the local AWS', () => {
  const before = { ...process.env };
  let aws: LocalAws;
  let config: Config;
  let rds: RDSClient;

  beforeAll(async () => {
    config = await readConfigFile('local');
    // The primary region's stack is all that the commands talk to.
    const { [region]: template = '' } = await packageStack('local');
    aws = await startLocalAws({
      port: 0,
      engines: ['postgres', 'dynamodb', 'ministack'],
      templates: { [region]: template },
    });
    Object.assign(process.env, aws.env());
    aws.rds.admin.securityGroup('sg-0open', 'all');
    await openEstate(aws, config, { objects: true, documents: true });
    await aws.loadStacks();
    rds = new RDSClient({ region });
    await rds.send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier: 'orders', DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', DBName: 'shop' },
        ...{ AllocatedStorage: 20, BackupRetentionPeriod: 7, VpcSecurityGroupIds: ['sg-0open'] },
        ...{ MasterUsername: login.username, MasterUserPassword: login.password },
        Tags: [
          { Key: 'mainstay:snapshots', Value: 'true' },
          { Key: 'mainstay:snapshots:copies', Value: 'false' },
        ],
      }),
    );
    await until(async () => (await described('orders'))?.DBInstanceStatus === 'available');
    const SecretString = JSON.stringify({ host: 'unused', port: 5432, dbname: 'shop', ...login });
    await new SecretsManagerClient({ region }).send(new CreateSecretCommand({ Name: 'shop', SecretString }));
    await ask('orders', 'CREATE TABLE sales AS SELECT generate_series(1, 500) AS number');
  }, 240_000);
  afterAll(async () => {
    process.env = before;
    rds?.destroy();
    await aws?.stop();
  });

  const described = async (DBInstanceIdentifier: string) =>
    (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0];
  const until = async (good: () => Promise<boolean>): Promise<void> => {
    for (const endMs = Date.now() + 60_000; !(await good()); ) {
      if (Date.now() > endMs) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const ask = async (host: string, query: string) => {
    const name = host.includes('.') ? host : ((await described(host))?.Endpoint?.Address ?? '');
    const database = await openDatabase(
      { kind: 'secret', secretId: 'shop' },
      { region, host: name, timeoutMs: 10_000 },
    );
    try {
      return await database.query(query);
    } finally {
      await database.close();
    }
  };
  const run = async (
    verb: string,
    positionals: string[] = [],
    values: Record<string, string | boolean> = {},
    over: Partial<Config['snapshots']> = {},
    where = region,
  ): Promise<CommandResult & { json: any }> => {
    const command = commands.find((one) => one.verb === verb);
    if (command === undefined) throw new Error(`no command ${verb}`);
    const call = {
      config: { ...config, snapshots: { ...config.snapshots, ...over } },
      account: config.account,
      region: where,
    };
    const result = await command.run({ ...call, positionals, values, progress: () => {} });
    return { ...result, json: JSON.parse(JSON.stringify(result.json)) };
  };
  /** The one that was taken here; what is planted has no data. */
  const newest = async () => (await rdsSnapshots(rds).list('instance')).find(({ id }) => id === taken);
  let taken = '';

  test('run has the deployed function take the snapshot of its slot, once, and prints its report', async () => {
    const first = await run('run');
    expect(first.json).toMatchObject({ dryRun: false, counts: { created: 1 } });
    expect(first.text).toContain(first.json.sentence);
    expect(first.exitCode).toBe(0);
    expect((await run('run')).json.counts).toMatchObject({ created: 0, alreadyThere: 1 });
    taken = first.json.lines.join(' ').match(/ms-orders-\S+/)?.[0] ?? '';
    await until(async () => (await newest())?.status === 'available');
  });

  test('plan, status, explain and forecast say what there is, with reasons', async () => {
    const plan = await run('plan');
    expect(plan.json).toMatchObject({
      expiry: 'plan',
      keep: [{ database: 'orders' }],
      remove: [],
      frees: { snapshots: 0 },
    });
    expect(plan.text).toMatch(/orders +\d{4}-\d\d-\d\d \d\d:00 +ms-orders-\S+ +keep +hourly/);
    const status = await run('status');
    expect(status.json.databases).toMatchObject([
      { database: 'orders', good: 1, copy: { because: 'switched-off' }, verified: null },
    ]);
    expect(status.text).toMatch(/orders +postgres +1 .* switched off +not tried/);
    const explained = await run('explain', ['orders']);
    expect(explained.text).toContain('never fewer than 2');
    expect(explained.text).toContain('its tag switches copies off');
    expect((await run('explain', [explained.json.snapshots[0].snapshot])).json.databases).toEqual([]);
    expect(await run('explain', ['nobody'])).toMatchObject({ exitCode: 1 });
    const forecast = await run('forecast');
    expect(forecast.json).toMatchObject({
      fits: true,
      forecasts: [{ region, kind: 'instance', databases: 1, used: 1 }],
    });
  });

  test('the databases are asked about where they are: in the recovery region their copies would look like orphans', async () => {
    for (const [verb, positionals] of [
      ['plan', []],
      ['status', []],
      ['explain', ['orders']],
      ['run', []],
    ] as const) {
      const elsewhere = run(verb, [...positionals], {}, {}, 'eu-central-1');
      await expect(elsewhere).rejects.toThrow('the databases of this stage are in eu-west-1');
    }
  });

  test('status says who has paused what, verification too, and whether expiry is armed', async () => {
    await run('pause', ['verification'], { why: 'no room in the subnets' });
    const status = await run('status');
    expect(status.text).toMatch(
      /! Verification is paused by arn:aws\S+ since \S+: no room in the subnets \(no restore/,
    );
    expect(status.text).toContain('Expiry only plans: nothing is deleted until');
    expect(status.json.pauses).toMatchObject([{ part: 'verification', why: 'no room in the subnets' }]);
    await run('resume', ['verification']);
  });

  test('a pause is heeded without a deployment, with who and why, and ends', async () => {
    const paused = await run('pause', ['creation'], { why: 'storage migration' });
    expect(paused.text).toContain('storage migration');
    expect(paused.json.by).toMatch(/^arn:aws/);
    expect((await run('plan')).text).toContain('storage migration');
    expect(await run('resume', ['creation'])).toMatchObject({ exitCode: 0 });
    expect(await run('resume', ['creation'])).toMatchObject({ exitCode: 1 });
    expect((await run('plan')).text).not.toContain('storage migration');
    await expect(run('pause', ['lunch'], { why: 'x' })).rejects.toThrow('expected one of creation, expiry');
    await expect(run('pause')).rejects.toThrow('--why');
  });

  test('a hold is on the snapshot, and nothing of others can be held', async () => {
    const id = (await newest())?.id ?? '';
    expect((await run('hold', [id], { why: 'audit', until: '2999-12-31' })).text).toContain('until 2999-12-31');
    expect((await newest())?.tags).toMatchObject({ 'mainstay:hold-until': '2999-12-31', 'mainstay:hold-why': 'audit' });
    expect((await run('explain', [id])).text).toMatch(/is held until 2999-12-31 by arn:aws\S+: audit\./);
    expect((await run('release', [id])).exitCode ?? 0).toBe(0);
    expect(Object.keys((await newest())?.tags ?? {}).filter((key) => key.startsWith('mainstay:hold'))).toEqual([]);
    aws.rds.admin.plantSnapshot(region, { id: 'before-upgrade', instanceId: 'orders', createdAt: aws.clock.now() });
    expect(await run('hold', ['before-upgrade'], { why: 'x' })).toMatchObject({
      exitCode: 1,
      json: { because: 'not-ours' },
    });
    expect(await run('hold', ['nothing'], { why: 'x' })).toMatchObject({ json: { because: 'not-found' } });
  });

  test('confirm shows what the breaker stopped and lets just that much pass; with nothing stopped it writes nothing', async () => {
    expect(await run('confirm', [], { why: 'x' })).toMatchObject({ exitCode: 1, json: { confirmed: null } });
    expect((await awsControl(config).orders()).confirmations).toEqual([]);
    await plantHistory(30);
    const short = { policy: { keepLast: 2 }, minKeep: 1, maxDeletionsPerRun: 5, copies: undefined };
    const stopped = await run('plan', [], {}, short);
    expect(stopped.text).toContain('let it pass once: mainstay snapshots confirm --why');
    const confirmed = await run('confirm', [], { why: 'policy cut short on purpose' }, short);
    expect(confirmed.json.removals.length).toBe(confirmed.json.confirmed.deletions);
    expect(confirmed.text).toContain('policy cut short on purpose');
    expect((await awsControl(config).orders()).confirmations).toMatchObject([
      { of: 'snapshots', deletions: confirmed.json.confirmed.deletions },
    ]);
    const after = await run('plan', [], {}, short);
    expect(after.json.remove.length).toBe(confirmed.json.confirmed.deletions);
  });

  test('confirm --copies is of the copies alone, and needs them in the config', async () => {
    const before = (await awsControl(config).orders()).confirmations;
    expect(await run('confirm', [], { why: 'x', copies: true })).toMatchObject({
      exitCode: 1,
      text: 'Nothing is confirmed: the circuit breaker stops no deletion of copies now.',
    });
    await expect(run('confirm', [], { why: 'x', copies: true }, { copies: undefined })).rejects.toThrow(
      'no snapshots.copies',
    );
    await tag('mainstay:snapshots:copies', 'true');
    await plantHistory(20, 'eu-central-1', 10);
    const { json, text } = await run('plan', [], { copies: true });
    // Nobody made the key here.
    expect(json).toMatchObject({
      expiry: 'plan',
      databases: [{ database: 'orders', because: 'key-unusable', good: 10 }],
    });
    expect(text).toContain('! The key for copies cannot be used');
    expect(json.keep.length + json.remove.length).toBe(10);
    expect(text).toMatch(/orders +\d{4}-\d\d-\d\d \d\d:00 +ms-orders-\S+ +keep +hourly/);
    expect(text).toContain('eu-central-1: Instances: ');
    const copies = config.snapshots.copies && { ...config.snapshots.copies, policy: { keepLast: 2 }, minKeep: 1 };
    const confirmed = await run(
      'confirm',
      [],
      { why: 'fewer copies', copies: true },
      { copies, maxDeletionsPerRun: 3, creationBrokenAfterHours: 24 },
    );
    await tag('mainstay:snapshots:copies', 'false');
    expect(confirmed.json).toMatchObject({ confirmed: { of: 'copies', deletions: 8, why: 'fewer copies' } });
    expect(confirmed.text).toContain('Up to 8 deletions of copies of slots up to');
    expect((await awsControl(config).orders()).confirmations).toEqual([...before, confirmed.json.confirmed]);
  });

  const tag = (Key: string, Value: string) =>
    rds.send(
      new AddTagsToResourceCommand({
        ResourceName: `arn:aws:rds:${region}:${aws.account}:db:orders`,
        Tags: [{ Key, Value }],
      }),
    );

  /** Hourly ones of ours, without data: of the slots from two hours ago on. Elsewhere they are copies. */
  const plantHistory = async (hours: number, where = region, from = 2) => {
    const { DbiResourceId: resourceId = '', DBInstanceArn: arn = '' } = (await described('orders')) ?? {};
    const orders = { kind: 'instance', id: 'orders', resourceId, arn, tags: {} } as Database;
    for (let age = from; age < hours; age++) {
      const slotMs = hourStart(aws.clock.now()) - age * HOUR_MS;
      const id = snapshotName('ms', 'orders', resourceId, slotMs);
      const tags = Object.entries({
        ...tagsFor(orders, id, slotMs, 'mainstay-local'),
        ...(where !== region && { [SOURCE_SNAPSHOT]: `arn:aws:rds:${region}:${aws.account}:snapshot:${id}` }),
      }).map(([key, value]) => ({ key, value }));
      aws.rds.admin.plantSnapshot(where, { id, instanceId: 'orders', resourceId, createdAt: slotMs + 60_000, tags });
    }
  };

  test('restore plans, says when RDS itself is nearer, and refuses with a sentence', async () => {
    const plan = await run('restore', ['orders'], { to: 'orders-back' });
    expect(plan.json).toMatchObject({ kind: 'plan', to: 'orders-back', snapshot: (await newest())?.id });
    expect(plan.text).toContain(`npx mainstay snapshots restore ${plan.json.snapshot} --to orders-back --yes`);
    expect(plan.text).toContain('is not in it: the last');
    for (const [positionals, values, because] of [
      [['nobody'], {}, 'not-found'],
      [['orders'], { to: 'orders' }, 'name-taken'],
      [['orders'], { at: '2001-01-01T00:00:00Z' }, 'nothing-before'],
    ] as const) {
      const refused = await run('restore', [...positionals], values);
      expect(refused).toMatchObject({ exitCode: 1, json: { kind: 'refused', because } });
    }
    await expect(run('restore', ['orders'], { at: 'noon' })).rejects.toThrow('expected a moment');
  });

  test('restore --region plans from the copies of that region, where nothing of the source is', async () => {
    await plantHistory(3, 'eu-central-1');
    const plan = await run('restore', ['orders'], { region: 'eu-central-1', to: 'orders-there' }, {}, 'eu-central-1');
    expect(plan.json).toMatchObject({ kind: 'plan', database: 'orders', pointInTime: null });
    expect(plan.text).toContain('--to orders-there --region eu-central-1 --yes');
    expect(plan.text).toContain('it comes into the default VPC');
  });

  test('restore --yes makes a database that answers at the endpoint that it prints, with what was in it; again it goes on', async () => {
    const id = (await newest())?.id ?? '';
    await ask('orders', 'DELETE FROM sales');
    const values = { to: 'orders-back', yes: true, 'encrypt-with': 'alias/estate' };
    const done = await run('restore', [id], values);
    expect(done.json).toMatchObject({ kind: 'done', to: 'orders-back' });
    expect(await ask(done.json.endpoint.host, 'SELECT count(*) AS sales FROM sales')).toEqual([{ sales: '500' }]);
    expect((await described('orders-back'))?.StorageEncrypted).toBe(true);
    expect(await run('restore', [id], values)).toMatchObject({ json: { kind: 'done', endpoint: done.json.endpoint } });
    // What was restored is nobody's to snapshot until somebody says so.
    expect((await run('status')).json.databases).toHaveLength(1);
  }, 120_000);

  test('verify lists what was tried, and without a config says so', async () => {
    // What the schedule tried meanwhile is in one of the two.
    expect((await run('verify')).json).toMatchObject({ open: expect.any(Array), recent: expect.any(Array) });
    await expect(run('verify', [], {}, { verification: undefined })).rejects.toThrow('no snapshots.verification');
  });

  test('verify --wait has it restored to a throw-away database and checked, watches until that is gone, and status shows it', async () => {
    const verified = await run('verify', ['orders'], { wait: true });
    expect(verified).toMatchObject({ exitCode: 0, json: { ended: { databaseId: 'orders', result: 'ok' } } });
    expect((await run('status')).json.databases).toMatchObject([{ verified: { result: 'ok' } }]);
    expect((await run('verify')).text).toContain(' of orders restores: the check holds: 1, as expected (1), ');
    expect((await run('explain', ['orders'])).text).toContain('restored to a throw-away database at');
    expect(await run('verify', ['nobody'], { wait: true })).toMatchObject({ exitCode: 1 });
  }, 300_000);

  test('a typo in a tag is said, and costs no snapshot', async () => {
    await tag('mainstay:snapshots:policy', 'hourly=l2');
    const { text, json } = await run('plan', [], { at: new Date(aws.clock.now() + HOUR_MS).toISOString() });
    expect(text).toContain('"hourly=l2" needs a whole number');
    expect(json).toMatchObject({ result: 'PARTIAL', create: [{ database: 'orders' }] });
  });

  const process_ = (...words: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, NODE_OPTIONS: '' };
      execFile(process.execPath, [join(root, 'cli/mainstay.ts'), 'snapshots', ...words], { env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });

  test('as a process: JSON alone on stdout, 0 for done, 1 for refused, 2 for wrong words with the help', async () => {
    const status = await process_('status', '--json');
    expect(status.code).toBe(0);
    expect(JSON.parse(status.out).databases).toHaveLength(1);
    const refused = await process_('restore', 'nobody', '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({ kind: 'refused', because: 'not-found' });
    const wrong = await process_('pause');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('Example');
    const help = await process_('--help');
    for (const { verb } of commands) expect(help.out).toContain(`snapshots ${verb}`);
  });
});
