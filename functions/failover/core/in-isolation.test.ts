import { describe, expect, test } from '@jest/globals';
import { CONDITIONS } from './conditions.ts';
import { decide } from './decide.ts';
import { diagnose, guardWord } from './diagnose.ts';
import type { Evidence, ReplicaReport } from './evidence.ts';
import {
  asked,
  closed,
  disaster,
  FENCED,
  fencing,
  gone,
  guard,
  NEW,
  NOW,
  notAsked,
  OLD,
  ok,
  ordered,
  policy,
  record,
  refused,
  replica,
  said,
  silence,
  since,
  standby,
  told,
  wrote,
} from './example.ts';
import { closedGates, GATES } from './gates.ts';
import type { Policy } from './policy.ts';
import type { FailoverRecord } from './record.ts';
import { assess } from './situation.ts';

// Each protection alone. In a whole incident several of them stand behind each other, and one that is gone would not show.

const because = (from: FailoverRecord, seen: Partial<Evidence> = {}, change: Partial<Policy> = {}) =>
  decide(from, disaster(seen), { ...policy, ...change }, NOW).because;
const gates = (seen: Partial<Evidence> = {}, from: Partial<FailoverRecord> = {}) =>
  closedGates(GATES, assess(record(from), disaster(seen), policy, NOW));

describe('a gate', () => {
  test('G2 without two vantage points says so, before it speaks of any window', () => {
    const seen = { witness: silence, replica: replica({ lastMessageAgeMs: 500 }) };
    expect(gates(seen).find(({ gate }) => gate === 'G2')?.whyNot).toContain('no two vantage points');
  });

  test('G4 is closed for a server that answers and refuses', () => {
    const seen = { guard: guard(refused, { status: 'available' }), witness: silence };
    expect(gates(seen).find(({ gate }) => gate === 'G4')?.whyNot).toContain('a server answers');
  });

  test('G5 is closed for a replica of something else', () => {
    const other = ok({ ...standby, source: 'arn:aws:rds:eu-west-1:111122223333:db:another' });
    expect(gates({ candidate: other }).map(({ gate }) => gate)).toEqual(['G5']);
    expect(gates({ candidate: ok({ ...standby, source: 'old' }) })).toEqual([]);
  });

  test('G7 is closed where only the witness reaches the guard: nobody here could order the fence', () => {
    expect(gates({ guard: silence, witness: told(guard(gone)) }).map(({ gate }) => gate)).toEqual(['G7']);
  });

  test('G7 of a leased pair whose region is silent is closed while its lease may be renewed, or was never seen', () => {
    const leased: Policy = { ...policy, fence: 'lease', lease: { seconds: 10, table: 'mainstay-lease' } };
    const held = { seq: 7, holder: 'eu-west-1', epoch: 0, closesAfterSeconds: 10 };
    const lease = (since: number | undefined, change: object) => ({
      from: record({ lease: since === undefined ? undefined : { ...held, ...change, sinceMs: NOW - since } }),
      seen: ok({
        atMs: NOW,
        ...(since !== undefined && {
          lease: { ...held, ...change, pair: 'ledger', open: true, groups: ['sg-app'], renewedAtMs: NOW - since },
        }),
      }),
    });
    const g7 = (since: number | undefined, change = {}) => {
      const { from, seen } = lease(since, change);
      const silent = disaster({ guard: silence, witness: told(silence), lease: seen });
      return closedGates(GATES, assess(from, silent, leased, NOW)).find(({ gate }) => gate === 'G7')?.whyNot;
    };
    expect(g7(undefined)).toContain('no lease of this pair was seen');
    expect(g7(24_000)).toContain('the lease has not been renewed for 24 s of 25 s');
    expect(g7(26_000)).toBeUndefined();
    // A guard that was deployed with a longer ttl than this side's, one that only watches, and one that let its leader write.
    expect(g7(26_000, { closesAfterSeconds: 20 })).toContain('26 s of 35 s');
    expect(g7(26_000, { closesAfterSeconds: undefined })).toContain('only watches');
    expect(g7(26_000, { broken: true })).toContain('no guard closes it');
  });

  test('G9 is closed for a replica that takes writes of its own', () => {
    const ownWrites = { replica: replica({ inRecovery: false }) };
    expect(gates(ownWrites).find(({ gate }) => gate === 'G9')?.whyNot).toContain('no standby');
  });

  test('none is open only because another was closed before it', () => {
    const seen = { replica: replica({ lastMessageAgeMs: 500 }), names: silence };
    expect(gates(seen, { vetoed: said }).map(({ gate }) => gate)).toEqual(['G3', 'G8', 'G10']);
  });
});

