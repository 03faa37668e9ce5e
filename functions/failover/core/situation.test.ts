import { describe, expect, test } from '@jest/globals';
import { isEngineDown, isEngineUp } from './diagnose.ts';
import type { Evidence, ReplicaReport, WriteProbe } from './evidence.ts';
import type { Lease } from './lease.ts';
import type { Policy } from './policy.ts';
import { type FailoverRecord, firstRecord } from './record.ts';
import { assess } from './situation.ts';

const policy: Policy = {
  pair: 'ledger',
  mode: 'armed',
  fence: 'confirmed',
  primary: { instance: 'old', region: 'eu-west-1' },
  replica: { instance: 'new', region: 'eu-central-1' },
  applicationRoles: [],
  fencedSecurityGroups: { 'eu-west-1': 'sg-fenced' },
  names: { zoneId: 'Z1', writer: 'ledger.example.internal', ttlSeconds: 5 },
  confirmSeconds: 10,
  selfHealSeconds: 20,
  maxLossSeconds: 30,
  cooldownSeconds: 3600,
  stepSeconds: 3,
};
const gone: WriteProbe = { kind: 'unreachable', because: 'connect ETIMEDOUT' };
const answered: WriteProbe = { kind: 'answered', because: 'password authentication failed' };
const wrote: WriteProbe = { kind: 'wrote', lsn: '0/5000', epoch: 0, latencyMs: 2 };
const silence = { kind: 'no-answer', because: 'timeout' } as const;

/** What is seen at `atMs`: the guard's word, the witness's by the guard's own clock 50 ms later, and what the replica has. */
const seenAt = (atMs: number, write: WriteProbe | undefined, replica: Partial<ReplicaReport> = {}): Evidence => {
  const instance = { kind: 'no-answer', because: 'RDS is silent' } as const;
  const guard = write ? ({ kind: 'ok', report: { atMs: atMs + 50, instance, write } } as const) : silence;
  return {
    takenAtMs: atMs,
    guard,
    witness: { kind: 'ok', report: { atMs, guard } },
    candidate: silence,
    replica: { kind: 'ok', report: { atMs, inRecovery: true, receivedLsn: '0/4000', ...replica } },
    names: silence,
  };
};

/** Looks in turn, as the reconciler takes them, and what is remembered after the last. */
const remembered = (...looks: Evidence[]) => {
  let record: FailoverRecord = firstRecord('ledger', policy.primary, policy.replica, 0);
  for (const evidence of looks) {
    const { failing, agreed, lost } = assess(record, evidence, policy, evidence.takenAtMs);
    record = { ...record, failing, agreed, lost };
  }
  return { failing: record.failing?.sinceMs, agreed: record.agreed?.sinceMs, lost: record.lost?.sinceMs };
};

describe('what a replica hears', () => {
  const told = (write: WriteProbe, lastMessageAgeMs: number | undefined, mayHearAgeMs: number | undefined) => {
    const evidence = seenAt(0, write, { lastMessageAgeMs, mayHearAgeMs });
    const { diagnosis, receiving, mayReceive } = assess(
      firstRecord('ledger', policy.primary, policy.replica, 0),
      ...([evidence, policy, 0] as const),
    );
    return [diagnosis, receiving, mayReceive];
  };

  test('is proven, or may be, or is silence: what may be heard is evidence neither of life nor of death', () => {
    expect(told(wrote, 500, undefined)).toEqual(['healthy', true, true]);
    expect(told(wrote, 70_000, 500)).toEqual(['healthy', false, true]);
    expect(told(wrote, undefined, 0)).toEqual(['healthy', false, true]);
    expect(told(wrote, 70_000, 66_000)).toEqual(['link-down', false, false]);
    expect(told(wrote, undefined, undefined)).toEqual(['link-down', false, false]);
    expect(told(gone, 500, undefined)[0]).toBe('alive-to-replica');
    expect(told(gone, 70_000, 500)[0]).toBe('alive-to-replica');
    expect(told(gone, 70_000, 60_000)[0]).toBe('unknown-status');
  });
});

