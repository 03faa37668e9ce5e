import {
  AddTagsToResourceCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chance, rdsThrowAways } from '../../functions/snapshots/aws/verification/compose.ts';
import { verificationInventory } from '../../functions/snapshots/aws/verification/inventory.ts';
import { postgresSessions } from '../../functions/snapshots/aws/verification/postgres.ts';
import { hourStart } from '../../functions/snapshots/core/calendar.ts';
import type { Kind } from '../../functions/snapshots/core/inventory.ts';
import { tagsFor } from '../../functions/snapshots/core/tags.ts';
import type { CheckAnswer, CheckRequest } from '../../functions/snapshots/core/verification/check.ts';
import { throwAwayTags } from '../../functions/snapshots/core/verification/throw-away.ts';
import type { Notice } from '../../functions/snapshots/run/ports.ts';
import { runCheck } from '../../functions/snapshots/run/verification/check.ts';
import { memoryVerifications } from '../../functions/snapshots/run/verification/in-memory.ts';
import type { VerificationPorts } from '../../functions/snapshots/run/verification/ports.ts';
import { verifyTick } from '../../functions/snapshots/run/verification/tick.ts';
import { describeWithEngines } from '../engine.ts';
import { type Harness, master, openHarness } from '../local-rds/harness.ts';
import { database } from './samples.ts';
import { verification, verifyingSettings } from './verification-samples.ts';

const region = 'eu-west-1';
const arn = (what: string, id: string) => `arn:aws:rds:${region}:111122223333:${what}:${id}`;

