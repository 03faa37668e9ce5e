import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { heardAfter, marksOf, replicaView, type Standing, type StatusRow } from './replica-status.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

const maria: Standing = {
  engine: 'mariadb',
  isReadOnly: true,
  applied: '0-1-100',
  heartbeats: '7',
  appliers: 0,
  keepsOrder: true,
};
const mariaRow: StatusRow = {
  Slave_IO_Running: 'Yes',
  Slave_SQL_Running: 'Yes',
  Master_Log_File: 'bin.000002',
  Read_Master_Log_Pos: 900,
  Relay_Master_Log_File: 'bin.000002',
  Exec_Master_Log_Pos: 900,
  Using_Gtid: 'Slave_Pos',
  Gtid_IO_Pos: '0-1-100',
};
const mysql: Standing = {
  engine: 'mysql',
  isReadOnly: true,
  applied: `${A}:1-100`,
  ageMs: 40,
  appliers: 4,
  keepsOrder: true,
};
const mysqlRow: StatusRow = {
  Replica_IO_Running: 'Yes',
  Replica_SQL_Running: 'Yes',
  Source_Log_File: 'bin.000002',
  Read_Source_Log_Pos: 900,
  Relay_Source_Log_File: 'bin.000002',
  Exec_Source_Log_Pos: 900,
  Retrieved_Gtid_Set: `${A}:90-100`,
};

const heardAt = (sinceMs: number) => ({ marks: '', sinceMs });
const ofMaria = (row: StatusRow = {}, standing: Partial<Standing> = {}) =>
  replicaView([{ ...mariaRow, ...row }], { ...maria, ...standing }, heardAt(9_000), 10_000);
const ofMysql = (row: StatusRow = {}, standing: Partial<Standing> = {}) =>
  replicaView([{ ...mysqlRow, ...row }], { ...mysql, ...standing }, heardAt(9_000), 10_000);

describe('in the words of both engines', () => {
  test('a MariaDB replica that follows: what it applied and received, and for how long its marks are the same', () => {
    expect(ofMaria()).toEqual({
      inRecovery: true,
      lastMessageAgeMs: 1_000,
      receivedLsn: '0-1-100',
      replayedLsn: '0-1-100',
      unsettled: undefined,
      heard: heardAt(9_000),
    });
  });

  test("a MySQL replica that follows: the server's own age, and what was applied counts as received", () => {
    expect(ofMysql()).toEqual({
      inRecovery: true,
      lastMessageAgeMs: 40,
      receivedLsn: `${A}:1-100`,
      replayedLsn: `${A}:1-100`,
      unsettled: undefined,
      heard: heardAt(9_000),
    });
  });

  test('a set of GTIDs that is written over lines is one position', () => {
    expect(ofMysql({}, { applied: `${A}:1-100,\n4350f323-7565-4e59-8763-4b1b83a0ce0e:1` }).replayedLsn).toBe(
      `${A}:1-100,4350f323-7565-4e59-8763-4b1b83a0ce0e:1`,
    );
  });

  test('a promoted one: it takes writes, and receives nothing', () => {
    expect(replicaView([], { ...maria, isReadOnly: false }, heardAt(0), 10_000)).toEqual({
      inRecovery: false,
      lastMessageAgeMs: undefined,
      receivedLsn: undefined,
      replayedLsn: '0-1-100',
      unsettled: undefined,
      heard: heardAt(0),
    });
  });

  test('one that replicates and takes writes of its own is no standby', () => {
    expect(ofMaria({}, { isReadOnly: false }).inRecovery).toBe(false);
  });

  test('several sources are refused: which of them is the leader?', () => {
    expect(() => replicaView([mariaRow, mariaRow], maria, heardAt(0), 0)).toThrow('more than one source');
  });
});

describe('what it hears', () => {
  test.each(['No', 'Connecting'])('%s: nothing is received', (word) => {
    expect(ofMaria({ Slave_IO_Running: word }).lastMessageAgeMs).toBeUndefined();
    expect(ofMysql({ Replica_IO_Running: word }).lastMessageAgeMs).toBeUndefined();
  });

  test('one that has just connected hears its source', () => {
    expect(ofMaria({ Slave_IO_Running: 'Preparing' }).lastMessageAgeMs).toBe(0);
  });

  test.each(['', 'Perhaps', null])('%s is no evidence of silence', (word) => {
    expect(() => ofMaria({ Slave_IO_Running: word })).toThrow('not known');
  });

  test('a server that does not know the age is judged by its marks, if heartbeats are among them', () => {
    expect(ofMysql({}, { ageMs: undefined, heartbeats: '7' }).lastMessageAgeMs).toBe(1_000);
  });

  test('with neither, an idle source looks like a silent one: its connection is believed until it is none', () => {
    expect(ofMysql({}, { ageMs: undefined }).lastMessageAgeMs).toBe(0);
    expect(ofMysql({ Replica_IO_Running: 'Connecting' }, { ageMs: undefined }).lastMessageAgeMs).toBeUndefined();
  });

  test.each([
    ['a heartbeat', {}, { heartbeats: '8' }],
    ['a transaction', { Gtid_IO_Pos: '0-1-101' }, {}],
    ['part of a large transaction', { Read_Master_Log_Pos: 901 }, {}],
    ['a new connection', { Slave_IO_Running: 'Connecting' }, {}],
  ])('%s is heard: silence counts from it', (_what, row, standing) => {
    const first = heardAfter([], marksOf([mariaRow], maria), 1_000);
    const same = heardAfter([first], marksOf([mariaRow], maria), 5_000);
    const changed = heardAfter([undefined, same], marksOf([{ ...mariaRow, ...row }], { ...maria, ...standing }), 9_000);
    expect([first.sinceMs, same.sinceMs, changed.sinceMs]).toEqual([1_000, 1_000, 9_000]);
  });

  test('of two who remember the same marks the one that knows them for longer is right, and one of other marks says nothing', () => {
    const marks = marksOf([mariaRow], maria);
    const all = [{ marks, sinceMs: 5_000 }, { marks, sinceMs: 2_000 }, { marks: 'others', sinceMs: 1_000 }, undefined];
    expect(heardAfter(all, marks, 9_000)).toEqual({ marks, sinceMs: 2_000 });
    expect(heardAfter([{ marks: 'others', sinceMs: 1_000 }], marks, 9_000).sinceMs).toBe(9_000);
  });

  test('whenever a message came, the age is never told too old: a replica that hears is not called silent', () => {
    const steps = fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: 20_000 }), messages: fc.nat(2) }));
    fc.assert(
      fc.property(steps, (looks) => {
        let [nowMs, count, messageMs] = [0, 0, Number.NEGATIVE_INFINITY];
        let heard = heardAfter([], marksOf([mariaRow], { ...maria, heartbeats: '0' }), 0);
        for (const { afterMs, messages } of looks) {
          nowMs += afterMs;
          count += messages;
          if (messages > 0) messageMs = nowMs - 1;
          const standing = { ...maria, heartbeats: String(count) };
          heard = heardAfter([heard], marksOf([mariaRow], standing), nowMs);
          const { lastMessageAgeMs = 0 } = replicaView([mariaRow], standing, heard, nowMs);
          expect(lastMessageAgeMs).toBeLessThanOrEqual(nowMs - messageMs);
        }
      }),
    );
  });
});

