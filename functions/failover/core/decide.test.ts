import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { advance } from './advance.ts';
import { decide } from './decide.ts';
import type { Evidence, GuardReport, InstanceView, ReplicaReport } from './evidence.ts';
import { GATES } from './gates.ts';
import { PHASES } from './phases.ts';
import type { Policy } from './policy.ts';
import { type Accepted, type FailoverRecord, firstRecord, type Phase } from './record.ts';
import { sentenceOf, whatToType } from './sentence.ts';

const NOW = 1_000_000;

const policy: Policy = {
  pair: 'ledger',
  mode: 'armed',
  fence: 'confirmed',
  primary: { instance: 'old', region: 'eu-west-1' },
  replica: { instance: 'new', region: 'eu-central-1' },
  applicationRoles: ['app'],
  fencedSecurityGroups: { 'eu-west-1': 'sg-fenced' },
  names: { zoneId: 'Z1', writer: 'ledger.example.internal', ttlSeconds: 5 },
  confirmSeconds: 10,
  selfHealSeconds: 20,
  maxLossSeconds: 30,
  cooldownSeconds: 3600,
  stepSeconds: 3,
};

const view = (change: Partial<InstanceView> = {}): InstanceView => ({
  instance: 'old',
  resourceId: 'db-OLD',
  status: 'available',
  endpoint: { host: 'old.rds.amazonaws.com', port: 5432 },
  engineVersion: '16.4',
  securityGroups: [{ id: 'sg-app', active: true }],
  backupRetentionDays: 7,
  ...change,
});
const ok = <Report>(report: Report) => ({ kind: 'ok', report }) as const;
const silence = { kind: 'no-answer', because: 'timeout' } as const;
const gone = { kind: 'unreachable', because: 'connect ETIMEDOUT' } as const;
const wrote = { kind: 'wrote', lsn: '0/3000000', epoch: 0, latencyMs: 2 } as const;

const guard = (write: GuardReport['write'], change: Partial<InstanceView> = {}) =>
  ok<GuardReport>({ atMs: NOW, instance: ok(view(change)), write });
const replica = (change: Partial<ReplicaReport> = {}) =>
  ok<ReplicaReport>({
    atMs: NOW,
    inRecovery: true,
    lastMessageAgeMs: 40_000,
    receivedLsn: '0/3000000',
    lastReplayedCommitMs: NOW - 41_000,
    ...change,
  });
const standby = view({
  instance: 'new',
  resourceId: 'db-NEW',
  endpoint: { host: 'new.rds.amazonaws.com', port: 5432 },
  source: 'arn:aws:rds:eu-west-1:111122223333:db:old',
});

/** A host lost 40 s ago, and everything as it should be around it. */
const disaster = (change: Partial<Evidence> = {}): Evidence => ({
  takenAtMs: NOW,
  guard: guard(gone, { status: 'failed' }),
  witness: ok({ atMs: NOW, guard: guard(gone, { status: 'failed' }) }),
  candidate: ok(standby),
  replica: replica(),
  names: ok({ value: 'old.rds.amazonaws.com.', ttlSeconds: 5 }),
  ...change,
});
const since = (ms: number) => ({ sinceMs: NOW - ms, seenMs: NOW - 3_000 });
const confirming = (change: Partial<FailoverRecord> = {}): FailoverRecord => ({
  ...firstRecord('ledger', policy.primary, policy.replica, NOW - 100_000),
  version: 7,
  phase: 'confirming',
  leader: { ...policy.primary, resourceId: 'db-OLD', endpoint: { host: 'old.rds.amazonaws.com', port: 5432 } },
  candidate: { ...policy.replica, resourceId: 'db-NEW', endpoint: { host: 'new.rds.amazonaws.com', port: 5432 } },
  failing: since(40_000),
  lost: since(40_000),
  agreed: since(40_000),
  ...change,
});