await describeWithEngines(['postgres'], 'restore verification on the local RDS', () => {
  const settings = verifyingSettings({
    securityGroupIds: ['sg-isolated'],
    checks: [{ database: '^ledger$', dbname: 'ledger', query: 'select count(*) from entry', expect: { equals: 5000 } }],
  });
  const notices: Notice[] = [];
  const asked: { request: CheckRequest; answer: CheckAnswer }[] = [];
  const environment = { ...process.env };
  let aws: Harness;
  let ports: VerificationPorts;

  const instances = async () =>
    ((await aws.rds(region).send(new DescribeDBInstancesCommand({}))).DBInstances ?? []).map(
      ({ DBInstanceIdentifier }) => DBInstanceIdentifier,
    );
  const clusters = async () =>
    ((await aws.rds(region).send(new DescribeDBClustersCommand({}))).DBClusters ?? []).map(
      ({ DBClusterIdentifier }) => DBClusterIdentifier,
    );
  const tags = (all: Record<string, string>) => Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
  const tick = (over: Partial<VerificationPorts> = {}, only?: string) => {
    const endMs = Date.now() + 280_000;
    return verifyTick({ ...ports, ...over }, settings, { remainingMs: () => endMs - Date.now() })(only);
  };
  const snapshotOf = async (kind: Kind, id: string) => (await ports.snapshots.list(kind)).find((one) => one.id === id);
  const available = async (kind: Kind, id: string) => {
    for (let tries = 0; tries < 200; tries++) {
      if ((await snapshotOf(kind, id))?.status === 'available') return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${id} stayed in the making`);
  };

  beforeAll(async () => {
    aws = await openHarness({ createMs: 50, snapshotMs: 200, restoreMs: 100, modifyMs: 300, deleteMs: 100 });
    aws.world.admin.securityGroup('sg-isolated', 'all');
    Object.assign(process.env, { MAINSTAY_DNS: aws.dns.address, MAINSTAY_DB_CA: aws.world.caFile });
    const rds = aws.rds(region);
    ports = {
      ...verificationInventory(rds),
      throwAways: rdsThrowAways(rds, settings),
      verifications: memoryVerifications(),
      checks: {
        check: async (request) => {
          const answer = await runCheck(postgresSessions)(request);
          asked.push({ request, answer });
          return answer;
        },
      },
      keys: { state: async () => 'usable' },
      control: { orders: async () => ({ pauses: [], confirmations: [] }) },
      reports: { publish: async (notice) => void notices.push(notice) },
      chance,
      clock: { nowMs: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 20)) },
    };
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'ledger',
        DBInstanceClass: 'db.t4g.micro',
        Engine: 'postgres',
        AllocatedStorage: 20,
        DBName: 'ledger',
        DeletionProtection: true,
        Tags: tags({ 'mainstay:snapshots': 'true' }),
        ...master,
      }),
    );
    const { DbiResourceId, Endpoint } = await aws.until(
      region,
      'ledger',
      (one) => one.DBInstanceStatus === 'available',
    );
    const client = await aws.login(Endpoint?.Address ?? '');
    await client.query('CREATE TABLE entry (number int PRIMARY KEY)');
    await client.query('INSERT INTO entry SELECT generate_series(1, 5000)');
    const ledger = database('ledger', { resourceId: DbiResourceId ?? '', arn: arn('db', 'ledger') });
    await rds.send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier: 'ledger',
        DBSnapshotIdentifier: 'ms-ledger-1',
        Tags: tags(tagsFor(ledger, 'ms-ledger-1', hourStart(Date.now()), settings.stack)),
      }),
    );
    await available('instance', 'ms-ledger-1');
    await client.query('TRUNCATE entry');
  }, 120_000);
  afterAll(async () => {
    await aws?.stop();
    process.env = environment;
  });

  test('a real PostgreSQL: restored, secured, asked over TLS, proven on the snapshot, gone', async () => {
    const report = await tick();
    expect(report).toMatchObject({ result: 'OK', counts: { started: 1, ended: 1, failed: 0, open: 0 } });
    expect(asked.at(-1)?.answer).toMatchObject({ kind: 'ok', value: '5000' });
    expect(asked.at(-1)?.request.host).toMatch(/^msv-ledger-[0-9a-f]{6}\./);
    expect(await instances()).toEqual(['ledger']);
    expect((await snapshotOf('instance', 'ms-ledger-1'))?.tags).toMatchObject({
      'mainstay:verified': 'ok',
      'mainstay:verified-at': expect.any(String),
    });
    expect(notices).toEqual([]);
  }, 120_000);

  test('the throw-away takes the new master password and not that of the original; and it cannot be written to', async () => {
    const seen: unknown[] = [];
    const check = async (request: CheckRequest) => {
      seen.push(await runCheck(postgresSessions)({ ...request, password: master.MasterUserPassword }));
      seen.push(await runCheck(postgresSessions)({ ...request, query: 'delete from entry' }));
      seen.push(await runCheck(postgresSessions)({ ...request, query: 'commit; delete from entry' }));
      const [own] = (await ports.throwAways.tagged()).filter(({ endpoint }) => endpoint?.host === request.host);
      seen.push(own?.tags);
      return runCheck(postgresSessions)(request);
    };
    // What one wrong password and one refused write say is no verdict: only the last answer is.
    const report = await tick({ checks: { check } }, 'ledger');
    expect(report.counts).toMatchObject({ started: 1, ended: 1, failed: 0 });
    const [old, written, smuggled, own] = seen.slice(-4);
    expect(old).toMatchObject({ kind: 'no-answer', because: 'login-refused' });
    expect(written).toMatchObject({ kind: 'query-failed', sentence: expect.stringContaining('read-only') });
    expect(smuggled).toMatchObject({ kind: 'query-failed', sentence: expect.stringContaining('read-only') });
    expect(own).toEqual(throwAwayTags(settings.stack, expect.any(String) as never));
  }, 120_000);

  test('rows that are lost are found: failed on the snapshot, told, and gone all the same', async () => {
    const checks = {
      check: (request: CheckRequest) =>
        runCheck(postgresSessions)({ ...request, query: 'select count(*) from entry where number > 4000' }),
    };
    const report = await tick({ checks }, 'ledger');
    expect(report).toMatchObject({ result: 'FAILED', counts: { ended: 1, failed: 1 } });
    expect((await snapshotOf('instance', 'ms-ledger-1'))?.tags).toMatchObject({ 'mainstay:verified': 'failed' });
    expect(notices.at(-1)?.text).toContain('1000, expected 5000');
    expect(await instances()).toEqual(['ledger']);
  }, 120_000);

  test('on the wire too: a database with both our tags is not touched without its recorded resource id', async () => {
    const record = verification({
      throwAways: [{ kind: 'instance', id: 'ledger', askedMs: 0, resourceId: 'db-OTHER' }],
    });
    await aws.rds(region).send(
      new AddTagsToResourceCommand({
        ResourceName: arn('db', 'ledger'),
        Tags: tags(throwAwayTags(settings.stack, record.name)),
      }),
    );
    const claim = { record, entry: record.throwAways[0]! };
    expect(await ports.throwAways.remove(claim)).toMatchObject({ kind: 'refused' });
    expect(await ports.throwAways.secure(claim, 'a-new-password')).toMatchObject({ kind: 'refused' });
    expect(
      await ports.throwAways.restore({
        record: { ...record, snapshot: { ...record.snapshot, id: 'ms-ledger-1' } },
        entry: claim.entry,
      }),
    ).toEqual({
      kind: 'name-taken',
    });
    const report = await tick();
    expect(report.counts.strays).toBe(1);
    expect(await instances()).toEqual(['ledger']);
  }, 120_000);

  test('an Aurora cluster: restored with one instance, reaches available, and both are gone', async () => {
    const rds = aws.rds(region);
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'shop',
        Engine: 'aurora-mysql',
        Tags: tags({ 'mainstay:snapshots': 'true' }),
        ...master,
      }),
    );
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'shop-1',
        DBClusterIdentifier: 'shop',
        Engine: 'aurora-mysql',
        DBInstanceClass: 'db.r6g.large',
      }),
    );
    await aws.until(region, 'shop-1', (one) => one.DBInstanceStatus === 'available');
    const [cluster] = (await ports.databases.list('cluster')).filter(({ id }) => id === 'shop');
    await rds.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: 'shop',
        DBClusterSnapshotIdentifier: 'ms-shop-1',
        Tags: tags(tagsFor(cluster!, 'ms-shop-1', hourStart(Date.now()), settings.stack)),
      }),
    );
    await available('cluster', 'ms-shop-1');
    const report = await tick({}, 'shop');
    expect(report.lines.join('\n')).toContain('it reached available');
    expect(report.counts).toMatchObject({ started: 1, ended: 1, failed: 0, open: 0 });
    expect((await snapshotOf('cluster', 'ms-shop-1'))?.tags).toMatchObject({ 'mainstay:verified': 'ok' });
    expect(await clusters()).toEqual(['shop']);
    expect((await instances()).sort()).toEqual(['ledger', 'shop-1']);
  }, 120_000);
});
