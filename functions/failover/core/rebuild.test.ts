import { describe, expect, test } from '@jest/globals';
import { advance, closed } from './advance.ts';
import { applyCommand } from './command.ts';
import { decide } from './decide.ts';
import type { Evidence } from './evidence.ts';
import {
  disaster,
  FENCED,
  gone,
  guard,
  NEW,
  NOW,
  ok,
  policy as onePolicy,
  record,
  replica,
  said,
  view,
  wrote,
} from './example.ts';
import type { Policy } from './policy.ts';
import { rearmDoubts, stuckBecause } from './rebuild.ts';
import type { FailoverRecord } from './record.ts';
import { sentenceOf, whatToType } from './sentence.ts';

// After the failover: `new` leads, `old` led, and somebody is to follow.

const policy: Policy = {
  ...onePolicy,
  fencedSecurityGroups: { 'eu-west-1': 'sg-fenced', 'eu-central-1': 'sg-fenced-there' },
};
const OLD = { instance: 'old', region: 'eu-west-1', resourceId: 'db-OLD', endpoint: { host: 'old.rds', port: 5432 } };
const LEADS = { instance: 'new', region: 'eu-central-1', resourceId: 'db-NEW', endpoint: NEW };
const degraded = (change: Partial<FailoverRecord> = {}): FailoverRecord =>
  record({
    phase: 'degraded',
    phaseSinceMs: NOW - 4_000_000,
    leader: LEADS,
    candidate: LEADS,
    previousLeader: OLD,
    retired: [
      {
        ...OLD,
        epoch: 3,
        fence: { epoch: 3, previousSecurityGroupIds: ['sg-app'], orderedAtMs: 0 },
        intents: {
          salvage: { id: 'ledger/3/salvage', atMs: NOW - 900_000, attempts: 1, doneAtMs: NOW - 900_000 },
          stop: { id: 'ledger/3/stop', atMs: NOW - 800_000, attempts: 1, doneAtMs: NOW - 800_000 },
        },
      },
    ],
    intents: { announce: { id: 'ledger/3/announce', atMs: 0, attempts: 1, doneAtMs: 1 } },
    cooldownUntilMs: NOW - 1,
    failing: undefined,
    agreed: undefined,
    lost: undefined,
    ...change,
  });
const built = (change: Partial<FailoverRecord> = {}): FailoverRecord =>
  degraded({
    acked: said,
    standby: { instance: 'old-e3', region: 'eu-west-1' },
    intents: {
      ...degraded().intents,
      rebuild: { id: 'ledger/3/rebuild', atMs: NOW - 900_000, attempts: 1, doneAtMs: NOW - 900_000 },
    },
    ...change,
  });
const standby = view({
  instance: 'old-e3',
  resourceId: 'db-BUILT',
  status: 'available',
  endpoint: { host: 'old-e3.rds', port: 5432 },
  source: 'arn:aws:rds:eu-central-1:111122223333:db:new',
});
const follows = (change: Partial<Evidence> = {}): Evidence =>
  disaster({
    guard: guard(wrote, { instance: 'new', status: 'available' }),
    candidate: ok(standby),
    replica: replica({ lastMessageAgeMs: 100, heartbeat: { atMs: NOW, epoch: 3 } }),
    ...change,
  });
const decided = (from: FailoverRecord, seen: Partial<Evidence> = {}, by = policy) =>
  decide(from, follows(seen), by, NOW);
const because = (...args: Parameters<typeof decided>) => decided(...args).because;