test('of an engine RDS says that it runs, that it does not, or neither', () => {
  const said = (status: string) => (isEngineUp(status) ? 'up' : isEngineDown(status) ? 'down' : 'neither');
  const all = { up: ['available', 'backing-up', 'storage-full'], down: ['failed', 'rebooting', 'stopped'] };
  for (const [word, statuses] of Object.entries(all)) expect(statuses.map(said)).toEqual(statuses.map(() => word));
  const neither = ['modifying', 'upgrading', 'pending-resync', 'switching-over', 'a-word-of-next-year'];
  expect(neither.map(said)).toEqual(neither.map(() => 'neither'));
});

describe('since when a leader is lost', () => {
  test('looks that follow each other count from the first answer', () => {
    expect(remembered(seenAt(0, gone), seenAt(5_000, gone), seenAt(19_000, gone))).toEqual({
      failing: 50,
      agreed: 50,
      lost: 50,
    });
  });

  test('nobody looked for over 20 s: it may have been back, so everything counts from now', () => {
    expect(remembered(seenAt(0, gone), seenAt(20_001, gone))).toEqual({
      failing: 20_051,
      agreed: 20_051,
      lost: 20_051,
    });
  });

  test('the guard was silent for over 20 s: the loss counts from its next word', () => {
    const silent = [seenAt(10_000, undefined), seenAt(20_100, undefined)];
    expect(remembered(seenAt(0, gone), ...silent, seenAt(30_000, gone))).toEqual({
      failing: 50,
      agreed: 50,
      lost: 30_050,
    });
    expect(remembered(seenAt(0, gone), silent[0] as Evidence, seenAt(14_000, gone)).lost).toBe(50);
  });

  test('the replica received more since: the leader was back, however often we looked', () => {
    expect(remembered(seenAt(0, gone), seenAt(5_000, gone, { receivedLsn: '0/4001' })).lost).toBe(5_050);
    expect(remembered(seenAt(0, gone), seenAt(5_000, gone, { receivedLsn: undefined })).lost).toBe(50);
    const [before, after] = [{ receivedLsn: '0-1-270' }, { receivedLsn: '0-1-271' }];
    expect(remembered(seenAt(0, gone, before), seenAt(5_000, gone, after)).lost).toBe(5_050);
    expect(remembered(seenAt(0, gone, before), seenAt(5_000, gone, before)).lost).toBe(50);
  });

  test('a server that answers is not lost, whatever it answers', () => {
    expect(remembered(seenAt(0, gone), seenAt(3_000, answered), seenAt(6_000, gone))).toMatchObject({
      failing: 50,
      lost: 6_050,
    });
    expect(remembered(seenAt(0, gone), seenAt(3_000, wrote))).toEqual({});
  });
});

test('a leader whose guard opened its door between two looks is lost from the next one; whether two agree is not asked anew', () => {
  const leased: Policy = { ...policy, fence: 'lease', lease: { seconds: 9, table: 'mainstay-lease' } };
  const lease: Lease = {
    ...{ pair: 'ledger', epoch: 0, holder: 'eu-west-1', seq: 7, open: true, groups: ['sg-app'], renewedAtMs: 0 },
    ...{ closesAfterSeconds: 9, openings: 0 },
  };
  const lostAfter = (...leases: Partial<Lease>[]) => {
    let record: FailoverRecord = firstRecord('ledger', policy.primary, policy.replica, 0);
    leases.forEach((change, nth) => {
      const atMs = nth * 10_000;
      const seen = {
        ...seenAt(atMs, gone),
        lease: { kind: 'ok', report: { atMs, lease: { ...lease, ...change } } },
      } as const;
      const { failing, agreed, lost, lease: kept } = assess(record, seen, leased, atMs);
      record = { ...record, failing, agreed, lost, lease: kept };
    });
    return { agreed: record.agreed?.sinceMs, lost: record.lost?.sinceMs };
  };
  const calm = [{}, {}, {}, {}, {}];
  const told = { seq: 9, openings: 1, reopen: true };
  // The first looks at a lease know nothing of what its guard did before.
  expect(lostAfter(...calm, {}).lost).toBe(30_050);
  expect(lostAfter(...calm, told)).toEqual({ agreed: 50, lost: 50_050 });
  expect(lostAfter(...calm, told, told).lost).toBe(60_050);
  expect(lostAfter(...calm, { seq: 10, openings: 2 }, { seq: 11, openings: 2 }).lost).toBe(60_050);
  expect(lostAfter(...calm, told, told, told, told, told).lost).toBe(80_050);
});
