import { expect, test } from '@jest/globals';
import type { InstanceView } from '../../functions/failover/core/evidence.ts';
import { guardTick } from '../../functions/failover/run/guard-tick.ts';
import type { LeasePorts } from '../../functions/failover/run/lease.ts';
import { policyOf } from '../../functions/failover/run/settings.ts';
import { readConfigFile } from '../../shared/config/file.ts';

// The guard's minute without a lease: whose heart beats.

const config = await readConfigFile('local');
const policy = policyOf(config, config.failover.pairs[0]!);
const { region } = policy.primary;
const view = (instance: string, change: Partial<InstanceView> = {}): InstanceView => ({
  instance,
  resourceId: `db-${instance}`,
  status: 'available',
  endpoint: { host: `${instance}.rds`, port: 5432 },
  engineVersion: '16.4',
  securityGroups: [{ id: 'sg-app', active: true }],
  backupRetentionDays: 7,
  ...change,
});

/** One minute in a region where RDS knows these; where the hearts beat, and how often all were listed. */
const minute = async (there: InstanceView[] | 'silent', pairs = 1) => {
  const beaten: string[] = [];
  let lists = 0;
  const ports = {
    region,
    now: () => 1_000,
    instances: {
      describe: async (instance: string) =>
        there === 'silent' ? view(instance) : there.find((one) => one.instance === instance),
    },
    sql: {
      beat: async ({ host }: { host: string }) => {
        beaten.push(host);
        return { kind: 'wrote', lsn: '0/1', epoch: 0, latencyMs: 1 };
      },
    },
  } as unknown as LeasePorts;
  await guardTick(
    Array.from({ length: pairs }, () => [ports, policy, policy.primary] as const),
    {
      all: async () => {
        lists += 1;
        if (there === 'silent') throw new Error('Throttling');
        return there;
      },
      remainingMs: () => 60_000,
      said: () => {},
    },
  );
  return { beaten, lists };
};

test('a rebuilt leader has its heartbeat from the tick, and who led before it has none', async () => {
  const [old, rebuilt] = ['ledger-primary', 'ledger-primary-e2'];
  const shut = { securityGroups: [{ id: policy.fencedSecurityGroups[region] ?? '', active: true }] };
  expect((await minute([view(old)])).beaten).toEqual([`${old}.rds`]);
  expect((await minute([view(old, shut), view(rebuilt)])).beaten).toEqual([`${rebuilt}.rds`]);
});

test('where nobody leads, no heart beats', async () => {
  expect((await minute([view('ledger-primary', { source: 'arn:x:db:ledger-replica' })])).beaten).toEqual([]);
});

test("where RDS lists nothing the config's own beats, as far as RDS describes it", async () => {
  expect((await minute('silent')).beaten).toEqual(['ledger-primary.rds']);
});

test('instances are listed once a minute, however many pairs there are', async () => {
  expect((await minute([view('ledger-primary')], 5)).lists).toBe(1);
});

test('a leader is looked for among what its pair is made of: clusters and instances may have the same names', async () => {
  const beaten: string[] = [];
  const asked: (string | undefined)[] = [];
  const ports = (there: InstanceView[]) =>
    ({
      region,
      now: () => 1_000,
      instances: { describe: async (name: string) => there.find(({ instance }) => instance === name) },
      sql: { beat: async ({ host }: { host: string }) => void beaten.push(host) },
    }) as unknown as LeasePorts;
  const instances = [view('ledger-primary'), view('ledger-primary-e3')];
  const clusters = [view('ledger-primary', { endpoint: { host: 'of-the-cluster', port: 3306 } })];
  await guardTick(
    [
      [ports(instances), policy, policy.primary],
      [ports(clusters), { ...policy, kind: 'aurora-replica' }, policy.primary],
    ],
    {
      all: async (kind) => {
        asked.push(kind);
        return kind === undefined ? instances : clusters;
      },
      remainingMs: () => 60_000,
      said: () => {},
    },
  );
  expect([beaten.sort(), asked]).toEqual([
    ['ledger-primary-e3.rds', 'of-the-cluster'],
    [undefined, 'aurora-replica'],
  ]);
});
