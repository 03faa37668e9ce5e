import { describe, expect, test } from '@jest/globals';
import { advance, closed as done } from './advance.ts';
import { decide } from './decide.ts';
import type { Evidence } from './evidence.ts';
import {
  disaster,
  FENCED,
  gone,
  guard,
  NOW,
  ok,
  policy as onePolicy,
  ordered,
  record,
  refused,
  replica,
  said,
  silence,
  standby,
  told,
  wrote,
} from './example.ts';
import { GATES } from './gates.ts';
import type { Lease } from './lease.ts';
import type { Policy } from './policy.ts';
import type { FailoverRecord } from './record.ts';
import { assess } from './situation.ts';
import { isDrained, isEmptied, lastPosition, quiesceOwed, switchoverDoubts } from './switchover.ts';

// A planned change, each of its rules alone: a leader that takes writes, a replica that hears it, and nothing in the way.

const LSN = '0/3000000';
const BEFORE = '0/2FFFFFF';
const CALM = { failing: undefined, agreed: undefined, lost: undefined } as const;
const open = guard(wrote, { status: 'available' });
const refuses = guard(refused, { status: 'available' });
const without = guard({ ...wrote, lsn: '' }, { status: 'available' });
const shut = guard(gone, { status: 'available', securityGroups: FENCED });
const hears = (change: Parameters<typeof replica>[0] = {}) => replica({ lastMessageAgeMs: 100, ...change });
const has = (replayedLsn: string, receivedLsn = replayedLsn) => ({ replica: hears({ replayedLsn, receivedLsn }) });

const policy = (change: Partial<Policy> = {}): Policy => ({ ...onePolicy, ...change });
const well = (change: Partial<Evidence> = {}): Evidence =>
  disaster({ guard: open, witness: told(open), ...has(LSN), ...change });
const healthy = (change: Partial<FailoverRecord> = {}) =>
  record({ phase: 'healthy', ...CALM, switchover: said, ...change });
/** An order of a step, given so long ago and carried out at once, or not. */
const order = (step: 'quiesce' | 'fence', agoMs: number, isDone = true, epoch = 3) => ({
  [step]: {
    id: `ledger/${epoch}/${step}`,
    atMs: NOW - agoMs,
    attempts: 1,
    ...(isDone && { doneAtMs: NOW - agoMs }),
  },
});
const under = (phase: 'quiescing' | 'draining' | 'closing', change: Partial<FailoverRecord> = {}) =>
  record({
    phase,
    ...CALM,
    switchover: said,
    phaseSinceMs: NOW - 5_000,
    passed: { quiescing: NOW - 10_000 },
    quiesced: { lsn: LSN },
    intents: order('quiesce', 9_000),
    ...change,
  });
const closing = (change: Partial<FailoverRecord> = {}) =>
  under('closing', {
    fence: { ...ordered, quietSinceMs: NOW - 3_000 },
    intents: { ...order('quiesce', 9_000), ...order('fence', 6_000) },
    ...change,
  });
const because = (from: FailoverRecord, seen: Partial<Evidence> = {}, by: Partial<Policy> = {}) =>
  decide(from, well(seen), policy(by), NOW).because;
const situation = (from: FailoverRecord, seen: Partial<Evidence> = {}, by: Partial<Policy> = {}) =>
  assess(from, well(seen), policy(by), NOW);