describe('received and not applied', () => {
  test('is waited for while the applier runs', () => {
    expect(ofMaria({ Gtid_IO_Pos: '0-1-101' }).unsettled).toBe('applying');
    expect(ofMysql({ Retrieved_Gtid_Set: `${A}:90-101` }).unsettled).toBe('applying');
  });

  test('is given up when the applier has stopped: what was applied is the truth', () => {
    expect(ofMaria({ Gtid_IO_Pos: '0-1-101', Slave_SQL_Running: 'No' }).unsettled).toBeUndefined();
    expect(ofMysql({ Retrieved_Gtid_Set: `${A}:90-101`, Replica_SQL_Running: 'No' }).unsettled).toBeUndefined();
  });

  test('is told by bytes where there are no GTIDs', () => {
    const without = { Gtid_IO_Pos: '', Using_Gtid: 'No' };
    expect(ofMaria(without, { applied: '' })).toMatchObject({ receivedLsn: undefined, unsettled: undefined });
    expect(ofMaria({ ...without, Exec_Master_Log_Pos: 899 }, { applied: '' }).unsettled).toBe('applying');
    expect(ofMaria({ ...without, Relay_Master_Log_File: 'bin.000001' }, { applied: '' }).unsettled).toBe('applying');
    const mysqlWithout = { Retrieved_Gtid_Set: '' };
    expect(ofMysql(mysqlWithout, { applied: '' }).unsettled).toBeUndefined();
    expect(ofMysql({ ...mysqlWithout, Exec_Source_Log_Pos: 1 }, { applied: '' }).unsettled).toBe('applying');
  });

  test('is not known to be nothing where the server says nothing of it', () => {
    expect(replicaView([{ Slave_IO_Running: 'No', Slave_SQL_Running: 'Yes' }], maria, heardAt(0), 0).unsettled).toBe(
      'applying',
    );
  });
});

describe('transactions that only the replica has', () => {
  const B = '4350f323-7565-4e59-8763-4b1b83a0ce0e';
  const ownOf = { ownId: '2', logged: '0-1-100,0-2-101' };

  test('are those that it numbered itself: in the log of MariaDB, among what was executed in MySQL', () => {
    expect(ofMaria({}, ownOf).errant).toBe('0-2-101');
    expect(ofMaria({}, { ownId: '2', logged: '0-1-100' }).errant).toBeUndefined();
    expect(ofMysql({}, { ownId: B, applied: `${A}:1-100,\n${B}:1-2` }).errant).toBe(`${B}:1-2`);
    expect(ofMysql({}, { ownId: B }).errant).toBeUndefined();
  });

  test('are not known where the server does not say who it is', () => {
    expect(ofMaria({}, { ...ownOf, ownId: undefined }).errant).toBeUndefined();
  });

  test('are no news of one that leads: it numbers everything itself', () => {
    expect(replicaView([], { ...maria, ...ownOf }, heardAt(0), 0).errant).toBeUndefined();
  });
});

describe('the order in which it applies', () => {
  test('side by side without the order of the source, no heartbeat bounds what is missing', () => {
    expect(ofMysql({}, { keepsOrder: false }).unsettled).toBe('out-of-order');
    expect(ofMysql({}, { keepsOrder: false, appliers: 1 }).unsettled).toBeUndefined();
  });

  test('MariaDB keeps it within a domain: several at once are no order', () => {
    const two = { applied: '0-1-100,1-1-4' };
    const row = { Gtid_IO_Pos: '0-1-100,1-1-4' };
    expect(ofMaria(row, { ...two, appliers: 4 }).unsettled).toBe('out-of-order');
    expect(ofMaria(row, { ...two, appliers: 0 }).unsettled).toBeUndefined();
    expect(ofMaria({}, { appliers: 4 }).unsettled).toBeUndefined();
  });
});
