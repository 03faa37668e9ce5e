import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mysqlPrimarySql, mysqlReplicaSql } from '../../functions/failover/aws/mysql.ts';
import type { Reply, Row } from './wire/mysql-server.ts';
import { ADDRESS, HOST, openWire } from './wire/over-tls.ts';

// MySQL's own words at the wire, over TLS, with an IAM token: what no MariaDB says.

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const login = { kind: 'iam', dbname: 'ledger', username: 'mainstay' } as const;

// docs (MySQL 8.4): show-replica-status, the columns that are read.
const STATUS: Row = {
  Replica_IO_State: 'Waiting for source to send event',
  Source_Log_File: 'mysql-bin-changelog.000042',
  Read_Source_Log_Pos: '157',
  Relay_Source_Log_File: 'mysql-bin-changelog.000042',
  Replica_IO_Running: 'Yes',
  Replica_SQL_Running: 'Yes',
  Exec_Source_Log_Pos: '157',
  Seconds_Behind_Source: '0',
  Retrieved_Gtid_Set: `${A}:90-100`,
  Executed_Gtid_Set: `${A}:1-100`,
  Channel_Name: '',
};
const STANDING: Row = {
  engine: 'mysql',
  is_read_only: '1',
  applied: `${A}:1-98,\n4350f323-7565-4e59-8763-4b1b83a0ce0e:1-7`,
  age_ms: '41.2500',
  heartbeats: null,
  appliers: '4',
  keeps_order: '1',
  own_id: 'c0ffee00-7565-4e59-8763-4b1b83a0ce0e',
  logged: null,
};
const BEAT: Row = { epoch: '3', at_ms: '9007199254740993' };