describe('a replica', () => {
  test('is asked for once a person has acknowledged, in the old region, under a name of its own', () => {
    expect(because(degraded())).toBe('otherwise');
    const decision = decided(degraded({ acked: said }));
    expect(decision).toMatchObject({ kind: 'act', step: 'rebuild' });
    expect(advance(decision, NOW).standby).toEqual({ instance: 'old-e3', region: 'eu-west-1' });
  });

  test('is asked for once: again only after a minute, and only when RDS did not take the order', () => {
    const asked = advance(decided(degraded({ acked: said })), NOW);
    const later = (after: FailoverRecord, ms: number) =>
      decide(after, { ...follows(), takenAtMs: NOW + ms }, policy, NOW + ms).because;
    expect(later(closed(asked, 'rebuild', NOW, 'timeout'), 30_000)).toBe('standby-is-stuck');
    expect(later(closed(asked, 'rebuild', NOW, 'timeout'), 61_000)).toBe('rebuild-owed');
    expect(later(closed(asked, 'rebuild', NOW), 61_000)).toBe('standby-follows');
  });

  test('is asked for in each epoch anew: an order of an earlier one counts for nothing', () => {
    const earlier = { id: 'ledger/2/rebuild', atMs: NOW - 900_000, attempts: 1, doneAtMs: NOW - 900_000 };
    const from = degraded({ acked: said, intents: { ...degraded().intents, rebuild: earlier } });
    expect(because(from)).toBe('rebuild-owed');
    expect(rearmDoubts(decided(from).situation)).toEqual(['a replica is about to be asked for']);
  });

  test('is not asked for where a person named one, and where nothing says what it should be like', () => {
    const named = { acked: { ...said, replica: 'old' }, standby: { instance: 'old', region: 'eu-west-1' } };
    expect(because(degraded(named))).not.toBe('rebuild-owed');
    expect(decided(degraded({ acked: said, retired: [] }))).toMatchObject({
      kind: 'hold',
      reason: 'standby-not-ready',
    });
  });
});