describe('the diagnosis', () => {
  test('a write that only the witness was told of is a write, whatever the guard said here', () => {
    const seen = disaster({ guard: guard(gone), witness: told(guard(wrote)) });
    expect(guardWord(seen)?.write.kind).toBe('wrote');
    expect(diagnose(seen, 10_000)).toBe('healthy');
  });

  test('a server that refuses is alive, whatever RDS calls it', () => {
    expect(diagnose(disaster({ guard: guard(refused, { status: 'failed' }), witness: silence }), 10_000)).toBe(
      'answers',
    );
  });

  test('a region that only one other region finds silent is unknown', () => {
    expect(diagnose(disaster({ guard: silence, witness: silence }), 10_000)).toBe('unknown');
    expect(diagnose(disaster({ guard: silence, witness: told(silence) }), 10_000)).toBe('region-down');
    expect(diagnose(disaster({ guard: notAsked, witness: told(silence) }), 10_000)).toBe('unknown');
  });
});

describe('two vantage points', () => {
  const agree = (seen: Partial<Evidence>) => assess(record(), disaster(seen), policy, NOW).agree;

  test('are more than one', () => {
    const hears = replica({ lastMessageAgeMs: 500 });
    expect(agree({ witness: silence, replica: hears })).toBe(false);
    expect(agree({ witness: silence })).toBe(true);
    expect(agree({ replica: hears })).toBe(true);
  });

  test('are not two because one of them could not ask', () => {
    const answers = told(guard(refused));
    expect(agree({ guard: silence, witness: answers, replica: silence })).toBe(false);
    expect(agree({ guard: silence, witness: told(silence), replica: silence })).toBe(true);
  });
});

describe('the loss', () => {
  test('counts from when the guard got no connection, though nobody had seen a write for longer', () => {
    const from = record({ failing: since(60_000), lost: since(20_000) });
    expect(assess(from, disaster(), policy, NOW).loss.seconds).toBe(23);
  });

  test('is not counted from a word of the guard that is too old to rule out a return', () => {
    const from = record({ failing: since(60_000), lost: { sinceMs: NOW - 60_000, seenMs: NOW - 21_000 } });
    expect(assess(from, disaster({ guard: silence, witness: told(silence) }), policy, NOW).lost).toBeUndefined();
  });
});

describe('an approval or a force of another epoch', () => {
  const waiting = (change: Partial<FailoverRecord>) =>
    because(record({ phase: 'awaiting-approval', ...change }), {}, { mode: 'approve' });

  test('approves nothing', () => {
    expect(waiting({ approved: { ...said, epoch: 3 } })).toBe('approved');
    expect(waiting({ approved: { ...said, epoch: 2 } })).toBe('otherwise');
    expect(waiting({ forced: { ...said, epoch: 3, accepts: {} } })).toBe('approved');
    expect(waiting({ forced: { ...said, epoch: 2, accepts: {} } })).toBe('otherwise');
  });

  test('an incident in mode approve waits for it', () => {
    expect(because(record(), {}, { mode: 'approve' })).toBe('approval-is-needed');
    const forced = { ...said, epoch: 2, accepts: {} };
    expect(because(record({ forced }), {}, { mode: 'approve' })).toBe('approval-is-needed');
  });

  test('what was asked about must still be so', () => {
    const approved = { ...said, epoch: 3 };
    const moved = { names: ok({ value: 'elsewhere.example.com' }) };
    expect(because(record({ phase: 'awaiting-approval', approved }), moved, { mode: 'approve' })).toBe(
      'a-gate-is-closed',
    );
  });
});

describe('the fencing', () => {
  test('goes on to the promotion with the proof, and with nothing less', () => {
    expect(because(fencing(), { guard: closed })).toBe('fence-proven');
    expect(because(fencing({ fence: ordered }), { guard: closed })).toBe('otherwise');
  });

  test.each<[string, Partial<FailoverRecord>, Partial<Evidence>]>([
    ['a veto', { vetoed: said }, { guard: closed }],
    ['a write that was accepted, though RDS still calls it failed', {}, { guard: guard(wrote) }],
    ['a replica that hears again', {}, { guard: closed, replica: replica({ lastMessageAgeMs: 500 }) }],
    ['RDS that calls it available', {}, { guard: guard(gone, { status: 'available', securityGroups: FENCED }) }],
  ])('is called off by %s', (_name, change, seen) => {
    expect(because(fencing(change), seen)).toBe('called-off');
  });

  test('has every gate open at its last look, or holds', () => {
    expect(because(fencing(), { guard: closed, names: silence })).toBe('a-gate-is-closed');
  });

  test('orders the fence for its own epoch, and again while it is not to be seen', () => {
    expect(because(fencing({ fence: { ...ordered, epoch: 2 } }), { guard: closed })).toBe('fence-not-ordered');
    expect(because(fencing({ intents: asked('fence', 20_000, 2) }), { guard: closed })).toBe('fence-not-ordered');
    expect(because(fencing())).toBe('fence-not-ordered');
    expect(because(fencing({ intents: asked('fence', 5_000) }))).toBe('otherwise');
  });

  test('without a fence that is asked for makes its one attempt, then goes on; with one it never goes on so', () => {
    const silent = { guard: silence, witness: told(silence) };
    const waived = (change: Partial<FailoverRecord>) => because(fencing(change), silent, { fence: 'none' });
    expect(waived({})).toBe('fence-waived');
    expect(waived({ fence: undefined, intents: {} })).toBe('fence-not-ordered');
    const untried = assess(fencing({ intents: {} }), disaster(silent), { ...policy, fence: 'none' }, NOW);
    expect(CONDITIONS['fence-waived'](untried, GATES)).toBe(false);
    expect(because(fencing({ fence: ordered }), { guard: closed })).not.toBe('fence-waived');
  });
});