test('a lost host with every gate open is committed, and the epoch goes up by one', () => {
  const decision = decide(confirming(), disaster(), policy, NOW);
  expect(decision).toMatchObject({ kind: 'move', to: 'fencing' });
  expect(advance(decision, NOW)).toMatchObject({ epoch: 1, phase: 'fencing', version: 8 });
  expect(sentenceOf(decision)).toBe(
    'ledger (epoch 0) goes from confirming to fencing: all gates open in one snapshot: the epoch goes up; RDS says that the leader cannot come back by itself; against the leader: guard, witness, replica; loss at most 3 s.',
  );
});

describe('one gate closed holds, and says which', () => {
  const held: [string, Partial<FailoverRecord>, Partial<Evidence>, Partial<Policy>][] = [
    ['G1', {}, {}, { mode: 'observe' }],
    ['G1', { cooldownUntilMs: NOW + 5_000 }, {}, {}],
    ['G2', { agreed: since(3_000) }, {}, {}],
    ['G3', {}, { replica: replica({ lastMessageAgeMs: 500 }) }, {}],
    ['G3', {}, { replica: replica({ lastMessageAgeMs: 90_000, mayHearAgeMs: 500 }) }, {}],
    ['G4', {}, { guard: guard(gone, { status: 'stopped' }) }, {}],
    ['G4', { failing: since(12_000) }, { guard: guard(gone, { status: 'rebooting' }) }, {}],
    ['G4 G7', {}, { guard: guard(gone, { status: 'a-word-of-next-year' }) }, {}],
    ['G4 G7', {}, { guard: guard(gone, { status: 'maintenance' }) }, {}],
    ['G4 G7', {}, { guard: guard(gone, { status: 'storage-full' }) }, {}],
    ['G5', {}, { candidate: ok({ ...standby, status: 'backing-up' }) }, {}],
    ['G5', {}, { candidate: ok({ ...standby, source: undefined }) }, {}],
    ['G5', {}, { candidate: ok({ ...standby, resourceId: 'db-OTHER' }) }, {}],
    ['G6', {}, { replica: replica({ lastReplayedCommitMs: NOW - 90_000 }) }, {}],
    ['G6', {}, { replica: replica({ lastReplayedCommitMs: undefined }) }, {}],
    ['G7', {}, {}, { fence: 'lease' }],
    ['G7', {}, { guard: guard(gone, { status: 'available' }) }, {}],
    ['G8', {}, { names: ok({ value: 'elsewhere.example.com' }) }, {}],
    ['G8', {}, { names: ok({ value: 'old.rds.amazonaws.com', epochText: 'epoch=4 leader=old' }) }, {}],
    ['G8', {}, { names: silence }, {}],
    ['G9', {}, { candidate: ok({ ...standby, engineVersion: '15.8' }) }, {}],
    ['G9', {}, { replica: replica({ errant: '0-2-101' }) }, {}],
    ['G10', { vetoed: { by: 'alex', why: 'not tonight', atMs: NOW } }, {}, {}],
  ];
  test.each(held)('%s', (gate, record, evidence, change) => {
    const decision = decide(confirming(record), disaster(evidence), { ...policy, ...change }, NOW);
    expect(decision).toMatchObject({ kind: 'hold', reason: 'gates-closed' });
    expect(decision.whyNot.map((one) => one.gate)).toEqual(gate.split(' '));
    expect(sentenceOf(decision)).toContain(`${gate.slice(0, 2)}`);
  });
});

