import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Heard } from './evidence.ts';
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

const heardAt = (sinceMs: number) => ({ marks: '', sinceMs, afterMs: sinceMs - 500, lookedMs: 9_900 });
const ofMaria = (row: StatusRow = {}, standing: Partial<Standing> = {}) =>
  replicaView([{ ...mariaRow, ...row }], { ...maria, ...standing }, heardAt(9_000), 10_000);
const ofMysql = (row: StatusRow = {}, standing: Partial<Standing> = {}) =>
  replicaView([{ ...mysqlRow, ...row }], { ...mysql, ...standing }, heardAt(9_000), 10_000);

describe('in the words of both engines', () => {
  test('a MariaDB replica that follows: what it applied and received, and for how long its marks are the same', () => {
    expect(ofMaria()).toEqual({
      inRecovery: true,
      lastMessageAgeMs: 1_500,
      mayHearAgeMs: 1_000,
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
    const seen = { lastMessageAgeMs: 1_500, mayHearAgeMs: 1_000 };
    expect(ofMysql({}, { ageMs: undefined, heartbeats: '7' })).toMatchObject(seen);
  });

  test('with neither, an idle source looks like a silent one: its connection is believed until it is none', () => {
    expect(ofMysql({}, { ageMs: undefined })).toMatchObject({ lastMessageAgeMs: 1_500, mayHearAgeMs: 0 });
    expect(ofMysql().mayHearAgeMs).toBeUndefined();
    const none = ofMysql({ Replica_IO_Running: 'Connecting' }, { ageMs: undefined });
    expect([none.lastMessageAgeMs, none.mayHearAgeMs]).toEqual([undefined, undefined]);
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
    const all = [
      { marks, sinceMs: 5_000, lookedMs: 8_000 },
      { marks, sinceMs: 2_000, lookedMs: 3_000 },
      { marks: 'others', sinceMs: 1_000, lookedMs: 1_500 },
      undefined,
    ];
    expect(heardAfter(all, marks, 9_000)).toEqual({ marks, sinceMs: 2_000, afterMs: 1_500, lookedMs: 9_000 });
    expect(heardAfter(all.slice(2), marks, 9_000).sinceMs).toBe(9_000);
  });

  test('news since a look proves no more than that: who looks for the first time, or after a gap, knows nothing of now', () => {
    const [before, news] = [marksOf([mariaRow], maria), marksOf([mariaRow], { ...maria, heartbeats: '8' })];
    const ageAt = (heard: Heard, nowMs: number) => replicaView([mariaRow], maria, heard, nowMs).lastMessageAgeMs;
    const first = heardAfter([], before, 1_000);
    expect(ageAt(first, 1_000)).toBeUndefined();
    expect(ageAt(heardAfter([first], news, 71_000), 71_000)).toBe(70_000);
    const twice = heardAfter([heardAfter([first], before, 66_000)], news, 71_000);
    expect(ageAt(twice, 71_000)).toBe(5_000);
    expect(ageAt(heardAfter([twice], news, 76_000), 76_000)).toBe(10_000);
    // Told by a release that did not remember its looks.
    expect(ageAt(heardAfter([{ marks: before, sinceMs: 1_000 } as Heard], news, 71_000), 71_000)).toBeUndefined();
  });

  test('whenever a message came: it may be no older than is told, and what is proven is never too young', () => {
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
          const { mayHearAgeMs = Number.NaN, lastMessageAgeMs = Number.POSITIVE_INFINITY } = replicaView(
            ...([[mariaRow], standing, heard, nowMs] as const),
          );
          expect(mayHearAgeMs).toBeLessThanOrEqual(nowMs - messageMs);
          expect(lastMessageAgeMs).toBeGreaterThanOrEqual(nowMs - messageMs);
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
