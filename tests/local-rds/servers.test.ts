import { readFileSync } from 'node:fs';
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  type CreateDBInstanceReadReplicaCommandInput,
  CreateDBSnapshotCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
  waitUntilDBSnapshotAvailable,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { type Harness, master, openHarness } from './harness.ts';

// One story on real servers: each test goes on from where the one before it ended.
const primaryRegion = 'eu-west-1';
const recoveryRegion = 'eu-central-1';
const primaryName = 'ledger-primary.c9example.eu-west-1.rds.amazonaws.com';
const replicaName = 'ledger-replica.c9example.eu-central-1.rds.amazonaws.com';

let aws: Harness;

beforeAll(async () => {
  aws = await openHarness({ engineRestartMs: 700, hostLossNoticeMs: 500 });
  await aws.rds(primaryRegion).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'Ledger-Primary',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      DBName: 'ledger',
      CopyTagsToSnapshot: true,
      Tags: [{ Key: 'team', Value: 'ledger' }],
      ...master,
    }),
  );
  await aws.until(primaryRegion, 'ledger-primary', (one) => one.DBInstanceStatus === 'available');
});

afterAll(() => aws.stop());

const count = async (client: Client): Promise<number> =>
  Number((await client.query<{ n: string }>('SELECT count(*) AS n FROM entries')).rows[0]!.n);

