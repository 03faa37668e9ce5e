import { expect, test } from '@jest/globals';
import type { Evidence, GuardReport, InstanceView } from './evidence.ts';
import { fenceDoubt, fenceNeeded } from './fence.ts';
import type { Policy } from './policy.ts';
import { type FailoverRecord, firstRecord } from './record.ts';
import { assess } from './situation.ts';

const NOW = 1_000_000;
const FENCED = [{ id: 'sg-fenced', active: true }];

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
const ordered = { epoch: 3, previousSecurityGroupIds: ['sg-app'], orderedAtMs: NOW - 20_000 };
const proven = { ...ordered, quietSinceMs: NOW - 5_000 };
const silence = { kind: 'no-answer', because: 'timeout' } as const;
const gone = { kind: 'unreachable', because: 'connect ETIMEDOUT' } as const;

const view = (change: Partial<InstanceView> = {}): InstanceView => ({
  instance: 'old',
  resourceId: 'db-OLD',
  status: 'failed',
  engineVersion: '16.4',
  securityGroups: FENCED,
  backupRetentionDays: 7,
  ...change,
});
const says = (instance: GuardReport['instance'], write: GuardReport['write'] = gone): Evidence['guard'] => ({
  kind: 'ok',
  report: { atMs: NOW, instance, write },
});
const closed = (change: Partial<InstanceView> = {}, write?: GuardReport['write']) =>
  says({ kind: 'ok', report: view(change) }, write);

const doubt = (
  guard: Evidence['guard'],
  record: Partial<FailoverRecord> = {},
  witness: Evidence['witness'] = silence,
) =>
  fenceDoubt(
    assess(
      {
        ...firstRecord('ledger', policy.primary, policy.replica, 0),
        epoch: 3,
        phase: 'fencing',
        leader: { ...policy.primary, resourceId: 'db-OLD' },
        fence: proven,
        ...record,
      },
      { takenAtMs: NOW, guard, witness, candidate: silence, replica: silence, names: silence },
      policy,
      NOW,
    ),
  );

test('a lost host with the empty group alone and active, quiet at two looks, is proven closed', () => {
  expect(doubt(closed())).toBeUndefined();
  for (const status of ['rebooting', 'starting', 'recovering', 'stopped', 'inaccessible-encryption-credentials']) {
    expect(doubt(closed({ status }))).toBeUndefined();
  }
});

test('what the guard told the witness counts where it does not answer here', () => {
  const told = closed();
  expect(doubt(silence, {}, { kind: 'ok', report: { atMs: NOW, guard: told } })).toBeUndefined();
});

test.each([
  ['not-ordered', closed(), { fence: undefined }],
  ['not-ordered', closed(), { fence: { ...proven, epoch: 2 } }],
  ['guard-silent', silence, {}],
  ['rds-silent', says(silence), {}],
  ['another-instance', closed({ resourceId: 'db-RESTORED' }), {}],
  ['groups-not-fenced', closed({ securityGroups: [{ id: 'sg-app', active: true }] }), {}],
  ['groups-not-fenced', closed({ securityGroups: [...FENCED, { id: 'sg-app', active: true }] }), {}],
  ['groups-not-fenced', closed({ securityGroups: [] }), {}],
  ['groups-not-active', closed({ securityGroups: [{ id: 'sg-fenced', active: false }] }), {}],
  ['engine-may-run', closed({ status: 'available' }), {}],
  ['engine-may-run', closed({ status: 'modifying' }), {}],
  ['engine-may-run', closed({ status: 'a-word-of-next-year' }), {}],
  ['still-answers', closed({}, { kind: 'answered', because: 'password authentication failed' }), {}],
  ['still-answers', closed({}, { kind: 'wrote', lsn: '0/1', epoch: 3, latencyMs: 1 }), {}],
  ['quiet-too-short', closed(), { fence: ordered }],
  ['quiet-too-short', closed(), { fence: { ...ordered, quietSinceMs: NOW - 1_900 } }],
] as const)('%s: no proof (%#)', (because, guard, record) => {
  expect(doubt(guard as Evidence['guard'], record as Partial<FailoverRecord>)).toBe(because);
});

test('a person who accepts the exposure does so for one incident: the next one needs its proof', () => {
  const forced = { by: 'alex', why: 'it burned', atMs: NOW, accepts: { fence: true } } as const;
  const waived = (epoch: number) => {
    const record = { epoch: 3, forced: { ...forced, epoch } };
    return fenceNeeded({ record: { ...firstRecord('ledger', policy.primary, policy.replica, 0), ...record }, policy });
  };
  expect(waived(3)).toBe('none');
  expect(waived(2)).toBe('confirmed');
});
