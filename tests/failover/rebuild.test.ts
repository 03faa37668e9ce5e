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
