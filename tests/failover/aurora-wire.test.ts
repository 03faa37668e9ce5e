import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { auroraGlobalPrimarySql, auroraGlobalReplicaSql } from '../../functions/failover/aws/aurora-sql.ts';
import type { Heard } from '../../functions/failover/core/evidence.ts';
import type { Reply, Row } from './wire/mysql-server.ts';
import { openWire } from './wire/over-tls.ts';

// What Aurora MySQL says of a global database, at the wire: no Aurora was to be had. The rows are as setup.mysql.sql asks for them.

const HERE = 'eu-west-1';
const THERE = 'eu-central-1';
const login = { kind: 'iam', dbname: 'ledger', username: 'mainstay' } as const;
const NOW_MS = 1_790_000_000_000;
const BEAT: Row = { epoch: '3', at_ms: String(NOW_MS) };
// docs: aurora-global-database-monitoring — the leader's row has the time 1970, and in MySQL a lag of 0.
const LEADER: Row = { region: HERE, lsn: '183537946', lag_ms: '0', compared_ms: '0.0000', asked_ms: `${NOW_MS}.0000` };
const SECONDARY: Row = {
  ...LEADER,
  region: THERE,
  lsn: '183537944',
  lag_ms: '428',
  compared_ms: `${NOW_MS - 72}.0000`,
};

describe('a global database of Aurora MySQL at the wire', () => {
  let wire: Awaited<ReturnType<typeof openWire>>;
  beforeAll(async () => {
    wire = await openWire();
  });
  afterEach(() => wire.stopServers());
  afterAll(() => wire.stop());

  const asked: string[] = [];
  const saying = (change: { volumes?: Row[] | 'unknown'; isReader?: string | null; beat?: Row[] } = {}) => {
    const { volumes = [LEADER, SECONDARY], isReader = '1', beat = [BEAT] } = change;
    asked.length = 0;
    return (sql: string): Reply => {
      asked.push(sql);
      if (sql.includes('volumes') && volumes === 'unknown')
        return { error: { code: 1109, state: '42S02', message: "Unknown table 'aurora_global_db_status'" } };
      if (sql.includes('volumes')) return { rows: volumes as Row[], isOfProcedure: true };
      if (sql.includes('innodb_read_only')) return { rows: [{ is_reader: isReader }] };
      if (sql.includes('accounts')) return { rows: [{ account: 'app', can_be_fenced: '1' }], isOfProcedure: true };
      return { rows: sql.includes('mainstay.heartbeat') ? beat : [] };
    };
  };
  const view = async (change?: Parameters<typeof saying>[0], before?: Heard) =>
    auroraGlobalReplicaSql('mysql', login, THERE).view(await wire.at(saying(change)), ['app'], before);
  const beat = async (change?: Parameters<typeof saying>[0]) =>
    auroraGlobalPrimarySql('mysql', login, HERE).beat(await wire.at(saying(change)), NOW_MS, 3);

  test('a secondary is told by its own volume and the heartbeat on it', async () => {
    expect(await view()).toEqual({
      inRecovery: true,
      lastMessageAgeMs: 500,
      mayHearAgeMs: expect.any(Number),
      receivedLsn: `183537944@${NOW_MS}`,
      replayedLsn: `183537944@${NOW_MS}`,
      heartbeat: { epoch: 3, atMs: NOW_MS },
      lacks: [],
      heard: { marks: `183537944/3/${NOW_MS}`, sinceMs: expect.any(Number), lookedMs: expect.any(Number) },
    });
  });

  test('how far it is, is asked before the heartbeat: what comes between is never counted as there', async () => {
    await view();
    expect(asked.slice(0, 3)).toEqual([
      'call mainstay.volumes()',
      'select @@global.innodb_read_only as is_reader',
      'select epoch, at_ms from mainstay.heartbeat',
    ]);
  });

  test('to which nothing comes it is as old as Aurora compared, and may be as young as who asks remembers', async () => {
    const marks = `183537944/3/${NOW_MS}`;
    const silent = { volumes: [LEADER, { ...SECONDARY, lag_ms: '90000' }] };
    const seen = await view(silent, { marks, sinceMs: Date.now() - 40_000, lookedMs: Date.now() });
    expect(seen.lastMessageAgeMs).toBe(90_072);
    expect(seen.mayHearAgeMs).toBeGreaterThanOrEqual(40_000);
    expect((await view({}, { marks, sinceMs: 0, lookedMs: 0 })).lastMessageAgeMs).toBe(500);
  });

  test.each([
    ['no row of its region', [LEADER]],
    ['no row at all', []],
    ['a time of nothing', [LEADER, { ...SECONDARY, compared_ms: null }]],
    ['a lag of nothing', [LEADER, { ...SECONDARY, lag_ms: null }]],
    ['no such table', 'unknown' as const],
  ])('a server that has %s gives no view: that is no evidence, and no silence', async (_name, volumes) => {
    await expect(view({ volumes })).rejects.toThrow(/volume in eu-central-1|Unknown table/);
  });

  test.each([
    ['nothing', null],
    ['a word', 'OFF'],
  ])('a server that says %s of whether it is a reader gives no view', async (_name, isReader) => {
    await expect(view({ isReader })).rejects.toThrow('does not say whether it is a reader');
  });

  test('without a heartbeat its loss has no bound, and it has no position', async () => {
    expect(await view({ beat: [] })).toMatchObject({
      heartbeat: undefined,
      receivedLsn: undefined,
      replayedLsn: undefined,
    });
  });

  test('one that leads takes writes and hears nobody', async () => {
    const leads = { ...LEADER, region: THERE };
    const seen = await view({ volumes: [leads], isReader: '0' });
    expect([seen.inRecovery, seen.lastMessageAgeMs, seen.mayHearAgeMs]).toEqual([false, undefined, undefined]);
  });

  test('the probe is written, and told with the volume and its own heartbeat', async () => {
    expect(await beat()).toMatchObject({ kind: 'wrote', epoch: 3, lsn: `183537946@${NOW_MS}` });
    expect(asked[0]).toBe(`call mainstay.mark(${NOW_MS}, 3)`);
  });

  test.each([
    ['no such table', 'unknown' as const],
    ['no row', []],
  ])('a write that was accepted is one, though there is %s for the volume', async (_name, volumes) => {
    expect(await beat({ volumes })).toMatchObject({ kind: 'wrote', lsn: '', epoch: 3 });
  });

  test('a write that was refused is an answer', async () => {
    const endpoint = await wire.at(() => ({
      error: { code: 1290, state: 'HY000', message: 'The MySQL server is running with the --read-only option' },
    }));
    expect(await auroraGlobalPrimarySql('mysql', login, HERE).beat(endpoint, NOW_MS, 3)).toMatchObject({
      kind: 'answered',
    });
  });
});