describe('a force', () => {
  const forced = (accepts: Accepted, epoch = 0): Partial<FailoverRecord> => ({
    forced: { by: 'alex', why: 'it burned', atMs: NOW, epoch, accepts },
  });
  const decided = (record: Partial<FailoverRecord>, evidence: Partial<Evidence>, change: Partial<Policy> = {}) =>
    decide(confirming(record), disaster(evidence), { ...policy, ...change }, NOW);
  const frozen = guard(gone, { status: 'available' });
  const stopped = guard(gone, { status: 'stopped' });
  const behind = replica({ lastReplayedCommitMs: NOW - 90_000 });
  const diverged = replica({ errant: '0-2-101' });
  const older = ok({ ...standby, engineVersion: '15.8' });

  test('opens the gate of what is accepted, and keeps it for the epoch that it starts', () => {
    const decision = decided(forced({ fence: true }), { guard: frozen });
    expect(decision).toMatchObject({ to: 'fencing' });
    expect(advance(decision, NOW)).toMatchObject({ epoch: 1, forced: { epoch: 1 } });
    expect(decided(forced({ cause: true }), { guard: stopped })).toMatchObject({ to: 'fencing' });
    expect(decided(forced({ loss: 60 }), { replica: behind })).toMatchObject({ to: 'fencing' });
    expect(decided({ ...forced({ cooldown: true }), cooldownUntilMs: NOW + 1 }, {})).toMatchObject({ to: 'fencing' });
    expect(decided(forced({ fence: true }), {}, { mode: 'approve' })).toMatchObject({ to: 'fencing' });
    expect(decided(forced({ divergence: true }), { replica: diverged })).toMatchObject({ to: 'fencing' });
  });

  test('opens no other gate, and none for another epoch', () => {
    const gates = (decision: ReturnType<typeof decided>) => decision.whyNot.map(({ gate }) => gate);
    expect(gates(decided(forced({ fence: true }, 7), { guard: frozen }))).toEqual(['G7']);
    expect(gates(decided(forced({ fence: true }), { guard: stopped }))).toEqual(['G4']);
    expect(gates(decided(forced({ loss: 10 }), { replica: behind }))).toEqual(['G6']);
    const all: Accepted = { loss: 'any', fence: true, cause: true, cooldown: true, divergence: true };
    expect(gates(decided(forced({ ...all, divergence: undefined }), { replica: diverged }))).toEqual(['G9']);
    expect(gates(decided(forced(all), { replica: replica({ errant: '0-2-101', inRecovery: false }) }))).toEqual(['G9']);
    expect(gates(decided(forced(all), { replica: diverged, candidate: older }))).toEqual(['G9']);
    expect(gates(decided(forced(all), { replica: replica({ lastMessageAgeMs: 500 }) }))).toEqual(['G3']);
    expect(gates(decided(forced(all), {}, { mode: 'observe' }))).toEqual(['G1']);
  });

  test('is offered where it would end the hold, and only there', () => {
    const typed = (evidence: Partial<Evidence>) => whatToType(decided({}, evidence));
    expect(typed({ guard: frozen })).toContain('force ledger --epoch 0 --why "…" --accept fence');
    expect(typed({ replica: behind })).toContain('--accept loss=52');
    expect(typed({ replica: replica({ lastReplayedCommitMs: undefined }) })).toContain('--accept loss=any');
    expect(typed({ replica: diverged })).toContain('--accept divergence');
    expect(typed({ replica: diverged, candidate: older })).not.toContain('force');
    expect(typed({ replica: silence })).not.toContain('force');
  });
});

test('a write that anybody saw accepted ends the incident without an epoch', () => {
  for (const evidence of [
    disaster({ guard: guard(wrote) }),
    disaster({ guard: silence, witness: ok({ atMs: NOW, guard: guard(wrote) }) }),
  ]) {
    const decision = decide(confirming(), evidence, policy, NOW);
    expect(decision).toMatchObject({ kind: 'move', to: 'healthy' });
    expect(advance(decision, NOW).epoch).toBe(0);
  }
});

test('a record of a newer release, or one with a phase that is not known here, is left alone', () => {
  expect(decide(confirming({ schemaVersion: 99 }), disaster(), policy, NOW)).toMatchObject({
    kind: 'hold',
    reason: 'newer-record',
  });
  expect(decide(confirming({ phase: 'rebuilding' as Phase }), disaster(), policy, NOW)).toMatchObject({
    reason: 'newer-record',
  });
});

