import { describe, expect, test } from '@jest/globals';
import { advance } from './advance.ts';
import { decide } from './decide.ts';
import type { Evidence } from './evidence.ts';
import {
  closed,
  disaster,
  fencing,
  gone,
  guard,
  NEW,
  NOW,
  ok,
  ordered,
  policy,
  record,
  replica,
  said,
  silence,
  standby,
  told,
  view,
  wrote,
} from './example.ts';
import type { FailoverRecord } from './record.ts';

// What is remembered after a look.

const remembered = (from: FailoverRecord, seen: Partial<Evidence> = {}) =>
  advance(decide(from, disaster(seen), policy, NOW), NOW);

const calm = { phase: 'healthy', failing: undefined, agreed: undefined, lost: undefined } as const;
const well = { guard: guard(wrote, { status: 'available' }), replica: replica({ lastMessageAgeMs: 100 }) };

describe('who is who', () => {
  const another = ok({ ...standby, resourceId: 'db-OTHER' });

  test('is learned while all is well, of a replica that receives', () => {
    expect(remembered(record(calm), { ...well, candidate: another }).candidate.resourceId).toBe('db-OTHER');
  });

  test('is not learned of a replica that hears nothing, nor of one that is none', () => {
    const deaf = { ...well, replica: replica({ lastMessageAgeMs: 20_000 }) };
    expect(remembered(record(calm), { ...deaf, candidate: another }).candidate.resourceId).toBe('db-NEW');
    const alone = ok({ ...standby, resourceId: 'db-OTHER', source: undefined });
    expect(remembered(record(calm), { ...well, candidate: alone }).candidate.resourceId).toBe('db-NEW');
  });

  test('is not learned in an incident', () => {
    expect(remembered(record(), { candidate: another }).candidate.resourceId).toBe('db-NEW');
    const restored = guard(gone, { resourceId: 'db-RESTORED' });
    expect(remembered(record(), { guard: restored }).leader.resourceId).toBe('db-OLD');
  });
});

test('an order to fence notes that logins may be closed: a group that is given back says nothing of them', () => {
  const noted = remembered(fencing({ fence: undefined, intents: {} }));
  expect(noted).toMatchObject({ phase: 'fencing', quiesced: {}, intents: { fence: { id: 'ledger/3/fence' } } });
});

describe('the quiet behind a fence', () => {
  test('begins with the look that finds it, goes on, and is broken by one that does not', () => {
    expect(remembered(fencing({ fence: ordered }), { guard: closed }).fence?.quietSinceMs).toBe(NOW);
    expect(remembered(fencing(), { guard: closed }).fence?.quietSinceMs).toBe(NOW - 5_000);
    expect(remembered(fencing()).fence?.quietSinceMs).toBeUndefined();
    const silent = { guard: silence, witness: told(silence) };
    expect(remembered(fencing(), silent).fence?.quietSinceMs).toBeUndefined();
  });

  test('the groups before it are kept when it is ordered again', () => {
    const again = fencing({ intents: {} });
    expect(remembered(again, { guard: closed }).fence?.previousSecurityGroupIds).toEqual(['sg-app']);
    const open = guard(gone, { securityGroups: [{ id: 'sg-later', active: true }] });
    expect(remembered(again, { guard: open }).fence?.previousSecurityGroupIds).toEqual(['sg-later']);
  });
});

describe('a cooldown', () => {
  test('follows a failover, for as long as the policy says', () => {
    const names = ok({ value: NEW.host, ttlSeconds: 5, epochText: 'epoch=3 leader=new', answered: NEW.host });
    const last = record({ phase: 'verifying-names', leader: record().candidate, previousLeader: record().leader });
    expect(remembered(last, { names })).toMatchObject({ phase: 'degraded', cooldownUntilMs: NOW + 3_600_000 });
  });

  test('follows an aborted incident, for a minute: orders of it may still be under way', () => {
    const aborting = record({ phase: 'aborting', fence: ordered });
    expect(remembered(aborting, { guard: guard(gone) })).toMatchObject({
      phase: 'healthy',
      cooldownUntilMs: NOW + 60_000,
    });
  });
});

test('the leader is changed once, though the names are switched again', () => {
  const written = ok({ ...view(), ...standby, source: undefined });
  const verifying = record({
    phase: 'verifying',
    fence: ordered,
    intents: { open: { id: 'ledger/3/open', atMs: NOW, attempts: 1, doneAtMs: NOW } },
  });
  const seen = { candidate: written, replica: replica({ inRecovery: false, heartbeat: { atMs: NOW, epoch: 3 } }) };
  const first = remembered(verifying, seen);
  expect(first).toMatchObject({ phase: 'switching-names', leader: { instance: 'new' } });
  expect(first.previousLeader).toMatchObject({ instance: 'old' });
  // Who led before is kept closed with what its fence noted; the new leader has none.
  expect(first.retired).toMatchObject([{ instance: 'old', resourceId: 'db-OLD', epoch: 3, fence: ordered }]);
  expect(first.fence).toBeUndefined();

  const moved = ok({ value: 'elsewhere.example.com', ttlSeconds: 5, epochText: 'epoch=3 leader=new' });
  const again = remembered({ ...first, phase: 'verifying-names' }, { ...seen, names: moved });
  expect(again).toMatchObject({ phase: 'switching-names', leader: { instance: 'new' } });
  expect(again.previousLeader).toMatchObject({ instance: 'old' });
  expect(again.retired).toHaveLength(1);
});

test('a hold says since when, and goes on with that', () => {
  const first = remembered(record(), { names: silence });
  expect(first.hold).toMatchObject({ because: 'gates-closed', sinceMs: NOW });
  const later = remembered(
    { ...first, hold: { ...first.hold, sinceMs: NOW - 9_000 } as FailoverRecord['hold'] },
    { names: silence },
  );
  expect(later.hold?.sinceMs).toBe(NOW - 9_000);
});

test('an epoch goes up by one with an incident, and the version with every write', () => {
  const committed = remembered(record());
  expect(committed).toMatchObject({ phase: 'fencing', epoch: 4, version: 8 });
  expect(remembered(record({ vetoed: said }))).toMatchObject({ epoch: 3, version: 8 });
});

test('a veto outlives its incident, and ends when the leader was back', () => {
  expect(remembered(record({ vetoed: said })).vetoed).toEqual(said);
  expect(remembered(record({ vetoed: said }), well).vetoed).toBeUndefined();
});