describe('the roles are swapped', () => {
  test('to a standby that follows the new leader, and the old primary stays known', () => {
    const decision = decided(built());
    expect(decision).toMatchObject({ kind: 'move', to: 'healthy' });
    const after = advance(decision, NOW);
    expect(after).toMatchObject({
      phase: 'healthy',
      epoch: 3,
      leader: { instance: 'new' },
      candidate: { instance: 'old-e3', resourceId: 'db-BUILT', endpoint: { host: 'old-e3.rds' } },
      retired: [{ instance: 'old' }],
    });
    expect(after.standby).toBeUndefined();
  });

  test('not to one behind the empty group: it could not lead', () => {
    const shut = { ...standby, securityGroups: FENCED };
    expect(rearmDoubts(decided(built(), { candidate: ok(shut) }).situation)).toEqual([
      'old-e3 is still behind the empty security group',
    ]);
    const named = built({ acked: { ...said, replica: 'old-e3' } });
    expect(stuckBecause(decided(named, { candidate: ok(shut) }).situation)).toContain('give it its own groups');
  });

  test("to a global database's old primary, which Aurora added back: it is no old primary any more", () => {
    const global: Policy = { ...policy, kind: 'aurora-global' };
    const asked = advance(decided(degraded({ acked: said }), {}, global), NOW);
    expect(asked.standby).toEqual({ instance: 'old', region: 'eu-west-1' });
    const back = { ...standby, instance: 'old', resourceId: 'db-OLD' };
    const there = built({ standby: asked.standby });
    const shut = ok({ ...back, securityGroups: FENCED });
    // Its door was opened once, and a late order shut it again.
    expect(decided(there, { candidate: shut }, global)).toMatchObject({ kind: 'act', step: 'rebuild' });
    expect(advance(decided(there, { candidate: ok(back) }, global), NOW)).toMatchObject({
      ...{ phase: 'healthy', candidate: { instance: 'old', resourceId: 'db-OLD' }, retired: [] },
    });
  });

  const notYet: [string, Partial<FailoverRecord>, Partial<Evidence>, Partial<Policy>][] = [
    ['acknowledged', { acked: undefined }, {}, {}],
    ['not to be seen (timeout)', {}, { candidate: { kind: 'no-answer', because: 'timeout' } }, {}],
    ['is creating', {}, { candidate: ok({ ...standby, status: 'creating' }) }, {}],
    ['could not be asked', {}, { replica: { kind: 'no-answer', because: 'timeout' } }, {}],
    ['hears nothing of new', {}, { replica: replica({ heartbeat: { atMs: NOW, epoch: 3 } }) }, {}],
    [
      'heartbeat of epoch 3',
      {},
      { replica: replica({ lastMessageAgeMs: 100, heartbeat: { atMs: NOW, epoch: 2 } }) },
      {},
    ],
    ['sees no write accepted', {}, { guard: guard(gone, { instance: 'new' }) }, {}],
    ['the cooldown lasts for another 5 s', { cooldownUntilMs: NOW + 5_000 }, {}, {}],
    ['not of new', {}, { candidate: ok({ ...standby, source: 'arn:aws:rds:eu-central-1:1:db:other' }) }, {}],
    ['is failed', {}, { candidate: ok({ ...standby, status: 'failed' }) }, {}],
    [
      'which new never had (0-3-9): build another one',
      {},
      { replica: replica({ lastMessageAgeMs: 100, heartbeat: { atMs: NOW, epoch: 3 }, errant: '0-3-9' }) },
      {},
    ],
    ['no empty security group in eu-central-1', {}, {}, { fencedSecurityGroups: { 'eu-west-1': 'sg-fenced' } }],
    ['is neither', { standby: { instance: 'payroll', region: 'eu-west-1' } }, {}, {}],
    ['its lease could not be read', {}, {}, { fence: 'lease', lease: { table: 'mainstay-lease', seconds: 10 } }],
    ['another address', {}, {}, { names: { ...policy.names, mode: 'stop' } }],
    ['the readers are still', {}, {}, { names: { ...policy.names, reader: 'ledger-ro.example.internal' } }],
  ];
  test.each(notYet)('not while it waits: %s', (why, change, seen, by) => {
    const decision = decided(built(change), seen, { ...policy, ...by });
    expect(decision.because).not.toBe('standby-follows');
    expect([...rearmDoubts(decision.situation), sentenceOf(decision)].join('; ')).toContain(why);
  });

  test('in mode stop to an instance that bears the address of the record', () => {
    const stop = { ...policy, names: { ...policy.names, mode: 'stop' as const } };
    const same = ok({ ...standby, instance: 'old', endpoint: OLD.endpoint });
    expect(because(built({ standby: { instance: 'old', region: 'eu-west-1' } }), { candidate: same }, stop)).toBe(
      'standby-follows',
    );
  });
});

test('what will not change by itself is told, with what to type', () => {
  const decision = decided(built(), { candidate: ok({ ...standby, status: 'failed' }) });
  expect(decision).toMatchObject({ kind: 'hold', reason: 'standby-not-ready' });
  expect(whatToType(decision)).toContain('ack ledger --epoch 3 --why "…" [--replica INSTANCE]');
  expect(stuckBecause(decided(built()).situation)).toBeUndefined();
});

test('a new leader that is lost before anybody follows it is told, not failed over', () => {
  const lost = { guard: guard(gone, { instance: 'new' }), witness: { kind: 'not-asked' } as const };
  const since = (ms: number) => ({ failing: { sinceMs: NOW - ms, seenMs: NOW - 3_000 } });
  expect(because(degraded(since(2_000)), lost)).toBe('otherwise');
  expect(decided(degraded(since(20_000)), lost)).toMatchObject({ kind: 'hold', reason: 'leader-down' });
});

