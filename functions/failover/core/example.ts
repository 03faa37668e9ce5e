import { intentId } from './conditions.ts';
import type { Evidence, GuardReport, InstanceView, ReplicaReport } from './evidence.ts';
import type { Policy } from './policy.ts';
import { type FailoverRecord, firstRecord } from './record.ts';

// A lost host, everything as it should be around it, and the record of its pair in epoch 3: for the tests beside it.

export const NOW = 1_000_000;
export const policy = {
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
} as Policy;
export const OLD = { host: 'old.rds.amazonaws.com', port: 5432 };
export const NEW = { host: 'new.rds.amazonaws.com', port: 5432 };

export const ok = <Report>(report: Report) => ({ kind: 'ok', report }) as const;
export const silence = { kind: 'no-answer', because: 'timeout' } as const;
export const notAsked = { kind: 'not-asked' } as const;
export const gone = { kind: 'unreachable', because: 'connect ETIMEDOUT' } as const;
export const refused = { kind: 'answered', because: 'password authentication failed' } as const;
export const wrote = { kind: 'wrote', lsn: '0/3000000', epoch: 0, latencyMs: 2 } as const;
export const FENCED = [{ id: 'sg-fenced', active: true }];

export const view = (change: Partial<InstanceView> = {}): InstanceView => ({
  instance: 'old',
  resourceId: 'db-OLD',
  status: 'failed',
  endpoint: OLD,
  engineVersion: '16.4',
  securityGroups: [{ id: 'sg-app', active: true }],
  backupRetentionDays: 7,
  ...change,
});
export const guard = (write: GuardReport['write'], change: Partial<InstanceView> = {}) =>
  ok<GuardReport>({ atMs: NOW, instance: ok(view(change)), write });
export const told = (report: ReturnType<typeof guard> | typeof silence) => ok({ atMs: NOW, guard: report });
export const replica = (change: Partial<ReplicaReport> = {}) =>
  ok<ReplicaReport>({
    atMs: NOW,
    inRecovery: true,
    lastMessageAgeMs: 40_000,
    receivedLsn: '0/3000000',
    lastReplayedCommitMs: NOW - 41_000,
    ...change,
  });
export const standby = view({
  instance: 'new',
  resourceId: 'db-NEW',
  status: 'available',
  endpoint: NEW,
  source: 'arn:aws:rds:eu-west-1:111122223333:db:old',
});
export const disaster = (change: Partial<Evidence> = {}): Evidence =>
  ({
    takenAtMs: NOW,
    guard: guard(gone),
    witness: told(guard(gone)),
    candidate: ok(standby),
    replica: replica(),
    names: ok({ value: OLD.host, ttlSeconds: 5 }),
    ...change,
  }) as Evidence;
export const since = (ms: number) => ({ sinceMs: NOW - ms, seenMs: NOW - 3_000 });
export const said = { by: 'alex', why: 'a look first', atMs: NOW - 5_000 };

export const record = (change: Partial<FailoverRecord> = {}): FailoverRecord => ({
  ...firstRecord('ledger', policy.primary, policy.replica, NOW - 100_000),
  version: 7,
  epoch: 3,
  phase: 'confirming',
  leader: { ...policy.primary, resourceId: 'db-OLD', endpoint: OLD },
  candidate: { ...policy.replica, resourceId: 'db-NEW', endpoint: NEW },
  failing: since(40_000),
  lost: since(40_000),
  agreed: since(40_000),
  ...change,
});
/** An order of this epoch, given so long ago. */
export const asked = (step: 'fence' | 'promote' | 'open', ms: number, epoch = 3, isDone = true) => ({
  [step]: {
    id: intentId({ record: record({ epoch }) }, step),
    atMs: NOW - ms,
    attempts: 1,
    ...(isDone && { doneAtMs: NOW - ms }),
  },
});
export const ordered = { epoch: 3, previousSecurityGroupIds: ['sg-app'], orderedAtMs: NOW - 20_000 };
export const fencing = (change: Partial<FailoverRecord> = {}) =>
  record({
    phase: 'fencing',
    fence: { ...ordered, quietSinceMs: NOW - 5_000 },
    intents: asked('fence', 20_000),
    ...change,
  });
export const closed = guard(gone, { securityGroups: FENCED });