describe('it begins only where nothing speaks against it', () => {
  test('a leader that takes writes, a replica that hears it, the name where it should be', () => {
    expect(switchoverDoubts(situation(healthy()), GATES)).toEqual([]);
    expect(because(healthy())).toBe('switchover-is-ready');
  });

  test('by an order of the last two minutes: an older one is nobody’s wish any more, and is forgotten', () => {
    expect(because(healthy({ switchover: { ...said, atMs: NOW - 119_000 } }))).toBe('switchover-is-ready');
    const old = healthy({ switchover: { ...said, atMs: NOW - 121_000 } });
    expect(because(old)).toBe('otherwise');
    expect(advance(decide(old, well(), policy(), NOW), NOW).switchover).toBeUndefined();
  });

  const doubts: [string, Partial<FailoverRecord>, Partial<Evidence>, Partial<Policy>][] = [
    ['the mode is observe', {}, {}, { mode: 'observe' }],
    ['a lease needs a table', {}, {}, { fence: 'lease' }],
    ['the leader is not well', {}, { guard: refuses, witness: told(refuses) }, {}],
    ['the replica does not hear', {}, { replica: replica({ replayedLsn: LSN }) }, {}],
    ['known at the next look', {}, { replica: replica({ mayHearAgeMs: 0, replayedLsn: LSN }) }, {}],
    ['no position to wait for: turn its GTIDs on', {}, { guard: without, witness: told(without) }, {}],
    ['run the setup script', {}, { guard: without, witness: told(without) }, { kind: 'aurora-global' }],
    ['the guard sees no write accepted', {}, { guard: silence, witness: silence }, {}],
    ['names no empty security group in eu-west-1', {}, {}, { fencedSecurityGroups: {} }],
    ['never seen well', { leader: { ...policy().primary, endpoint: record().leader.endpoint } }, {}, {}],
    ['is another instance', {}, { candidate: ok({ ...standby, resourceId: 'db-OTHER' }) }, {}],
    ['is backing-up', {}, { candidate: ok({ ...standby, status: 'backing-up' }) }, {}],
    ['not the leader', {}, { names: ok({ value: 'elsewhere.example.com', ttlSeconds: 5 }) }, {}],
    ['takes writes of its own', {}, { replica: hears({ inRecovery: false, replayedLsn: LSN }) }, {}],
    ['which the leader never had', {}, { replica: hears({ errant: '0-2-9', replayedLsn: LSN }) }, {}],
    ['engine version', {}, { candidate: ok({ ...standby, engineVersion: '15.8' }) }, {}],
  ];
  test.each(doubts)('%s: it says so, and waits', (why, change, seen, by) => {
    expect(switchoverDoubts(situation(healthy(change), seen, by), GATES).join('; ')).toContain(why);
    expect(because(healthy(change), seen, by)).not.toBe('switchover-is-ready');
  });
});

describe('asked for while the leader is in trouble', () => {
  const lost = { guard: guard(gone), witness: told(guard(gone)), replica: replica() };

  test('the incident comes first: nobody waits for the order to be forgotten', () => {
    expect(because(healthy(), lost)).toBe('nobody-sees-a-write');
  });

  test('it outlives a single look that saw no write, and no incident', () => {
    const suspect = healthy({ phase: 'suspect' });
    expect(advance(decide(suspect, well(), policy(), NOW), NOW)).toMatchObject({ phase: 'healthy', switchover: said });
    const confirming = advance(decide(suspect, well(lost), policy(), NOW), NOW);
    expect(confirming).toMatchObject({ phase: 'confirming', switchover: undefined });
  });
});