describe('one that led before', () => {
  const seen = (change: Parameters<typeof view>[0] | 'gone') => ({
    retired: [
      { epoch: 3, answer: ok(change === 'gone' ? ('gone' as const) : view({ status: 'available', ...change })) },
    ],
  });
  const at = (phase: 'degraded' | 'healthy', change: Partial<FailoverRecord> = {}) =>
    degraded({ phase, candidate: { instance: 'old-e3', region: 'eu-west-1', resourceId: 'db-BUILT' }, ...change });
  const retired = (intents: FailoverRecord['retired'][number]['intents']) => ({
    retired: [{ ...OLD, epoch: 3, intents }],
  });
  const given = (agoMs: number) => ({ id: 'x', atMs: NOW - agoMs, attempts: 1, doneAtMs: NOW - agoMs });

  test.each(['degraded', 'healthy'] as const)(
    'is shut again when it is found open, also when the pair is %s',
    (phase) => {
      const decision = decided(at(phase), seen({}));
      expect(decision).toMatchObject({ kind: 'act', step: 'fence-old' });
      const [one] = advance(decision, NOW).retired;
      expect(one).toMatchObject({
        fence: { previousSecurityGroupIds: ['sg-app'] },
        intents: { 'fence-old': { attempts: 1 } },
      });
      expect(because(at(phase), seen({ resourceId: 'db-RESTORED' }))).not.toBe('old-primary-is-loose');
      expect(because(at(phase), seen({ securityGroups: FENCED }))).not.toBe('old-primary-is-loose');
      expect(because(at(phase, retired({ 'fence-old': given(5_000) })), seen({}))).not.toBe('old-primary-is-loose');
    },
  );

  test.each(['degraded', 'healthy'] as const)('is snapshotted, then stopped, and stopped again: %s', (phase) => {
    const back = seen({ securityGroups: FENCED });
    expect(because(at(phase, retired({})), back)).toBe('salvage-owed');
    expect(because(at(phase, retired({ salvage: given(30_000) })), back)).not.toBe('stop-owed');
    expect(because(at(phase, retired({ salvage: given(90_000) })), back)).toBe('stop-owed');
    const refused = (agoMs: number) => ({
      id: 'x',
      atMs: NOW - agoMs,
      attempts: 1,
      lastError: 'InvalidDBInstanceState',
    });
    expect(because(at(phase, retired({ salvage: refused(30_000) })), back)).not.toBe('salvage-owed');
    expect(because(at(phase, retired({ salvage: refused(61_000) })), back)).toBe('salvage-owed');
    const stopping = (agoMs: number) => at(phase, retired({ salvage: given(900_000), stop: refused(agoMs) }));
    expect(because(stopping(30_000), back)).not.toBe('stop-owed');
    expect(because(stopping(61_000), back)).toBe('stop-owed');
    const stopped = { salvage: given(900_000), stop: given(800_000) };
    expect(because(at(phase, retired(stopped)), back)).toBe('stop-owed');
    expect(because(at(phase, retired(stopped)), seen({ status: 'stopped', securityGroups: FENCED }))).not.toBe(
      'stop-owed',
    );
  });

  test('whose order RDS refuses does not take every turn: what comes after it is done', () => {
    const refused = (agoMs: number) => ({ 'fence-old': { id: 'x', atMs: NOW - agoMs, attempts: 4, lastError: '503' } });
    const owed = (agoMs: number) =>
      because(at('degraded', { ...retired(refused(agoMs)), acked: said, intents: degraded().intents }), seen({}));
    expect(owed(61_000)).toBe('old-primary-is-loose');
    expect(owed(30_000)).toBe('salvage-owed');
  });

  test('never comes before a leader that takes no writes', () => {
    const down = { guard: guard(gone, { instance: 'new' }), ...seen({}) };
    expect(because(at('healthy'), down)).toBe('nobody-sees-a-write');
  });

  test('is forgotten when RDS knows it no more, and by nothing less', () => {
    const knownAfter = (answer: Partial<Evidence>) => advance(decided(at('healthy'), answer), NOW).retired.length;
    expect(knownAfter(seen('gone'))).toBe(0);
    expect(knownAfter(seen({ resourceId: 'db-RESTORED' }))).toBe(0);
    expect(knownAfter({ retired: [{ epoch: 3, answer: { kind: 'no-answer', because: 'timeout' } }] })).toBe(1);
    expect(knownAfter({})).toBe(1);
  });
});