const eventually = async (isTrue: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> => {
  for (const untilMs = Date.now() + timeoutMs; !(await isTrue().catch(() => false)); ) {
    if (Date.now() > untilMs) throw new Error(`this did not become true: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const eventIds = (id: string) =>
  aws.events.filter((event) => event.detail.SourceIdentifier === id).map((event) => event.detail.EventID);

let writer: Client;

test('an instance is a server that its name leads to, with a certificate for that name and no plain text', async () => {
  const { Endpoint } = await aws.describe(primaryRegion, 'ledger-primary');
  expect(Endpoint).toMatchObject({ Address: primaryName, Port: 5432 });
  writer = await aws.login(primaryName);
  await writer.query('CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)');
  await writer.query("INSERT INTO entries (note) SELECT 'first' FROM generate_series(1, 1000)");
  const { rows } = await writer.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
  expect(rows).toEqual([{ ssl: true }]);
  const { Client: Plain } = await import('pg');
  const { address } = aws.world.admin.instance(primaryRegion, 'ledger-primary');
  const plain = new Plain({ host: address, user: 'master', password: master.MasterUserPassword, database: 'ledger' });
  await expect(plain.connect()).rejects.toThrow('no encryption');
  const { Client: Wrong } = await import('pg');
  const otherName = new Wrong({
    host: address,
    user: 'master',
    password: master.MasterUserPassword,
    database: 'ledger',
    ssl: { ca: readFileSync(aws.world.caFile, 'utf8'), servername: 'ledger.estate.internal' },
  });
  await expect(otherName.connect()).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('the master user may fence, but is no superuser', async () => {
  await writer.query("CREATE ROLE app LOGIN PASSWORD 'local-app-password'");
  await writer.query('GRANT ALL ON entries TO app');
  const app = await aws.login(primaryName, { user: 'app', password: 'local-app-password' });
  const ended = new Promise<{ code?: string }>((resolve) => app.once('error', resolve));
  await writer.query('ALTER ROLE app NOLOGIN');
  await writer.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
  expect((await ended).code).toBe('57P01'); // the server's last word comes through the proxy
  await expect(aws.login(primaryName, { user: 'app', password: 'local-app-password' })).rejects.toThrow(
    'not permitted to log in',
  );
  await writer.query('ALTER ROLE app LOGIN');
  await expect(writer.query("ALTER SYSTEM SET fsync = 'on'")).rejects.toThrow('permission denied');
});

test('the log has the line prefix of RDS', async () => {
  await expect(writer.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
  const { logFile } = aws.world.admin.instance(primaryRegion, 'ledger-primary');
  const line =
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC:127\.\d+\.\d+\.\d+\(\d+\):master@ledger:\[\d+\]:ERROR: {2}division by zero$/m;
  // The server answers its client first, and its collector writes the file a moment later.
  await eventually(async () => line.test(readFileSync(logFile, 'utf8')));
});

test('a replica in another region streams what is written', async () => {
  await aws.rds(recoveryRegion).send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: 'ledger-replica',
      SourceDBInstanceIdentifier: 'arn:aws:rds:eu-west-1:111122223333:db:ledger-primary',
    }),
  );
  const replica = await aws.until(recoveryRegion, 'ledger-replica', (one) => one.DBInstanceStatus === 'available');
  expect(replica.ReadReplicaSourceDBInstanceIdentifier).toBe('arn:aws:rds:eu-west-1:111122223333:db:ledger-primary');
  const primary = await aws.describe(primaryRegion, 'ledger-primary');
  expect(primary.ReadReplicaDBInstanceIdentifiers).toEqual(['arn:aws:rds:eu-central-1:111122223333:db:ledger-replica']);
  const reader = await aws.login(replicaName);
  await writer.query("INSERT INTO entries (note) VALUES ('streamed')");
  await eventually(async () => (await count(reader)) === 1001);
  await expect(reader.query("INSERT INTO entries (note) VALUES ('no')")).rejects.toThrow('read-only');
  expect(eventIds('ledger-replica')).toEqual(['RDS-EVENT-0005', 'RDS-EVENT-0046']);
});

test('a snapshot holds the data of its moment, and a restore starts a server on it', async () => {
  await aws
    .rds(primaryRegion)
    .send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'ledger-primary', DBSnapshotIdentifier: 'before' }));
  expect((await aws.describe(primaryRegion, 'ledger-primary')).DBInstanceStatus).toBe('backing-up');
  let isWriting = true;
  const writing = (async () => {
    while (isWriting) await writer.query("INSERT INTO entries (note) SELECT 'during' FROM generate_series(1, 50)");
  })();
  await waitUntilDBSnapshotAvailable(
    { client: aws.rds(primaryRegion), maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
    { DBSnapshotIdentifier: 'before' },
  );
  isWriting = false;
  await writing;
  await aws
    .rds(primaryRegion)
    .send(
      new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'restored', DBSnapshotIdentifier: 'before' }),
    );
  await aws.until(primaryRegion, 'restored', (one) => one.DBInstanceStatus === 'available');
  const restored = await aws.login('restored.c9example.eu-west-1.rds.amazonaws.com');
  expect(await count(restored)).toBeGreaterThanOrEqual(1001);
  const { rows } = await restored.query(
    'SELECT count(*)::int AS whole, count(DISTINCT id)::int AS ids, max(id)::int AS last FROM entries',
  );
  // The copy of a live server ends at one moment: nothing of before is missing, nothing is there twice.
  expect(rows).toEqual([{ whole: rows[0].ids, ids: rows[0].ids, last: rows[0].ids }]);
  await restored.query("INSERT INTO entries (note) VALUES ('on its own')");
  expect(eventIds('before')).toEqual(['RDS-EVENT-0040', 'RDS-EVENT-0042', 'RDS-EVENT-0043']);
});

test('a snapshot of a replica can be restored as a writable server', async () => {
  const rds = aws.rds(recoveryRegion);
  await rds.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'ledger-replica', DBSnapshotIdentifier: 'of-replica' }),
  );
  await aws.until(recoveryRegion, 'ledger-replica', (one) => one.DBInstanceStatus === 'available');
  await rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: 'from-replica',
      DBSnapshotIdentifier: 'of-replica',
    }),
  );
  await aws.until(recoveryRegion, 'from-replica', (one) => one.DBInstanceStatus === 'available');
  const restored = await aws.login('from-replica.c9example.eu-central-1.rds.amazonaws.com');
  await restored.query("INSERT INTO entries (note) VALUES ('writable')");
});

test('a fencing security group keeps new connections out and leaves the open ones', async () => {
  const fence = (groups: string[]) =>
    aws.rds(primaryRegion).send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'ledger-primary',
        VpcSecurityGroupIds: groups,
        ApplyImmediately: true,
      }),
    );
  const { DBInstance } = await fence(['sg-fenced']);
  expect(DBInstance?.VpcSecurityGroups).toEqual([
    { VpcSecurityGroupId: 'sg-open', Status: 'removing' },
    { VpcSecurityGroupId: 'sg-fenced', Status: 'adding' },
  ]);
  await (await aws.login(primaryName)).end(); // not in force yet
  await aws.until(
    primaryRegion,
    'ledger-primary',
    (one) => one.VpcSecurityGroups?.[0]?.Status === 'active' && one.VpcSecurityGroups.length === 1,
  );
  await expect(aws.login(primaryName, { timeoutMs: 400 })).rejects.toThrow('timeout');
  const before = await count(writer);
  await writer.query("INSERT INTO entries (note) VALUES ('the fence has a hole')");
  expect(await count(writer)).toBe(before + 1);
  const reader = await aws.login(replicaName);
  await eventually(async () => (await count(reader)) === before + 1); // replication is not the customer's traffic
  await aws.until(primaryRegion, 'ledger-primary', (one) => one.DBInstanceStatus === 'available');
  await fence(['sg-open']);
  await aws.until(
    primaryRegion,
    'ledger-primary',
    (one) => one.VpcSecurityGroups?.[0]?.VpcSecurityGroupId === 'sg-open',
  );
  await (await aws.login(primaryName)).end();
});

test('a cut link stops replication without a word, and healing it catches up', async () => {
  const reader = await aws.login(replicaName);
  const before = await count(reader);
  aws.world.admin.cutLink(recoveryRegion, 'ledger-replica');
  await writer.query("INSERT INTO entries (note) VALUES ('behind the cut')");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await count(reader)).toBe(before);
  const [receiver] = await aws.world.admin
    .instance(recoveryRegion, 'ledger-replica')
    .query('SELECT status FROM pg_stat_wal_receiver');
  expect(receiver).toEqual({ status: 'streaming' }); // it does not know yet
  aws.world.admin.healLink(recoveryRegion, 'ledger-replica');
  await eventually(async () => (await count(reader)) === before + 1);
});

test('a frozen server answers nobody and goes on when thawed', async () => {
  aws.world.admin.freeze(primaryRegion, 'ledger-primary');
  await expect(aws.login(primaryName, { timeoutMs: 400 })).rejects.toThrow('timeout');
  aws.world.admin.thaw(primaryRegion, 'ledger-primary');
  expect(await count(writer)).toBeGreaterThan(0);
});

test('RDS restarts a killed engine process by itself: refused for a moment, then everything is there', async () => {
  const before = await count(writer);
  aws.world.admin.killProcess(primaryRegion, 'ledger-primary');
  await eventually(async () => {
    const outcome = await aws.login(primaryName, { timeoutMs: 400 }).then(
      () => 'in',
      (error: { code?: string }) => error.code,
    );
    return outcome === 'ECONNREFUSED';
  }, 2_000);
  expect((await aws.describe(primaryRegion, 'ledger-primary')).DBInstanceStatus).toBe('available');
  await eventually(async () => {
    writer = await aws.login(primaryName, { timeoutMs: 400 });
    return true;
  });
  expect(await count(writer)).toBe(before);
  expect(eventIds('ledger-primary').slice(-2)).toEqual(['RDS-EVENT-0004', 'RDS-EVENT-0006']);
  await writer.query("INSERT INTO entries (note) VALUES ('after the restart')");
  const reader = await aws.login(replicaName);
  await eventually(async () => (await count(reader)) === before + 1);
});

test('a lost host stays lost: nothing is answered, nobody is told, and the instance has failed', async () => {
  aws.world.admin.hostLost(primaryRegion, 'ledger-primary');
  await expect(writer.query('SELECT 1')).rejects.toThrow('timeout'); // no reset, no end of stream: silence
  const lost = await aws.until(primaryRegion, 'ledger-primary', (one) => one.DBInstanceStatus === 'failed');
  expect(lost.Endpoint?.Address).toBe(primaryName);
  await expect(aws.login(primaryName, { timeoutMs: 400 })).rejects.toThrow('timeout');
  expect(eventIds('ledger-primary').at(-1)).toBe('RDS-EVENT-0031');
  const [receiver] = await aws.world.admin
    .instance(recoveryRegion, 'ledger-replica')
    .query('SELECT status FROM pg_stat_wal_receiver');
  expect(receiver).toEqual({ status: 'streaming' });
});

test('whether a failed instance takes a fence is not documented: the world does both, and either way it stays failed', async () => {
  const fence = (groups: string[]) =>
    aws
      .rds(primaryRegion)
      .send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'ledger-primary', VpcSecurityGroupIds: groups }));
  aws.world.admin.assume({ failedTakesSecurityGroups: false });
  await expect(fence(['sg-fenced'])).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  aws.world.admin.assume({ failedTakesSecurityGroups: true });
  for (const group of ['sg-fenced', 'sg-open']) {
    await fence([group]);
    const fenced = await aws.until(
      primaryRegion,
      'ledger-primary',
      (one) =>
        one.VpcSecurityGroups?.every((each) => each.VpcSecurityGroupId === group && each.Status === 'active') === true,
    );
    expect(fenced.DBInstanceStatus).toBe('failed');
  }
});

test('a promotion looks available too early twice, and ends in a writable server with no source', async () => {
  const rds = aws.rds(recoveryRegion);
  const reader = await aws.login(replicaName);
  const before = await count(reader);
  const { DBInstance: answered } = await rds.send(
    new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'ledger-replica' }),
  );
  expect(answered?.DBInstanceStatus).toBe('available');
  await expect(
    rds.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'ledger-replica' })),
  ).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  const seen: string[] = [];
  const done = await aws.until(recoveryRegion, 'ledger-replica', (one) => {
    const state = `${one.DBInstanceStatus} ${one.ReadReplicaSourceDBInstanceIdentifier === undefined ? 'alone' : 'replica'}`;
    if (seen.at(-1) !== state) seen.push(state);
    return one.ReadReplicaSourceDBInstanceIdentifier === undefined;
  });
  expect(seen).toEqual([
    'available replica',
    'modifying replica',
    'rebooting replica',
    'backing-up replica',
    'available replica',
    'available alone',
  ]);
  expect(done.BackupRetentionPeriod).toBe(1);
  const promoted = await aws.login(replicaName);
  await promoted.query("INSERT INTO entries (note) VALUES ('second life')");
  expect(await count(promoted)).toBe(before + 1);
  const { rows } = await promoted.query('SELECT pg_is_in_recovery() AS standby');
  expect(rows).toEqual([{ standby: false }]);
  await expect(rds.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'ledger-replica' }))).rejects.toThrow(
    'not a read replica',
  );
});

test('a host that returns takes writes again: the old primary is as dangerous as before', async () => {
  aws.world.admin.return_(primaryRegion, 'ledger-primary');
  await aws.until(primaryRegion, 'ledger-primary', (one) => one.DBInstanceStatus === 'available');
  const zombie = await aws.login(primaryName);
  await zombie.query("INSERT INTO entries (note) VALUES ('split brain')");
  expect(eventIds('ledger-primary').slice(-3)).toEqual(['RDS-EVENT-0020', 'RDS-EVENT-0006', 'RDS-EVENT-0021']);
});

const rebuild = (more: Partial<CreateDBInstanceReadReplicaCommandInput> = {}) =>
  aws.rds(primaryRegion).send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: 'ledger-primary-e1',
      SourceDBInstanceIdentifier: 'arn:aws:rds:eu-central-1:111122223333:db:ledger-replica',
      ...more,
    }),
  );
const rebuiltName = 'ledger-primary-e1.c9example.eu-west-1.rds.amazonaws.com';

test('the promoted one is the source of a new replica in the old region, under a name of its own, beside the old primary', async () => {
  await expect(rebuild({ DBInstanceIdentifier: 'ledger-primary' })).rejects.toMatchObject({
    name: 'DBInstanceAlreadyExistsFault',
  });
  const { DBInstance: answered } = await rebuild({ VpcSecurityGroupIds: ['sg-open'] });
  expect(answered).toMatchObject({
    DBInstanceStatus: 'creating',
    BackupRetentionPeriod: 0,
    ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:eu-central-1:111122223333:db:ledger-replica',
  });
  expect(answered?.Endpoint).toBeUndefined();
  await expect(rebuild()).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  await aws.until(primaryRegion, 'ledger-primary-e1', (one) => one.DBInstanceStatus === 'available');
  expect((await aws.describe(recoveryRegion, 'ledger-replica')).ReadReplicaDBInstanceIdentifiers).toEqual([
    'arn:aws:rds:eu-west-1:111122223333:db:ledger-primary-e1',
  ]);
  const leader = await aws.login(replicaName);
  await leader.query("INSERT INTO entries (note) VALUES ('to the west')");
  const rebuilt = await aws.login(rebuiltName);
  const written = await count(leader);
  await eventually(async () => (await count(rebuilt)) === written);
  // What only the old primary took is not there: it has a history of its own.
  const { rows } = await rebuilt.query("SELECT FROM entries WHERE note = 'split brain'");
  expect(rows).toEqual([]);
  expect(eventIds('ledger-primary-e1')).toEqual(['RDS-EVENT-0005', 'RDS-EVENT-0046']);
});

test('a cut between the regions stops the rebuilt replica, too, and a promotion back gives the old region its leader', async () => {
  const leader = await aws.login(replicaName);
  aws.world.admin.cutLink(primaryRegion, 'ledger-primary-e1');
  await leader.query("INSERT INTO entries (note) VALUES ('behind the second cut')");
  const rebuilt = await aws.login(rebuiltName);
  const before = await count(rebuilt);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await count(rebuilt)).toBe(before);
  aws.world.admin.healLink(primaryRegion, 'ledger-primary-e1');
  await eventually(async () => (await count(rebuilt)) === before + 1);
  await aws
    .rds(primaryRegion)
    .send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'ledger-primary-e1', BackupRetentionPeriod: 7 }));
  await aws.until(primaryRegion, 'ledger-primary-e1', (one) => one.ReadReplicaSourceDBInstanceIdentifier === undefined);
  const back = await aws.login(rebuiltName);
  await back.query("INSERT INTO entries (note) VALUES ('third life')");
  expect(await count(back)).toBe(before + 2);
  expect((await aws.describe(recoveryRegion, 'ledger-replica')).ReadReplicaDBInstanceIdentifiers ?? []).toEqual([]);
});

test('a replica whose source is lost while it is copied has failed, and one of a lost source is refused', async () => {
  aws.world.admin.hostLost(recoveryRegion, 'ledger-replica');
  const statusOf = async (region: string, id: string) => (await aws.describe(region, id)).DBInstanceStatus;
  await rebuild({ DBInstanceIdentifier: 'ledger-primary-e3' }); // RDS has not noticed yet
  await eventually(async () => (await statusOf(primaryRegion, 'ledger-primary-e3')) === 'failed');
  expect(eventIds('ledger-primary-e3')).toEqual(['RDS-EVENT-0202']);
  await eventually(async () => (await statusOf(recoveryRegion, 'ledger-replica')) === 'failed');
  await expect(rebuild({ DBInstanceIdentifier: 'ledger-primary-e4' })).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  expect(aws.errors.splice(0).map(String)).toEqual([expect.stringContaining('ECONNREFUSED')]);
  aws.world.admin.return_(recoveryRegion, 'ledger-replica');
});

test('a stopped instance answers nobody until it is started', async () => {
  const rds = aws.rds(primaryRegion);
  await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'ledger-primary' }));
  await aws.until(primaryRegion, 'ledger-primary', (one) => one.DBInstanceStatus === 'stopped');
  await expect(aws.login(primaryName, { timeoutMs: 400 })).rejects.toThrow('timeout');
  await rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: 'ledger-primary' }));
  await aws.until(primaryRegion, 'ledger-primary', (one) => one.DBInstanceStatus === 'available');
  const again = await aws.login(primaryName);
  expect(await count(again)).toBeGreaterThan(0);
  expect(aws.errors).toEqual([]);
});

test('a snapshot that was planted without data can not be restored', async () => {
  aws.world.admin.plantSnapshot(primaryRegion, { id: 'hollow', instanceId: 'gone', createdAt: aws.clock.now() });
  const { DBInstance } = await aws
    .rds(primaryRegion)
    .send(
      new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'hollow', DBSnapshotIdentifier: 'hollow' }),
    );
  expect(DBInstance?.DBInstanceStatus).toBe('incompatible-restore');
});