describe('a leased pair', () => {
  const lease: Lease = {
    ...{ pair: 'ledger', epoch: 0, holder: 'eu-west-1', seq: 4, open: true, groups: ['sg-app'], renewedAtMs: 0 },
    ...{ closesAfterSeconds: 9, openings: 2 },
  };
  const before = {
    seq: 3,
    holder: 'eu-west-1',
    epoch: 0,
    sinceMs: NOW - 3_000,
    openings: 2,
    calmSinceMs: NOW - 60_000,
  };
  const by: Partial<Policy> = { fence: 'lease', lease: { table: 'leases', seconds: 9 } };
  const kept = (change: Partial<Lease> = {}) => ({ lease: ok({ atMs: NOW, lease: { ...lease, ...change } }) });
  const doubts = (seen: Partial<Evidence>, change: Partial<FailoverRecord> = {}) =>
    switchoverDoubts(situation(healthy({ lease: before, ...change }), seen, by), GATES).join('; ');

  test('begins where the guard renews, keeps this leader’s door, and has nothing to open', () => {
    expect(doubts(kept())).toBe('');
    expect(because(healthy({ lease: before }), kept(), by)).toBe('switchover-is-ready');
  });

  test('does not begin where the lease is not to be seen, another leader’s, promises nothing, or is not renewed', () => {
    expect(doubts({ lease: silence })).toContain('not to be seen (timeout)');
    expect(doubts({ lease: ok({ atMs: NOW }) })).toContain('not to be seen');
    expect(doubts(kept({ keeper: { instance: 'old-e2', region: 'eu-west-1' } }))).toContain("another leader's");
    expect(doubts(kept({ closesAfterSeconds: undefined }))).toContain('only watches');
    const silent = { ...before, seq: 4, sinceMs: NOW - 24_000 };
    expect(doubts(kept(), { lease: silent })).toContain('not been renewed for 24 s');
    expect(doubts(kept(), { lease: { ...silent, sinceMs: NOW - 23_000 } })).toBe('');
  });

  test('does not begin while a run of its guard may be opening the door', () => {
    expect(doubts(kept({ reopen: true }))).toContain('is opening the door');
    expect(doubts(kept({ openings: 3 }))).toContain('a moment ago');
    expect(doubts(kept({ openings: undefined }))).toContain('an earlier release');
  });

  const seen = { guard: shut, witness: told(shut) };
  const from = closing({ lease: before });

  test('its lease is taken once the door is shut, and before the point of no return', () => {
    expect(because(from, { ...seen, ...kept() }, by)).toBe('lease-to-take');
    const ours = { holder: 'eu-central-1', epoch: 3, seq: 5 };
    expect(because(from, { ...seen, ...kept(ours) }, by)).toBe('closed-and-drained');
    expect(because(from, { ...seen, ...kept({ ...ours, epoch: 2 }) }, by)).toBe('lease-to-take');
  });

  test('waits while the door is not shut, the guard may be opening it, or the lease cannot be read', () => {
    const ajar = guard(gone, { status: 'available' });
    expect(because(from, { guard: ajar, witness: told(ajar), ...kept() }, by)).toBe('otherwise');
    expect(because(from, { ...seen, ...kept({ openings: 3 }) }, by)).toBe('otherwise');
    expect(because(from, { ...seen, lease: silence }, by)).toBe('otherwise');
    // What was ours at the last look may be so no more.
    const ours = { ...before, holder: 'eu-central-1', epoch: 3 };
    expect(because(closing({ lease: ours }), { ...seen, lease: silence }, by)).toBe('otherwise');
  });

  test('called off after it was taken: first it is given back, then the logins, for as long as the guard may close them', () => {
    const aborting = under('draining', { phase: 'aborting', lease: before, phaseSinceMs: NOW - 1_000 });
    expect(because(aborting, { ...seen, ...kept({ holder: 'eu-central-1' }) }, by)).toBe('lease-is-ours');
    const given = (step: 'return-lease' | 'unfence', agoMs: number) => ({
      [step]: { id: `ledger/3/${step}`, atMs: NOW - agoMs, attempts: 1 },
    });
    const closedAfter = (agoMs: number) => {
      const intents = { ...order('quiesce', 50_000), ...given('return-lease', agoMs), ...given('unfence', 0) };
      return done({ ...aborting, intents }, 'unfence', NOW).quiesced;
    };
    expect(closedAfter(19_000)).toEqual({ lsn: LSN });
    expect(closedAfter(21_000)).toBeUndefined();
  });
});

describe('the epoch of it', () => {
  test('goes up at the start, and nothing that was said of an earlier incident goes with it', () => {
    const earlier = { ...said, epoch: 3 };
    const from = healthy({ approved: earlier, acked: said, forced: { ...earlier, accepts: { fence: true } } });
    expect(advance(decide(from, well(), policy(), NOW), NOW)).toMatchObject({
      ...{ phase: 'quiescing', epoch: 4, lossSeconds: 0 },
      ...{ approved: undefined, forced: undefined, acked: undefined },
    });
  });
});

