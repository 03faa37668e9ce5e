import { describe, expect, test } from '@jest/globals';
import type { InstanceView } from '../../functions/failover/core/evidence.ts';
import { type FailoverRecord, firstRecord } from '../../functions/failover/core/record.ts';
import { buildStandby, type RebuildPorts } from '../../functions/failover/run/rebuild.ts';

// The order to build a replica: what is there is looked at, never assumed, and a worker may have slept.

const old = { instance: 'old', region: 'eu-west-1', resourceId: 'db-OLD' };
const leader = { instance: 'new', region: 'eu-central-1', resourceId: 'db-NEW' };
const fence = { epoch: 3, previousSecurityGroupIds: ['sg-app'], orderedAtMs: 0 };
const record = (change: Partial<FailoverRecord> = {}): FailoverRecord => ({
  ...firstRecord('ledger', old, leader, 0),
  epoch: 3,
  phase: 'degraded',
  leader,
  previousLeader: old,
  standby: { instance: 'old-e3', region: 'eu-west-1' },
  retired: [{ ...old, epoch: 3, fence, intents: {} }],
  intents: { rebuild: { id: 'ledger/3/rebuild', atMs: 1_000, attempts: 1 } },
  ...change,
});

const regions = (there: Partial<Record<string, Partial<InstanceView>>> = {}, nowMs = 2_000) => {
  const asked: unknown[] = [];
  const known: Record<string, Partial<InstanceView> | undefined> = {
    old: { resourceId: 'db-OLD' },
    new: { resourceId: 'db-NEW' },
    ...there,
  };
  const ports = {
    clock: { now: () => nowMs, sleep: async () => {} },
    instances: { describe: async (_region: string, instance: string) => known[instance] },
    building: { replica: async (order: unknown) => void asked.push(order) },
    fencing: { unfence: async (order: unknown) => void asked.push(order) },
  } as unknown as RebuildPorts;
  return { ports, asked };
};

test('a replica of the new leader is asked for beside the old one, with the groups that the fence noted', async () => {
  const { ports, asked } = regions();
  await buildStandby(ports, record());
  expect(asked).toEqual([
    {
      target: { instance: 'old-e3', region: 'eu-west-1' },
      source: { instance: 'new', region: 'eu-central-1' },
      like: 'old',
      securityGroupIds: ['sg-app'],
      tags: { 'mainstay:failover': 'ledger', 'mainstay:epoch': '3' },
    },
  ]);
});

describe('nothing is asked for', () => {
  test('where the replica is there already: an earlier order had worked', async () => {
    const { ports, asked } = regions({ 'old-e3': { source: 'arn:aws:rds:eu-central-1:111122223333:db:new' } });
    await buildStandby(ports, record());
    expect(asked).toEqual([]);
  });

  const refused: [string, ReturnType<typeof regions>, Partial<FailoverRecord>, string][] = [
    ['where the name is taken', regions({ 'old-e3': { source: undefined } }), {}, 'is there already'],
    ['of a leader that is another one by now', regions({ new: { resourceId: 'db-X' } }), {}, 'new is db-X'],
    ['like an old one that is another by now', regions({ old: { resourceId: 'db-X' } }), {}, 'old is db-X'],
    ['too late', regions({}, 17_000), {}, 'too late'],
    ['without groups', regions(), { retired: [{ ...old, epoch: 3, intents: {} }] }, 'security groups'],
    ['without an old one', regions(), { retired: [] }, 'nothing says what to build'],
  ];
  test.each(refused)('%s', async (_name, { ports, asked }, change, because) => {
    await expect(buildStandby(ports, record(change))).rejects.toThrow(because);
    expect(asked).toEqual([]);
  });
});

describe('a replica cluster that is there', () => {
  test('without an instance: the other half of the order is asked for', async () => {
    const { ports, asked } = regions({
      'old-e3': { source: 'arn:aws:rds:eu-central-1:111122223333:cluster:new', unfit: 'old-e3 is headless' },
    });
    await buildStandby(ports, record());
    expect(asked).toHaveLength(1);
  });
});

describe('the old primary of a global database, which Aurora adds back', () => {
  const follows = {
    resourceId: 'db-OLD',
    source: 'arn:aws:rds:eu-central-1:111122223333:cluster:new',
    securityGroups: [{ id: 'sg-fenced', active: true }],
  };
  const back = (change: Partial<FailoverRecord> = {}) =>
    record({ standby: { instance: 'old', region: 'eu-west-1' }, ...change });

  test('is let in again by the groups that the fence noted, once it follows', async () => {
    const { ports, asked } = regions({ old: follows });
    await buildStandby(ports, back(), 'sg-fenced');
    expect(asked).toEqual([
      {
        ...{ pair: 'ledger', epoch: 3, target: { instance: 'old', region: 'eu-west-1' }, resourceId: 'db-OLD' },
        // The guard obeys no order that comes later than this.
        ...{ notAfterMs: 16_000, securityGroupIds: ['sg-app'], follower: true },
      },
    ]);
  });

  test('is left as it is where its door is open', async () => {
    const { ports, asked } = regions({ old: { ...follows, securityGroups: [{ id: 'sg-app', active: true }] } });
    await buildStandby(ports, back({ retired: [{ ...old, epoch: 3, intents: {} }] }), 'sg-fenced');
    expect(asked).toEqual([]);
  });

  const refused: [string, Partial<InstanceView>, number, string][] = [
    [
      'while it follows nobody: it may take writes of its own',
      { ...follows, source: undefined },
      2_000,
      'not added old back',
    ],
    ['while it follows another one', { ...follows, source: 'arn:x:cluster:else' }, 2_000, 'not added old back'],
    ['when it is another one by now', { ...follows, resourceId: 'db-X' }, 2_000, 'old is db-X'],
  ];
  test.each(refused)('is not let in %s', async (_name, there, nowMs, because) => {
    const { ports, asked } = regions({ old: there }, nowMs);
    await expect(buildStandby(ports, back(), 'sg-fenced')).rejects.toThrow(because);
    expect(asked).toEqual([]);
  });
});
