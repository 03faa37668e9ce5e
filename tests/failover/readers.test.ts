import { expect, test } from '@jest/globals';
import { firstRecord } from '../../functions/failover/core/record.ts';
import { type LookPorts, look } from '../../functions/failover/run/look.ts';
import { policyOf } from '../../functions/failover/run/settings.ts';
import { readConfigFile } from '../../shared/config/file.ts';

// The readers beside the pair's own: when each is asked how it is, so that its health check knows.

const config = await readConfigFile('local');
const readers = [
  { instance: 'reports', region: 'eu-central-1' },
  { instance: 'near', region: 'eu-west-1' },
];
const plain = policyOf(config, config.failover.pairs[0]!);
const policy = { ...plain, names: { ...plain.names, reader: 'ro.estate.internal', readers } };
const pair = firstRecord('ledger', policy.primary, policy.replica, 0);

/** Whom a look asks at this second of a minute, beside the pair's own two. */
const asked = async (second: number, change: Partial<typeof pair> = {}, dead: string[] = []) => {
  const described: string[] = [];
  const observed: string[] = [];
  const ports: LookPorts = {
    clock: { now: () => second * 1000, sleep: async () => {} },
    observers: {
      guard: async () => ({ atMs: 0, instance: { kind: 'not-asked' }, write: { kind: 'answered', because: '' } }),
      witness: async () => ({ atMs: 0, guard: { kind: 'not-asked' } }),
      replica: async (region, _pair, { host }) => {
        observed.push(`${host} in ${region}`);
        throw new Error('connect ETIMEDOUT');
      },
      resolve: async () => undefined,
    },
    instances: {
      describe: async (region, instance) => {
        described.push(instance);
        if (dead.includes(instance)) return undefined;
        return {
          instance,
          resourceId: instance,
          status: 'available',
          endpoint: { host: instance, port: 5432 },
          engineVersion: '16.4',
          source: region,
          securityGroups: [],
          backupRetentionDays: 7,
        };
      },
    },
    names: new Proxy({} as LookPorts['names'], { get: () => async () => ({ records: [], healthChecks: {} }) }),
  };
  const { others = [] } = await look(ports, { ...pair, ...change }, policy);
  const isOther = (text: string) => readers.some(({ instance }) => text.startsWith(instance));
  return { described: described.filter(isOther), observed: observed.filter(isOther), others };
};

test('each is asked by the observer of its region once in a minute of quiet looks, and what it does not answer breaks nothing', async () => {
  const first = await asked(0);
  expect(first.observed).toEqual(['reports in eu-central-1', 'near in eu-west-1']);
  expect(first.others.map(({ answer }) => answer.kind)).toEqual(['ok', 'ok']);
  expect(await asked(30)).toMatchObject({ described: [], observed: [] });
});

test('one that RDS does not know is told so, and nobody asks it', async () => {
  const { observed, others } = await asked(0, {}, ['near']);
  expect(observed).toEqual(['reports in eu-central-1']);
  expect(others[1]?.answer).toEqual({ kind: 'ok', report: 'gone' });
});

test('in an incident nobody waits for them', async () => {
  for (const phase of ['suspect', 'fencing', 'promoting', 'verifying-names'] as const)
    expect(await asked(0, { phase })).toMatchObject({ described: [], observed: [] });
});

test('afterwards, until the readers are moved, RDS is asked at every look who follows whom', async () => {
  expect(await asked(30, { phase: 'degraded', epoch: 1 })).toMatchObject({
    described: ['reports', 'near'],
    observed: [],
  });
});