describe('the promotion', () => {
  const promoting = (intents: FailoverRecord['intents'], seen: Partial<Evidence> = {}) =>
    because(fencing({ phase: 'promoting', intents }), { guard: notAsked, witness: notAsked, ...seen });

  test('is asked for once, and again only when nothing is to be seen of it for a minute', () => {
    expect(promoting({})).toBe('promotion-not-asked');
    expect(promoting(asked('promote', 5_000, 2))).toBe('promotion-not-asked');
    expect(promoting(asked('promote', 5_000))).toBe('otherwise');
    expect(promoting(asked('promote', 5_000, 3, false))).toBe('promotion-not-asked');
    expect(promoting(asked('promote', 61_000))).toBe('promotion-not-asked');
  });

  test('is not asked of a replica that is not available', () => {
    expect(promoting({}, { candidate: ok({ ...standby, status: 'backing-up' }) })).toBe('candidate-is-not-ready');
  });

  test('has ended when the source is gone, RDS says available, and the server left recovery: all three', () => {
    const [done, out] = [ok({ ...standby, source: undefined }), replica({ inRecovery: false })];
    const ended = (candidate: Evidence['candidate'], seen: Evidence['replica']) =>
      promoting(asked('promote', 5_000), { candidate, replica: seen }) === 'candidate-is-promoted';
    expect(ended(done, out)).toBe(true);
    expect(ended(ok(standby), out)).toBe(false);
    expect(ended(ok({ ...standby, source: undefined, status: 'modifying' }), out)).toBe(false);
    expect(ended(done, replica())).toBe(false);
    expect(ended(done, silence)).toBe(false);
  });

  test('is followed by the name only when our own epoch was read back', () => {
    const verifying = (heartbeat: ReplicaReport['heartbeat']) =>
      because(record({ phase: 'verifying', intents: asked('open', 1_000) }), {
        replica: replica({ inRecovery: false, heartbeat }),
      });
    expect(verifying({ atMs: NOW, epoch: 3 })).toBe('writable-in-our-epoch');
    expect(verifying({ atMs: NOW, epoch: 2 })).toBe('otherwise');
    expect(verifying(undefined)).toBe('otherwise');
    const carriedOver = replica({ inRecovery: false, heartbeat: { atMs: NOW, epoch: 3 } });
    expect(because(record({ phase: 'verifying' }), { replica: carriedOver })).toBe('otherwise');
  });
});

describe('an aborted incident', () => {
  const fence = { ...ordered };
  test('ends with the door open, by RDS’s word', () => {
    expect(because(record({ phase: 'aborting', fence }), { guard: closed })).toBe('otherwise');
    const unseen = { guard: silence, witness: silence };
    expect(because(record({ phase: 'aborting', fence, phaseSinceMs: NOW - 29_000 }), unseen)).toBe('otherwise');
    expect(because(record({ phase: 'aborting', fence }), { guard: guard(gone) })).toBe('door-is-open');
  });

  test('ends after half a minute where nobody sees the leader: it is an incident, and is opened when it is back', () => {
    const unseen = { guard: silence, witness: told(silence) };
    const from = (agoMs: number) => record({ phase: 'aborting', fence, phaseSinceMs: NOW - agoMs });
    expect(because(from(30_000), unseen)).toBe('otherwise');
    expect(because(from(31_000), unseen)).toBe('leader-is-unseen');
    // Behind a door that we shut it is seen: that is opened, however long it takes.
    expect(because(from(31_000), { guard: closed, witness: told(closed) })).toBe('otherwise');
    const shut = guard(gone, { status: 'available', securityGroups: FENCED });
    expect(because(record({ phase: 'confirming', fence }), { guard: shut, witness: told(shut) })).toBe(
      'leader-is-fenced-by-us',
    );
  });
});

describe('a pair that is paused, newer or seen too long ago', () => {
  test('is looked at and left alone in every phase', () => {
    for (const phase of ['healthy', 'fencing', 'promoting', 'switching-names', 'degraded'] as const) {
      expect(because(record({ phase, paused: said }))).toBe('paused');
      expect(because(record({ phase, schemaVersion: 99 }))).toBe('record-is-newer');
      expect(because(record({ phase }), { takenAtMs: NOW - 21_000 })).toBe('evidence-is-old');
    }
  });
});

describe('in the end', () => {
  test('the name leads to the new leader when every server that is asked says so', () => {
    const epochText = 'epoch=3 leader=new';
    const leads = { phase: 'verifying-names', leader: record().candidate, previousLeader: record().leader } as const;
    const seen = (answered: string | undefined) =>
      because(record(leads), { names: ok({ value: NEW.host, ttlSeconds: 5, epochText, answered }) });
    expect(seen(NEW.host)).toBe('name-leads-to-it');
    expect(seen(OLD.host)).toBe('otherwise');
    expect(seen(undefined)).toBe('otherwise');
  });
});
