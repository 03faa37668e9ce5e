import { describe, expect, test } from '@jest/globals';
import type { Endpoint, InstanceView, WriteProbe } from '../../functions/failover/core/evidence.ts';
import type { Policy } from '../../functions/failover/core/policy.ts';
import {
  fencePrimary,
  type GuardPorts,
  observePrimary,
  quiescePrimary,
  unfencePrimary,
} from '../../functions/failover/run/guard.ts';

// What the guard does with an order, step by step: the fence is as strong as this.

const AT: Endpoint = { host: 'old.rds.amazonaws.com', port: 5432 };
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

/** A guard whose calls are written down in their order. */
const guard = (change: Partial<InstanceView> = {}, sql: Partial<GuardPorts['sql']> = {}, nowMs = 1_000) => {
  const calls: string[] = [];
  const ports: GuardPorts = {
    region: 'eu-west-1',
    now: () => nowMs,
    instances: {
      describe: async () => ({
        instance: 'old',
        resourceId: 'db-OLD',
        status: 'available',
        endpoint: AT,
        engineVersion: '16.4',
        securityGroups: [{ id: 'sg-app', active: true }],
        backupRetentionDays: 7,
        ...change,
      }),
      setSecurityGroups: async (_instance, ids) => void calls.push(`groups ${ids.join(' ')}`),
      markLeased: async () => {},
      leased: async () => [],
    },
    sql: {
      beat: async () => ({ kind: 'wrote', lsn: '0/1', epoch: 0, latencyMs: 1 }),
      fence: async (_at, roles) => {
        calls.push(`fence ${roles.join(' ')}`);
        return 0;
      },
      open: async (_at, roles) => void calls.push(`open ${roles.join(' ')}`),
      ...sql,
    },
  };
  return { ports, calls };
};
const target = { instance: 'old', region: 'eu-west-1' };
const order = { pair: 'ledger', epoch: 1, target, resourceId: 'db-OLD', notAfterMs: 2_000 };
const back = { ...order, securityGroupIds: ['sg-app'] };
const refuses = async () => {
  throw new Error('connect ETIMEDOUT');
};

describe('a fence', () => {
  test('ends logins and sessions first, then swaps the group', async () => {
    const { ports, calls } = guard();
    expect(await fencePrimary(ports, policy, order)).toEqual({ sessionsLeft: 0 });
    expect(calls).toEqual(['fence app', 'groups sg-fenced']);
  });

  test('swaps the group though SQL is not possible', async () => {
    const { ports, calls } = guard({}, { fence: refuses });
    expect(await fencePrimary(ports, policy, order)).toEqual({});
    expect(calls).toEqual(['groups sg-fenced']);
  });

  test('asks no SQL of an engine that does not run', async () => {
    const { ports, calls } = guard({ status: 'failed' });
    await fencePrimary(ports, policy, order);
    expect(calls).toEqual(['groups sg-fenced']);
  });
});

test('an instance that was built anew in this place is fenced as the first one is', async () => {
  const { ports, calls } = guard({ instance: 'old-e7' });
  await fencePrimary(ports, policy, { ...order, target: { ...target, instance: 'old-e7' } });
  expect(calls).toEqual(['fence app', 'groups sg-fenced']);
});

test('without an empty group in this region nothing is done: half a fence would only shut the applications out', async () => {
  const { ports, calls } = guard();
  await expect(fencePrimary(ports, { ...policy, fencedSecurityGroups: {} }, order)).rejects.toThrow(
    'no empty security',
  );
  expect(calls).toEqual([]);
});

describe('the way back', () => {
  test('gives the groups back first, for SQL needs them, then the logins', async () => {
    const { ports, calls } = guard();
    await unfencePrimary(ports, policy, back);
    expect(calls).toEqual(['groups sg-app', 'open app']);
  });

  test('without groups to give back is refused: RDS would take none for all', async () => {
    const { ports, calls } = guard();
    await expect(unfencePrimary(ports, policy, { ...back, securityGroupIds: [] })).rejects.toThrow(
      'no security groups',
    );
    expect(calls).toEqual([]);
  });
});

describe('a planned change', () => {
  const left = (sessions: number) => async () => sessions;

  test('ends logins and sessions, and is carried out only when none is left', async () => {
    const { ports, calls } = guard();
    await quiescePrimary(ports, policy, order);
    expect(calls).toEqual(['fence app']);
    await expect(quiescePrimary(guard({}, { fence: left(2) }).ports, policy, order)).rejects.toThrow(
      '2 sessions of other clients are left',
    );
    await expect(quiescePrimary(guard({}, { fence: refuses }).ports, policy, order)).rejects.toThrow('ETIMEDOUT');
    await expect(quiescePrimary(guard({ endpoint: undefined }).ports, policy, order)).rejects.toThrow('no endpoint');
  });

  test('shuts the door only when it finds no session once more', async () => {
    const planned = { ...order, planned: true };
    for (const fence of [left(1), refuses]) {
      const { ports, calls } = guard({}, { fence });
      await expect(fencePrimary(ports, policy, planned)).rejects.toThrow('sessions');
      expect(calls).toEqual([]);
    }
  });

  test('that is called off leaves a door which it never shut, and says when the logins are not open yet', async () => {
    const { ports, calls } = guard();
    await unfencePrimary(ports, policy, { ...order, securityGroupIds: ['sg-old'], logins: true });
    expect(calls).toEqual(['open app']);
    const shut = guard({ securityGroups: [{ id: 'sg-fenced', active: true }] });
    await unfencePrimary(shut.ports, policy, { ...back, logins: true });
    expect(shut.calls).toEqual(['groups sg-app', 'open app']);
    await expect(unfencePrimary(guard({}, { open: refuses }).ports, policy, { ...back, logins: true })).rejects.toThrow(
      'the logins are not open yet',
    );
  });
});