test('evidence over 20 s old decides nothing', () => {
  expect(decide(confirming(), disaster({ takenAtMs: NOW - 21_000 }), policy, NOW)).toMatchObject({
    reason: 'old-evidence',
  });
});

test.each(['healthy', 'suspect'] as const)(
  'a %s leader that a late order fenced gets its security groups back',
  (phase) => {
    const fence = { epoch: 1, previousSecurityGroupIds: ['sg-app'], orderedAtMs: NOW - 90_000 };
    const fenced = guard(gone, { securityGroups: [{ id: 'sg-fenced', active: true }] });
    const decision = decide(confirming({ phase, epoch: 1, fence }), disaster({ guard: fenced }), policy, NOW);
    expect(decision).toMatchObject({ kind: 'move', to: 'aborting' });
  },
);

test('a name that somebody moves after us is looked at, not taken back', () => {
  const leads = {
    phase: 'verifying-names',
    epoch: 1,
    leader: confirming().candidate,
    previousLeader: confirming().leader,
  } as const;
  const names = ok({ value: 'old.rds.amazonaws.com', epochText: 'epoch=1 leader=new' });
  expect(decide(confirming(leads), disaster({ names }), policy, NOW)).toMatchObject({ to: 'switching-names' });
  const again = decide(confirming({ ...leads, phase: 'switching-names' }), disaster({ names }), policy, NOW);
  expect(again).toMatchObject({ kind: 'hold', reason: 'names-conflict' });
});

test('every hold in an incident says what to type, with the epoch', () => {
  expect(whatToType(decide(confirming(), disaster({ names: silence }), policy, NOW))).toBe(
    'mainstay failover pause ledger --epoch 0 --why "…"',
  );
});

test('every phase ends in a row that always applies, and rows of a phase lie together', () => {
  const phases = [...new Set(PHASES.map(({ from }) => from))].filter((phase) => phase !== '*');
  expect(phases).toHaveLength(14);
  for (const phase of phases) {
    expect(PHASES.filter(({ from }) => from === phase).at(-1)?.when).toBe('otherwise');
  }
  expect(GATES.map(({ name }) => name)).toEqual(['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9', 'G10']);
});

test('any record and any evidence has an outcome and a sentence', () => {
  const status = fc.constantFrom('available', 'failed', 'rebooting', 'stopped', '?');
  const guards = fc.oneof(
    fc.constant(silence),
    fc
      .tuple(fc.constantFrom<GuardReport['write']>(wrote, gone, { kind: 'answered', because: '28P01' }), status)
      .map(([write, word]) => guard(write, { status: word })),
  );
  const evidence = fc.record({
    takenAtMs: fc.constantFrom(NOW, NOW - 60_000),
    guard: guards,
    witness: fc.oneof(
      fc.constant(silence),
      guards.map((one) => ok({ atMs: NOW, guard: one })),
    ),
    candidate: fc.constantFrom(silence, ok(standby), ok({ ...standby, source: undefined })),
    replica: fc.constantFrom(silence, replica(), replica({ inRecovery: false, heartbeat: { atMs: NOW, epoch: 1 } })),
    names: fc.constantFrom(silence, ok({}), ok({ value: 'new.rds.amazonaws.com', epochText: 'epoch=1 leader=new' })),
  });
  const record = fc.record({
    phase: fc.constantFrom(...PHASES.flatMap(({ from }) => (from === '*' ? [] : [from]))),
    epoch: fc.nat(2),
  });
  fc.assert(
    fc.property(record, evidence, (change, seen) => {
      const decision = decide(confirming(change), seen as Evidence, policy, NOW);
      expect(sentenceOf(decision)).toMatch(/\.$/);
      expect(advance(decision, NOW).epoch - change.epoch).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});
