import { expect, test } from '@jest/globals';
import type { Evidence } from './evidence.ts';
import { checkReadiness, type InstanceShape, type ReadinessFacts } from './readiness.ts';
import type { Check, CheckName } from './readiness-finding.ts';
import { firstRecord } from './record.ts';

const NOW = 100 * 86_400_000;
const ok = <Report>(report: Report) => ({ kind: 'ok', report }) as const;
const silence = { kind: 'no-answer', because: 'timeout' } as const;

const leader: InstanceShape = {
  instance: 'old',
  arn: 'arn:aws:rds:eu-west-1:111122223333:db:old',
  resourceId: 'db-OLD',
  status: 'available',
  endpoint: { host: 'old.example.com', port: 5432 },
  engineVersion: '16.4',
  securityGroups: [{ id: 'sg-app', active: true }],
  backupRetentionDays: 7,
  instanceClass: 'db.m8g.large',
  storageGb: 100,
  parameterGroup: { name: 'pg16', inSync: true },
  isMultiAz: true,
  isProtected: true,
  kmsKey: 'arn:aws:kms:eu-west-1:111122223333:key/one',
};
const replica: InstanceShape = {
  ...leader,
  instance: 'new',
  arn: 'arn:aws:rds:eu-central-1:111122223333:db:new',
  resourceId: 'db-NEW',
  source: 'arn:aws:rds:eu-west-1:111122223333:db:old',
  kmsKey: 'arn:aws:kms:eu-central-1:111122223333:key/two',
};
const beaten = { atMs: NOW, inRecovery: true, heartbeat: { atMs: NOW - 4_000, epoch: 0 }, lacks: [] as string[] };
const evidence: Evidence = {
  takenAtMs: NOW,
  guard: ok({ atMs: NOW, instance: ok(leader), write: { kind: 'wrote', lsn: '0/1', epoch: 0, latencyMs: 2 } }),
  witness: silence,
  candidate: ok(replica),
  replica: ok(beaten),
  names: ok({ value: 'old.example.com.', ttlSeconds: 5 }),
};
const heard = { ...beaten, lacks: undefined };
const facts = (change: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  policy: {
    pair: 'ledger',
    mode: 'armed',
    fence: 'confirmed',
    primary: { instance: 'old', region: 'eu-west-1' },
    replica: { instance: 'new', region: 'eu-central-1' },
    applicationRoles: [],
    fencedSecurityGroups: { 'eu-west-1': 'sg-fenced' },
    names: { zoneId: 'Z1', writer: 'ledger.example.internal', ttlSeconds: 5 },
    confirmSeconds: 60,
    selfHealSeconds: 300,
    maxLossSeconds: 30,
    cooldownSeconds: 3600,
    stepSeconds: 5,
  },
  record: {
    ...firstRecord('ledger', { instance: 'old', region: 'eu-west-1' }, { instance: 'new', region: 'eu-central-1' }, 0),
    leader: { instance: 'old', region: 'eu-west-1', endpoint: { host: 'old.example.com', port: 5432 } },
  },
  evidence,
  leader: ok(leader),
  replica: ok(replica),
  secrets: { leader: ok({ isManagedByRds: false }), replica: ok({ isManagedByRds: false }) },
  lastDrill: { atMs: NOW - 9 * 86_400_000, promoteSeconds: 210 },
  nowMs: NOW,
  ...change,
});
const { policy } = facts();

test('a pair with nothing amiss is ready in all eleven checks', () => {
  const checks = checkReadiness(facts());
  expect(checks).toHaveLength(11);
  expect(checks.filter(({ state }) => state !== 'ready')).toEqual([]);
});

test('a cluster that RDS would not let lead is blocked, with what would make it possible', () => {
  const unfit = 'new is headless: it has no DB instance. Add one';
  const source = 'arn:aws:rds:eu-west-1:111122223333:cluster:old';
  const [check] = checkReadiness(facts({ replica: ok({ ...replica, source, unfit }) })).filter(
    ({ name }) => name === 'replica',
  );
  expect(check).toMatchObject({ state: 'blocked', fix: unfit });
});

test('what is still being applied is no trouble on a quiet day', () => {
  const checks = checkReadiness(
    facts({ evidence: { ...evidence, replica: ok({ ...beaten, unsettled: 'applying' }) } }),
  );
  expect(checks.find(({ name }) => name === 'heartbeat')?.state).toBe('ready');
});

test('the script to run is that of the engine', () => {
  const nobody = { evidence: { ...evidence, replica: ok({ atMs: NOW, inRecovery: true }) } };
  const fixOf = (engine: 'postgres' | 'mariadb') =>
    checkReadiness(facts({ ...nobody, policy: { ...policy, engine } })).find(({ name }) => name === 'heartbeat')?.fix;
  expect([fixOf('postgres'), fixOf('mariadb')]).toEqual([
    'Run setup.sql on the leader.',
    'Run setup.mysql.sql on the leader.',
  ]);
});