test('an old primary that follows now gets its groups back, without SQL; one that follows nobody stays shut', async () => {
  const order = { ...back, securityGroupIds: ['sg-old'], follower: true };
  const follows = guard({ source: 'arn:aws:rds:eu-central-1:111122223333:cluster:new' });
  await unfencePrimary(follows.ports, policy, order);
  expect(follows.calls).toEqual(['groups sg-old']);
  const alone = guard();
  await expect(unfencePrimary(alone.ports, policy, order)).rejects.toThrow('follows nobody');
  expect(alone.calls).toEqual([]);
});

test.each([
  ['that came too late', { ...back, notAfterMs: 999 }, 'too late'],
  ['about another instance', { ...back, resourceId: 'db-RESTORED' }, 'the order is about db-RESTORED'],
  ['for the other region', { ...back, target: { instance: 'new', region: 'eu-central-1' } }, 'the guard of eu-west-1'],
  ['about somebody else', { ...back, target: { ...target, instance: 'payroll' } }, 'no instance of the pair'],
  ['about a name like ours', { ...back, target: { ...target, instance: 'old-e2-copy' } }, 'no instance of the pair'],
])('an order %s does nothing, either way', async (_name, wrong, because) => {
  const { ports, calls } = guard();
  await expect(fencePrimary(ports, policy, wrong)).rejects.toThrow(because);
  await expect(unfencePrimary(ports, policy, wrong)).rejects.toThrow(because);
  expect(calls).toEqual([]);
});

test('a replica is not probed: it takes no writes, and says so to RDS', async () => {
  const { ports } = guard({ source: 'arn:aws:rds:eu-central-1:111122223333:db:new' });
  const { write } = await observePrimary(ports, policy, target, 0);
  expect(write).toMatchObject({ kind: 'answered', because: expect.stringContaining('is a replica of') });
});

describe('a look', () => {
  const write = async (ports: GuardPorts): Promise<WriteProbe> =>
    (await observePrimary(ports, policy, target, 0)).write;

  test('probes only where RDS says that the primary is, and takes its silence for no death', async () => {
    const asked: Endpoint[] = [];
    const beat: GuardPorts['sql']['beat'] = async (at) => {
      asked.push(at);
      return { kind: 'wrote', lsn: '0/1', epoch: 0, latencyMs: 1 };
    };
    expect(await write(guard({ endpoint: undefined }, { beat }).ports)).toMatchObject({ kind: 'answered' });
    expect(asked).toEqual([]);
    expect(await write(guard({}, { beat }).ports)).toMatchObject({ kind: 'wrote' });
    expect(asked).toEqual([AT]);
  });

  test('takes an unknown error of the probe for an answer, never for death', async () => {
    expect(await write(guard({}, { beat: refuses }).ports)).toMatchObject({ kind: 'answered' });
  });
});

describe('an order of a drill', () => {
  const drilled = { ...policy, pair: 'ledger~drill' };
  const throwAway = { instance: 'mainstay-drill-ledger-abc123-a', region: 'eu-west-1' };

  test("never reaches an instance of the pair, and an order of the pair never a drill's", async () => {
    const { ports, calls } = guard();
    await expect(fencePrimary(ports, drilled, { ...order, pair: 'ledger~drill' })).rejects.toThrow(
      'no instance of the pair',
    );
    await expect(unfencePrimary(ports, drilled, { ...back, pair: 'ledger~drill' })).rejects.toThrow(
      'no instance of the pair',
    );
    await expect(observePrimary(ports, drilled, target, 0)).rejects.toThrow('no instance of the pair');
    await expect(fencePrimary(ports, policy, { ...order, target: throwAway })).rejects.toThrow(
      'no instance of the pair',
    );
    expect(calls).toEqual([]);
  });

  test("fences its own throw-away, and not another pair's", async () => {
    const { ports, calls } = guard({ instance: throwAway.instance });
    await fencePrimary(ports, drilled, { ...order, pair: 'ledger~drill', target: throwAway });
    expect(calls).toContain('groups sg-fenced');
    const others = { ...throwAway, instance: 'mainstay-drill-orders-abc123-a' };
    await expect(fencePrimary(ports, drilled, { ...order, target: others })).rejects.toThrow('no instance of the pair');
  });
});