describe('the order to end the sessions', () => {
  const asks = (intents: FailoverRecord['intents']) => quiesceOwed(situation(under('quiescing', { intents })));

  test('is given once; again only while one of this epoch was not carried out, after a moment', () => {
    expect(asks({})).toBe(true);
    expect(asks(order('quiesce', 9_000))).toBe(false);
    expect(asks(order('quiesce', 1_000, false))).toBe(false);
    expect(asks(order('quiesce', 3_000, false))).toBe(true);
    expect(asks(order('quiesce', 9_000, true, 2))).toBe(true);
  });

  test('is noted before it is given: what a crash leaves closed is opened again', () => {
    const next = advance(decide(under('quiescing', { intents: {}, quiesced: undefined }), well(), policy(), NOW), NOW);
    expect(next.intents.quiesce?.id).toBe('ledger/3/quiesce');
    expect(next.quiesced).toEqual({});
  });
});

describe('where the log stands', () => {
  const reads = (seen: Partial<Evidence> = {}, intents = order('quiesce', 9_000) as FailoverRecord['intents']) =>
    lastPosition(situation(under('quiescing', { intents }), seen));

  test('is read by a look that began after the last session had ended', () => {
    expect(reads()).toBe(LSN);
    expect(reads({ takenAtMs: NOW - 9_001 })).toBeUndefined();
  });

  test('is not known before the order was carried out in this epoch, nor without a write of the guard', () => {
    expect(reads({}, order('quiesce', 9_000, false))).toBeUndefined();
    expect(reads({}, order('quiesce', 9_000, true, 2))).toBeUndefined();
    expect(reads({ guard: guard(gone), witness: silence })).toBeUndefined();
  });

  test('is remembered for the replica to reach', () => {
    const from = under('quiescing', { quiesced: {} });
    expect(advance(decide(from, well(), policy(), NOW), NOW)).toMatchObject({
      phase: 'draining',
      quiesced: { lsn: LSN },
    });
  });
});

describe('the replica is drained', () => {
  const drained = (seen: Partial<Evidence>, change: Partial<FailoverRecord> = {}) =>
    isDrained(situation(under('draining', change), seen), GATES);

  test('when it has replayed up to the last position, and all that it received', () => {
    expect(drained(has(LSN))).toBe(true);
    expect(drained(has(BEFORE))).toBe(false);
    expect(drained(has(LSN, '0/3000100'))).toBe(false);
  });

  test('never when one of the positions is unknown', () => {
    expect(drained(has(LSN), { quiesced: {} })).toBe(false);
    expect(drained({ replica: silence })).toBe(false);
    expect(drained({ replica: hears({ replayedLsn: LSN, receivedLsn: undefined }) })).toBe(false);
  });

  test('the same in GTIDs: another history under the same number has not the last transaction', () => {
    const quiesced = { quiesced: { lsn: '0-1-270' } };
    expect(drained(has('0-1-270'), quiesced)).toBe(true);
    expect(drained(has('0-1-269', '0-1-270'), quiesced)).toBe(false);
    expect(drained(has('0-2-270'), quiesced)).toBe(false);
    expect(drained(has(LSN), quiesced)).toBe(false);
  });

  test('and still the candidate, available, a standby, the name where it was', () => {
    expect(drained({ candidate: ok({ ...standby, status: 'modifying' }) })).toBe(false);
    expect(drained({ names: ok({ value: 'elsewhere.example.com', ttlSeconds: 5 }) })).toBe(false);
    expect(drained({ replica: hears({ inRecovery: false, replayedLsn: LSN, receivedLsn: LSN }) })).toBe(false);
  });
});

