import { describe, expect, test } from '@jest/globals';
import type { Evidence, InstanceView, ReaderSeen } from './evidence.ts';
import type { Policy } from './policy.ts';
import { firstRecord } from './record.ts';
import { assess, readersPlan } from './situation.ts';

// Several readers after a failover: who is read from, and whose record goes.

const policy: Policy = {
  pair: 'ledger',
  mode: 'armed',
  fence: 'confirmed',
  primary: { instance: 'old', region: 'eu-west-1' },
  replica: { instance: 'new', region: 'eu-central-1' },
  applicationRoles: [],
  fencedSecurityGroups: {},
  names: { zoneId: 'Z1', writer: 'ledger.example.internal', reader: 'ro.example.internal', ttlSeconds: 5 },
  confirmSeconds: 10,
  selfHealSeconds: 20,
  maxLossSeconds: 30,
  cooldownSeconds: 3600,
  stepSeconds: 3,
};
const at = (instance: string) => ({ host: `${instance}.rds`, port: 5432 });
const view = (instance: string, source: string | undefined, status = 'available'): InstanceView => ({
  instance,
  resourceId: `db-${instance}`,
  status,
  endpoint: at(instance),
  engineVersion: '16.4',
  source,
  securityGroups: [],
  backupRetentionDays: 7,
});
const NEW = 'arn:aws:rds:eu-central-1:111122223333:db:new';
const follows = (instance: string, source: string | undefined, status?: string): ReaderSeen => ({
  instance,
  answer: { kind: 'ok', report: view(instance, source, status) },
});
const silent = { kind: 'no-answer', because: 'timeout' } as const;
const record = (instance: string) => ({ identifier: instance, weight: 1, ttlSeconds: 5, value: `${instance}.rds` });

const promoted = {
  ...firstRecord('ledger', policy.primary, policy.replica, 0),
  phase: 'degraded' as const,
  epoch: 1,
  leader: { ...policy.replica, endpoint: at('new') },
  previousLeader: { ...policy.primary, endpoint: at('old') },
};

/** Whom the readers' name leads to afterwards, by what is deleted and created; undefined where it may not be told. */
const plan = (others: ReaderSeen[], there: string[], standby?: InstanceView) => {
  const seen = { records: there.map(record), healthChecks: { reports: 'hc-reports' } };
  const evidence: Evidence = {
    takenAtMs: 1,
    guard: silent,
    witness: silent,
    candidate: standby === undefined ? silent : { kind: 'ok', report: standby },
    replica: silent,
    names: silent,
    readers: { kind: 'ok', report: seen },
    others,
  };
  const of =
    standby === undefined ? promoted : { ...promoted, standby: { ...policy.primary, instance: standby.instance } };
  const change = readersPlan(assess(of, evidence, policy, 1));
  if (change?.kind !== 'swap') return change?.kind;
  const hosts = (records: { type: string; value: string }[]) =>
    records.filter(({ type }) => type === 'CNAME').map(({ value }) => value);
  return {
    deletes: hosts(change.change.deletes),
    creates: change.change.creates.filter(({ type }) => type === 'CNAME'),
  };
};
const hosts = (found: ReturnType<typeof plan>) =>
  typeof found === 'object' ? found.creates.map(({ value }) => value) : found;

describe('after a failover', () => {
  test('a reader of the old leader is taken out: it would go on serving what it has', () => {
    expect(plan([follows('stale', 'arn:aws:rds:eu-west-1:111122223333:db:old')], ['new', 'stale'])).toMatchObject({
      deletes: ['new.rds', 'stale.rds'],
      creates: [{ value: 'new.rds' }],
    });
  });

  test('readers that follow the new leader are read from in its place, each on its own health check, whatever their status', () => {
    const found = plan([follows('reports', NEW), follows('more', 'new', 'rebooting')], ['new', 'reports']);
    expect(found).toMatchObject({
      creates: [
        { identifier: 'reports', value: 'reports.rds', healthCheckId: 'hc-reports' },
        { identifier: 'more', value: 'more.rds', healthCheckId: undefined },
      ],
    });
  });

  test('the rebuilt replica is one reader among them', () => {
    const found = plan([follows('reports', NEW)], ['new', 'reports'], view('old-e1', NEW));
    expect(hosts(found)).toEqual(['old-e1.rds', 'reports.rds']);
  });

  test('one that was promoted by hand is no reader, and one that RDS does not know is taken out', () => {
    expect(hosts(plan([follows('reports', undefined)], ['new', 'reports']))).toEqual(['new.rds']);
    const gone = { instance: 'reports', answer: { kind: 'ok', report: 'gone' } } as const;
    expect(plan([gone], ['new', 'reports'])).toMatchObject({ deletes: ['new.rds', 'reports.rds'] });
  });

  test('one that nobody could ask about stays as it is, and is not added', () => {
    expect(hosts(plan([{ instance: 'reports', answer: silent }], ['new', 'reports']))).toEqual(['reports.rds']);
    expect(hosts(plan([{ instance: 'reports', answer: silent }], ['new']))).toEqual(['new.rds']);
  });
});

describe('after the failover of a global database', () => {
  const NEW_WRITER = 'new.cluster-c7.eu-central-1.rds.amazonaws.com';
  const NEW_READERS = 'new.cluster-ro-c7.eu-central-1.rds.amazonaws.com';
  const OLD_READERS = 'old.cluster-ro-c9.eu-west-1.rds.amazonaws.com';
  const cname = (identifier: string, value: string) => ({ identifier, weight: 1, ttlSeconds: 5, value });
  const clusters = {
    ...promoted,
    leader: { ...promoted.leader, endpoint: { host: NEW_WRITER, port: 5432 } },
    previousLeader: { ...promoted.previousLeader, endpoint: { host: OLD_READERS.replace('-ro', ''), port: 5432 } },
  };
  const silentWorld = { takenAtMs: 1, guard: silent, witness: silent, replica: silent, names: silent };
  const changed = (of: typeof clusters, candidate: Evidence['candidate'], ...records: ReturnType<typeof cname>[]) => {
    const readers = { kind: 'ok', report: { records, healthChecks: {} } } as const;
    const change = readersPlan(assess(of, { ...silentWorld, candidate, readers }, policy, 1));
    return change?.kind !== 'swap'
      ? change
      : [change.change.deletes, change.change.creates].map((list) =>
          list.filter(({ type }) => type === 'CNAME').map(({ value }) => value),
        );
  };

  test('the new leader is read from by its readers’ name while nobody follows it, and its old record is no stranger’s', () => {
    expect(changed(clusters, silent, cname('new', NEW_READERS))).toEqual([[NEW_READERS], [NEW_READERS]]);
    expect(changed(clusters, silent, cname('new', NEW_WRITER))).toEqual([[NEW_WRITER], [NEW_READERS]]);
  });

  test('the old primary that was added back is read from by the name that leads somewhere', () => {
    const back: InstanceView = { ...view('old', NEW), endpoint: { host: OLD_READERS, port: 5432 } };
    const of = { ...clusters, standby: { ...policy.primary, instance: 'old' } };
    expect(changed(of, { kind: 'ok', report: back }, cname('new', NEW_READERS))).toEqual([
      [NEW_READERS],
      [OLD_READERS],
    ]);
  });
});