const seen = (change: Partial<Evidence>) => ({ evidence: { ...evidence, ...change } });
const AMISS: [CheckName, Check['state'], string, Partial<ReadinessFacts>][] = [
  ['replica', 'blocked', 'replicates nothing', { replica: ok({ ...replica, source: undefined }) }],
  ['replica', 'blocked', 'nobody follows it', { record: { ...facts().record, phase: 'degraded' } }],
  ['replica', 'blocked', 'is backing-up', { replica: ok({ ...replica, status: 'backing-up' }) }],
  ['replica', 'warning', 'runs 16.3 and its source 16.4', { replica: ok({ ...replica, engineVersion: '16.3' }) }],
  ['backups', 'warning', 'keeps no backups', { replica: ok({ ...replica, backupRetentionDays: 0 }) }],
  ['shape', 'warning', 'its class is db.t4g.micro', { replica: ok({ ...replica, instanceClass: 'db.t4g.micro' }) }],
  [
    'shape',
    'warning',
    'waits for a reboot',
    { replica: ok({ ...replica, parameterGroup: { name: 'pg16', inSync: false } }) },
  ],
  ['shape', 'warning', 'in one Availability Zone', { replica: ok({ ...replica, isMultiAz: false }) }],
  ['security-groups', 'blocked', 'nobody could reach it', { replica: ok({ ...replica, securityGroups: [] }) }],
  [
    'security-groups',
    'blocked',
    'it is fenced',
    { leader: ok({ ...leader, securityGroups: [{ id: 'sg-fenced', active: true }] }) },
  ],
  ['encryption', 'warning', 'is not encrypted, and its source is', { replica: ok({ ...replica, kmsKey: undefined }) }],
  ['encryption', 'blocked', 'lives in eu-west-1', { replica: ok({ ...replica, kmsKey: leader.kmsKey }) }],
  [
    'login',
    'blocked',
    'not in eu-central-1',
    { secrets: { leader: ok({ isManagedByRds: false }), replica: ok('missing') } },
  ],
  [
    'login',
    'blocked',
    'managed by RDS',
    { secrets: { leader: ok({ isManagedByRds: true }), replica: ok({ isManagedByRds: false }) } },
  ],
  ['names', 'blocked', 'names elsewhere.example.com', seen({ names: ok({ value: 'elsewhere.example.com' }) })],
  [
    'names',
    'blocked',
    'DNS says epoch 4',
    seen({ names: ok({ value: 'old.example.com', epochText: 'epoch=4 leader=old' }) }),
  ],
  ['names', 'warning', 'a TTL of 300 s', seen({ names: ok({ value: 'old.example.com', ttlSeconds: 300 }) })],
  [
    'heartbeat',
    'blocked',
    '40 s old',
    seen({ replica: ok({ atMs: NOW, inRecovery: true, heartbeat: { atMs: NOW - 40_000, epoch: 0 }, lacks: [] }) }),
  ],
  ['heartbeat', 'blocked', 'No heartbeat', seen({ replica: ok({ atMs: NOW, inRecovery: true, lacks: [] }) })],
  [
    'setup',
    'blocked',
    'the role app is not there',
    seen({ replica: ok({ ...heard, lacks: ['the role app is not there'] }) }),
  ],
  ['setup', 'unknown', 'could not be asked', seen({ replica: ok({ ...heard, lacks: undefined }) })],
  ['heartbeat', 'blocked', 'in another order', seen({ replica: ok({ ...beaten, unsettled: 'out-of-order' }) })],
  ['heartbeat', 'blocked', 'never had: 0-2-101', seen({ replica: ok({ ...beaten, errant: '0-2-101' }) })],
  ['heartbeat', 'blocked', 'writes of its own', seen({ replica: ok({ ...beaten, inRecovery: false }) })],
  [
    'heartbeat',
    'warning',
    'keeps no GTIDs',
    seen({ guard: ok({ atMs: NOW, instance: ok(leader), write: { kind: 'wrote', lsn: '', epoch: 0, latencyMs: 2 } }) }),
  ],
  [
    'heartbeat',
    'warning',
    'does not say when it last heard',
    { policy: { ...policy, engine: 'mysql' }, ...seen({ replica: ok({ ...beaten, mayHearAgeMs: 0 }) }) },
  ],
  ['fence', 'warning', 'No fence is asked for', { policy: { ...policy, fence: 'none' } }],
  ['fence', 'blocked', 'No lease is configured', { policy: { ...policy, fence: 'lease' } }],
  ['fence', 'warning', 'watched only', { policy: { ...policy, mode: 'observe' } }],
  ['drill', 'warning', 'No rehearsal', { lastDrill: undefined }],
  ['drill', 'warning', 'ended failed', { failedDrill: { atMs: NOW, sentence: 'The drill of ledger ended failed.' } }],
  ['drill', 'warning', 'mainstay-drill-ledger-abc123-a', { strays: ['mainstay-drill-ledger-abc123-a'] }],
  ['drill', 'warning', '99 days ago', { lastDrill: { atMs: NOW - 99 * 86_400_000, promoteSeconds: 210 } }],
];
test.each(AMISS)('%s %s: %s', (name, state, words, change) => {
  const amiss = checkReadiness(facts(change)).filter((check) => check.state !== 'ready');
  expect(amiss.map((check) => [check.name, check.state])).toEqual([[name, state]]);
  expect(amiss[0]?.sentence).toContain(words);
  expect(amiss[0]?.fix).toMatch(/\.$/);
});

test('what cannot be asked is unknown, never ready', () => {
  const silent: Evidence = { ...evidence, guard: silence, replica: silence, names: silence };
  const checks = checkReadiness(
    facts({ evidence: silent, leader: silence, replica: silence, secrets: { leader: silence, replica: silence } }),
  );
  expect(checks.filter(({ state }) => state === 'ready').map(({ name }) => name)).toEqual(['drill']);
  expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(['unknown', 'ready']));
});