describe('the door', () => {
  const seen = { guard: shut, witness: told(shut) };

  test('shut for two looks, its sessions ended and the replica drained: the point of no return', () => {
    expect(because(closing(), seen)).toBe('closed-and-drained');
    expect(because(closing(), { ...seen, ...has(BEFORE) })).toBe('otherwise');
  });

  test('seen shut just now, open, or not to be seen is not shut', () => {
    expect(because(closing({ fence: { ...ordered, quietSinceMs: NOW - 1_000 } }), seen)).toBe('otherwise');
    expect(because(closing({ fence: ordered }), seen)).toBe('otherwise');
    const ajar = guard(gone, { status: 'available' });
    expect(because(closing(), { guard: ajar, witness: told(ajar) })).toBe('otherwise');
    expect(because(closing(), { guard: silence, witness: silence })).toBe('otherwise');
  });

  test('of an engine that runs counts only once its sessions were ended in this epoch, and only here', () => {
    expect(isEmptied(closing())).toBe(true);
    expect(isEmptied(closing({ intents: order('quiesce', 9_000, false) }))).toBe(false);
    expect(isEmptied(closing({ intents: order('quiesce', 9_000, true, 2) }))).toBe(false);
    expect(isEmptied(record({ phase: 'fencing', intents: order('quiesce', 9_000) }))).toBe(false);
  });

  test('is not opened again by anybody once the other one is promoted', () => {
    const after = advance(decide(closing(), well(seen), policy(), NOW), NOW);
    expect(after).toMatchObject({ phase: 'promoting', quiesced: undefined });
  });
});

describe('it is called off', () => {
  test('by a person, in each of its phases', () => {
    for (const from of [under('quiescing'), under('draining'), closing()])
      expect(because({ ...from, vetoed: said }, { guard: shut, witness: told(shut) })).toBe('switchover-is-off');
  });

  test('after a minute of closed logins, counted from the first of its phases', () => {
    const late = { passed: { quiescing: NOW - 61_000 } };
    for (const from of [under('quiescing', late), under('draining', late), closing(late)])
      expect(because(from)).toBe('switchover-is-off');
    expect(because(under('draining', { passed: { quiescing: NOW - 59_000 } }))).toBe('drained');
  });

  test('when the leader is in trouble, until the door is shut: then nobody sees it any more', () => {
    const lost = { guard: guard(gone), witness: told(guard(gone)) };
    expect(because(under('quiescing'), lost)).toBe('switchover-is-off');
    expect(because(under('draining'), lost)).toBe('switchover-is-off');
    expect(because(closing(), { guard: shut, witness: told(shut) })).toBe('closed-and-drained');
  });

  test('and forgotten: the next look begins no other one', () => {
    const off = advance(decide(under('draining', { vetoed: said }), well(), policy(), NOW), NOW);
    expect(off).toMatchObject({ phase: 'aborting', switchover: undefined });
  });
});

describe('the logins are given back', () => {
  const aborting = (change: Partial<FailoverRecord> = {}) =>
    under('draining', { phase: 'aborting', switchover: undefined, phaseSinceMs: NOW - 1_000, ...change });

  test('though the security groups were never changed: RDS cannot show a login', () => {
    expect(because(aborting())).toBe('otherwise');
    expect(because(aborting({ quiesced: undefined }))).toBe('door-is-open');
  });

  test('to a leader that is down when it is back: the incident comes first, after half a minute', () => {
    const down = { guard: guard(gone), witness: told(guard(gone)) };
    expect(because(aborting(), down)).toBe('otherwise');
    expect(because(aborting({ phaseSinceMs: NOW - 31_000 }), down)).toBe('door-is-open');
    expect(because(healthy({ switchover: undefined, quiesced: { lsn: LSN } }))).toBe('leader-is-fenced-by-us');
  });

  test('until an order to close them, however late, can no longer be under way', () => {
    const from = (agoMs: number) =>
      aborting({
        intents: { ...order('quiesce', agoMs), unfence: { id: 'ledger/3/unfence', atMs: NOW, attempts: 1 } },
      });
    expect(done(from(19_000), 'unfence', NOW).quiesced).toEqual({ lsn: LSN });
    expect(done(from(21_000), 'unfence', NOW, 'timeout').quiesced).toEqual({ lsn: LSN });
    expect(done(from(21_000), 'unfence', NOW).quiesced).toBeUndefined();
    const lateFence = from(60_000);
    const both = { ...lateFence, intents: { ...lateFence.intents, ...order('fence', 5_000) } };
    expect(done(both, 'unfence', NOW).quiesced).toEqual({ lsn: LSN });
  });
});