describe('one that led before and was never seen well', () => {
  const unknown = { instance: 'old', region: 'eu-west-1', epoch: 3, intents: {} };
  const open = { retired: [{ epoch: 3, answer: ok(view({ status: 'available' })) }] };
  const at = (candidate: string, change: Partial<FailoverRecord> = {}) =>
    degraded({
      phase: 'healthy',
      candidate: { instance: candidate, region: 'eu-west-1' },
      retired: [unknown],
      ...change,
    });

  test('is shut, unless its name belongs to who has a part in the pair now', () => {
    expect(because(at('old-e3'), open)).toBe('old-primary-is-loose');
    expect(because(at('old'), open)).not.toBe('old-primary-is-loose');
    expect(because(at('old-e3', { standby: { instance: 'old', region: 'eu-west-1' } }), open)).not.toBe(
      'old-primary-is-loose',
    );
  });

  test('is neither snapshotted nor stopped: nobody knows what it is', () => {
    const back = { retired: [{ epoch: 3, answer: ok(view({ status: 'available', securityGroups: FENCED })) }] };
    expect(because(at('old-e3'), back)).toBe('otherwise');
  });

  test('is not shut where the config names no empty group', () => {
    expect(because(at('old-e3'), open, { ...policy, fencedSecurityGroups: {} })).toBe('otherwise');
  });
});

test('of two that led before an order is noted with the one that it is about', () => {
  const given = { id: 'ledger/1/fence-old', atMs: NOW - 60_000, attempts: 4, doneAtMs: NOW - 60_000 };
  const earlier = { ...OLD, instance: 'old-e1', resourceId: 'db-EARLIER', epoch: 1, intents: { 'fence-old': given } };
  const decision = decided(degraded({ phase: 'healthy', retired: [earlier, ...degraded().retired] }), {
    retired: [
      { epoch: 1, answer: ok(view({ instance: 'old-e1', resourceId: 'db-EARLIER', securityGroups: FENCED })) },
      { epoch: 3, answer: ok(view({ status: 'available' })) },
    ],
  });
  const ordered = advance(decision, NOW);
  expect(ordered.retired).toMatchObject([
    { intents: { 'fence-old': given } },
    { intents: { 'fence-old': { id: 'ledger/3/fence-old', attempts: 1 } } },
  ]);
  expect(closed(ordered, 'fence-old', NOW, 'timeout').retired).toMatchObject([
    { intents: { 'fence-old': given } },
    { intents: { 'fence-old': { lastError: 'timeout' } } },
  ]);
  expect(closed(ordered, 'fence-old', NOW, 'timeout').retired[0]?.intents['fence-old']?.lastError).toBeUndefined();
});

describe('a person who acknowledges', () => {
  const ack = (from: FailoverRecord, named?: string) =>
    applyCommand(from, { verb: 'ack', by: 'alex', why: 'seen', epoch: 3, replica: named }, NOW);

  test('names the replica that follows already, or has one built', () => {
    expect(ack(degraded(), 'old')).toMatchObject({
      record: { acked: { by: 'alex', replica: 'old' }, standby: { instance: 'old', region: 'eu-west-1' } },
    });
    const plain = ack(degraded());
    expect(plain).toMatchObject({ kind: 'done', record: { acked: { by: 'alex' } } });
  });

  test('once more starts anew: with another replica, or another try', () => {
    const again = ack(built());
    expect(again).toMatchObject({ record: { standby: undefined } });
    expect(again.kind === 'done' && again.record.intents.rebuild).toBeUndefined();
  });

  test('is refused where there is nothing to acknowledge', () => {
    expect(ack(record({ phase: 'healthy' }))).toMatchObject({ kind: 'refused' });
  });
});