describe('MySQL at the wire', () => {
  let wire: Awaited<ReturnType<typeof openWire>>;
  beforeAll(async () => {
    wire = await openWire();
  });
  afterEach(() => wire.stopServers());
  afterAll(() => wire.stop());

  const last = () => wire.servers.at(-1);
  const at: (typeof wire)['at'] = (...told) => wire.at(...told);
  const refusing = (code: number, state: string, message: string) => () => ({ error: { code, state, message } });
  const replying = (change: { status?: Row[]; standing?: Row } = {}) => {
    const { status = [STATUS], standing = STANDING } = change;
    return (sql: string): Reply => {
      if (sql.includes('replica_status')) return { rows: status, isOfProcedure: true };
      if (sql.includes('standing')) return { rows: [standing], isOfProcedure: true };
      if (sql.includes('accounts')) return { rows: [{ account: 'app', can_be_fenced: '1' }], isOfProcedure: true };
      return { rows: sql.includes('heartbeat') ? [BEAT] : [] };
    };
  };
  const view = async (change?: Parameters<typeof replying>[0]) =>
    mysqlReplicaSql(login, 'eu-west-1').view(await at(replying(change)), ['app']);
  const beat = (endpoint: { host: string; port: number }) => mysqlPrimarySql(login, 'eu-west-1').beat(endpoint, 5, 3);

  test('a replica in the words of 8.4: applied over lines, received as a union, its age by the server’s clock', async () => {
    expect(await view()).toEqual({
      inRecovery: true,
      lastMessageAgeMs: 41.25,
      receivedLsn: `${A}:1-100,4350f323-7565-4e59-8763-4b1b83a0ce0e:1-7`,
      replayedLsn: `${A}:1-98,4350f323-7565-4e59-8763-4b1b83a0ce0e:1-7`,
      unsettled: 'applying',
      heartbeat: { epoch: 3, atMs: 9007199254740992 },
      lacks: [],
      heard: { marks: expect.stringContaining('Yes/'), sinceMs: expect.any(Number), lookedMs: expect.any(Number) },
    });
  });

  test('a transaction under the replica’s own UUID came from nobody', async () => {
    const applied = `${A}:1-98,\n${STANDING.own_id}:1-2`;
    expect((await view({ standing: { ...STANDING, applied } })).errant).toBe(`${STANDING.own_id}:1-2`);
    // An earlier setup.mysql.sql says neither.
    const { own_id: _id, logged: _logged, ...earlier } = STANDING;
    expect((await view({ standing: { ...earlier, applied } })).errant).toBeUndefined();
  });

  test('what was applied is asked before what was received: what comes between makes it wait, not go', async () => {
    const asked: string[] = [];
    const answer = replying();
    const endpoint = await at((sql) => {
      asked.push(sql);
      return answer(sql);
    });
    await mysqlReplicaSql(login, 'eu-west-1').view(endpoint, ['app']);
    expect(asked.slice(0, 2)).toEqual(['call mainstay.standing()', 'call mainstay.replica_status()']);
  });

  test('without a clock of the server, but with heartbeats, it counts from what who asks remembers, and else from now', async () => {
    const silent = { standing: { ...STANDING, age_ms: null, heartbeats: '5' } };
    const first = await view(silent);
    expect([first.mayHearAgeMs, first.lastMessageAgeMs]).toEqual([0, undefined]);
    const ago = (ms: number) => Date.now() - ms;
    const before = {
      marks: first.heard?.marks ?? '',
      sinceMs: ago(40_000),
      afterMs: ago(45_000),
      lookedMs: ago(5_000),
    };
    const second = await mysqlReplicaSql(login, 'eu-west-1').view(await at(replying(silent)), ['app'], before);
    expect(second.mayHearAgeMs).toBeGreaterThanOrEqual(40_000);
    expect(second.lastMessageAgeMs).toBeGreaterThanOrEqual(45_000);
  });

  test('a server that says nothing of itself gives no view', async () => {
    const endpoint = await at((sql) =>
      sql.includes('standing') ? { rows: [], isOfProcedure: true } : replying()(sql),
    );
    await expect(mysqlReplicaSql(login, 'eu-west-1').view(endpoint, ['app'])).rejects.toThrow('says nothing of itself');
  });

  test('a promoted one has no status, and takes writes', async () => {
    const seen = await view({ status: [], standing: { ...STANDING, is_read_only: '0' } });
    expect(seen).toMatchObject({ inRecovery: false, receivedLsn: undefined, unsettled: undefined });
    expect([seen.lastMessageAgeMs, seen.mayHearAgeMs]).toEqual([undefined, undefined]);
  });

  test('two channels are two sources: refused', async () => {
    await expect(view({ status: [STATUS, { ...STATUS, Channel_Name: 'other' }] })).rejects.toThrow(
      'more than one source',
    );
  });

  test('the probe: an IAM token goes as it is inside TLS, and the set of GTIDs comes back as one position', async () => {
    const endpoint = await at(() => ({
      rows: [{ lsn: `${A}:1-5,\n4350f323-7565-4e59-8763-4b1b83a0ce0e:9`, kept_epoch: '3' }],
      isOfProcedure: true,
    }));
    expect(await beat(endpoint)).toMatchObject({
      kind: 'wrote',
      epoch: 3,
      lsn: `${A}:1-5,4350f323-7565-4e59-8763-4b1b83a0ce0e:9`,
    });
    expect(last()?.password()).toContain('Action=connect');
    expect(last()?.password()).toContain(`${HOST}:${endpoint.port}`);
  });

  test.each([
    ['read-only', 1290, 'HY000', 'The MySQL server is running with the --read-only option', 'answered'],
    ['a wrong password', 1045, '28000', "Access denied for user 'mainstay'@'%'", 'answered'],
    ['too many connections', 1040, '08004', 'Too many connections', 'answered'],
    ['a server that goes', 1053, '08S01', 'Server shutdown in progress', 'unreachable'],
  ])('%s: %i is told apart', async (_what, code, state, message, kind) => {
    expect(await beat(await at(refusing(code, state, message)))).toEqual({ kind, because: message });
  });

  test('nobody there, and nobody who answers, are no server', async () => {
    const endpoint = await at(() => ({ rows: [] }));
    await wire.servers.pop()?.stop();
    expect((await beat(endpoint)).kind).toBe('unreachable');
    // It takes the connection and says nothing: frozen.
    const { createServer } = await import('node:net');
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, ADDRESS, resolve));
    const { port } = silent.address() as { port: number };
    expect((await beat({ host: HOST, port })).kind).toBe('unreachable');
    silent.close();
  }, 15_000);

  test('one that let the guard in and then says nothing to its statement is no server either', async () => {
    expect((await beat(await at(() => 'silent'))).kind).toBe('unreachable');
  }, 15_000);

  test('a certificate of another name is an answer, and no login: the token is never sent', async () => {
    const endpoint = await at(() => ({ rows: [] }), 'other.c9example.eu-west-1.rds.amazonaws.com');
    expect(await beat(endpoint)).toMatchObject({
      kind: 'answered',
      because: expect.stringMatching(/altnames|certificate/i),
    });
    expect(last()?.password()).toBe('');
  });

  test('a server without TLS is refused: the token is never sent', async () => {
    const endpoint = await at(() => ({ rows: [] }), '');
    expect(await beat(endpoint)).toMatchObject({ kind: 'answered', because: expect.stringMatching(/secure|ssl/i) });
    expect(last()?.password()).toBe('');
  });
});
