import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mysqlPrimarySql, mysqlReplicaSql } from '../../functions/failover/aws/mysql.ts';
import { type MysqlDatabase, openMysql } from '../../shared/database/mysql.ts';
import { describeWithEngines } from '../engine.ts';
import { openPair, openWriter, policy } from './real/pair.ts';

// setup.mysql.sql on a real server, made by a master user who has what RDS gives one and nothing more.

const HERE = 'eu-west-1';
const THERE = 'eu-central-1';
const guard = { kind: 'secret', secretId: 'guard' } as const;

await describeWithEngines(['postgres', 'mariadb'], 'the SQL of MySQL and MariaDB on a real pair', () => {
  let pair: Awaited<ReturnType<typeof openPair>>;
  beforeAll(async () => {
    pair = await openPair('mariadb');
  }, 90_000);
  afterAll(() => pair?.stop(), 30_000);

  const primary = () => pair.world.admin.instance(HERE, policy.primary.instance);
  const replica = () => pair.world.admin.instance(THERE, policy.replica.instance);
  const at = ({ endpointName, port }: { endpointName: string; port: number }) => ({ host: endpointName, port });
  const sql = mysqlPrimarySql(guard, HERE);
  const view = () => mysqlReplicaSql(guard, THERE).view(at(replica()), ['app']);
  const login = (secretId: string, host = primary().endpointName): Promise<MysqlDatabase> =>
    openMysql({ kind: 'secret', secretId }, { region: HERE, host, timeoutMs: 2_000 });
  const until = async (isSo: () => Promise<boolean>) => {
    for (let tries = 0; tries < 60 && !(await isSo()); tries += 1) await sleep(100);
    expect(await isSo()).toBe(true);
  };

  test('a beat is written, tells where the log stands, and its epoch never goes down', async () => {
    const first = await sql.beat(at(primary()), 1_000, 4);
    const second = await sql.beat(at(primary()), 500, 3);
    expect(first).toMatchObject({ kind: 'wrote', epoch: 4, lsn: expect.stringMatching(/^0-\d+-\d+$/) });
    expect(second).toMatchObject({ kind: 'wrote', epoch: 4 });
    await until(async () => (await view()).heartbeat?.epoch === 4);
    expect((await view()).heartbeat).toEqual({ atMs: 1_000, epoch: 4 });
  });

  test('a replica refuses the probe and is alive; nobody at an address is no server', async () => {
    expect(await sql.beat(at(replica()), 1, 1)).toMatchObject({
      kind: 'answered',
      because: expect.stringContaining('read-only'),
    });
    expect(await sql.beat({ ...at(primary()), port: 3399 }, 1, 1)).toMatchObject({ kind: 'unreachable' });
  });

  test('the guard’s own user can do nothing but what the procedures do', async () => {
    const db = await login('guard');
    for (const statement of [
      'select * from ledger.entry',
      'update mainstay.heartbeat set epoch = 0',
      "call mainstay.set_accounts('app', 'lock')",
      'alter user app account lock',
      'call mysql.rds_kill(1)',
    ]) {
      await expect(db.query(statement)).rejects.toThrow(/denied/i);
    }
    await db.close();
  });

  test('the fence: sessions end, logins are refused, the rest is counted; opened again, they come in', async () => {
    const writer = await openWriter('mariadb');
    await writer.write(1);
    const stranger = await login('master');
    expect(await sql.fence(at(primary()), ['app'])).toBeGreaterThanOrEqual(1);
    await expect(writer.write(2)).rejects.toThrow();
    await writer.close().catch(() => {});
    await expect(openWriter('mariadb')).rejects.toThrow(/locked/i);
    await stranger.close();
    await until(async () => (await sql.fence(at(primary()), ['app'])) === 0);

    await sql.open(at(primary()), ['app']);
    const again = await openWriter('mariadb');
    await again.write(3);
    await again.close();
    expect(
      (await primary().query('select number from ledger.entry order by 1')).map((row) => Number(row.number)),
    ).toEqual([1, 3]);
  });

  test('which application users a fence would pass over', async () => {
    expect((await view()).lacks).toEqual([]);
    const { lacks } = await mysqlReplicaSql(guard, THERE).view(at(replica()), ['app', 'ap', 'mainstay', 'rdsadmin']);
    expect(lacks).toEqual([
      'the user ap is not there',
      expect.stringContaining('the user mainstay cannot be fenced'),
      expect.stringContaining('the user rdsadmin cannot be fenced'),
    ]);
  });

  test('a name that is no account, and one that nobody may lock, lock nobody', async () => {
    await sql.fence(at(primary()), ['nobody-of-this-name', 'mainstay', 'rdsadmin', "x' or '1"]);
    expect((await sql.beat(at(primary()), 2_000, 4)).kind).toBe('wrote');
  });

  test('received and not applied is told, and is gone once it is applied', async () => {
    await until(async () => (await view()).unsettled === undefined);
    // A reader's lock keeps the applier from applying; the receiver goes on.
    const { host, port } = at(replica());
    const blocker = await openMysql(
      { kind: 'secret', secretId: 'master' },
      { region: THERE, host, port, timeoutMs: 5_000 },
    );
    await blocker.query('lock tables ledger.entry read');
    const writer = await openWriter('mariadb');
    await writer.write(10);
    await writer.close();
    await sql.beat(at(primary()), 9_000, 4);
    await until(async () => (await view()).unsettled === 'applying');
    const held = await view();
    expect(held.receivedLsn).not.toBe(held.replayedLsn);
    expect(held.heartbeat?.atMs).toBe(2_000);
    await blocker.close();
    await until(async () => (await view()).unsettled === undefined);
    const after = await view();
    expect([after.receivedLsn, after.heartbeat?.atMs]).toEqual([after.replayedLsn, 9_000]);
  }, 30_000);

  test('a stopped applier drains nothing: what was applied is the truth', async () => {
    await replica().query('stop slave sql_thread');
    await sql.beat(at(primary()), 11_000, 4);
    await sleep(500);
    expect(await view()).toMatchObject({ unsettled: undefined, heartbeat: { atMs: 9_000 }, inRecovery: true });
    await replica().query('start slave sql_thread');
    await until(async () => (await view()).heartbeat?.atMs === 11_000);
  });

  test('what somebody writes to the replica himself is seen, for as long as it is a replica', async () => {
    expect((await view()).errant).toBeUndefined();
    // RDS's own user may write though read_only is 1; a master user may not.
    const master = await login('master', at(replica()).host);
    await expect(master.query('create database theirs')).rejects.toThrow('read-only');
    await master.close();
    await replica().query('create database theirs');
    const { errant, inRecovery, replayedLsn } = await view();
    expect([errant, inRecovery]).toEqual([expect.stringMatching(/^0-\d+-\d+$/), true]);
    expect(replayedLsn).not.toContain(errant);
  });

  test('a cut link: while nothing comes the age grows, from the first look that finds nothing new', async () => {
    await view();
    pair.world.admin.cutLink(THERE, policy.replica.instance);
    await view();
    await sleep(1_200);
    const { lastMessageAgeMs = 0, mayHearAgeMs } = await view();
    expect(mayHearAgeMs).toBeGreaterThan(1_000);
    expect(lastMessageAgeMs).toBeGreaterThan(mayHearAgeMs ?? 0);
    pair.world.admin.healLink(THERE, policy.replica.instance);
    await sql.beat(at(primary()), 12_000, 4);
    await until(async () => ((await view()).mayHearAgeMs ?? Number.POSITIVE_INFINITY) < 500);
  }, 30_000);
});
