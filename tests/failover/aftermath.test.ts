import { expect, test } from '@jest/globals';
import type { InstanceView } from '../../functions/failover/core/evidence.ts';
import { type AftermathPorts, salvageOld, stopOld } from '../../functions/failover/run/aftermath.ts';

// Orders about the instance that led before: a name may belong to another one by now, and a worker may have slept.

const old = { instance: 'old', region: 'eu-west-1', resourceId: 'db-OLD', epoch: 3, intents: {} };
const order = { pair: 'ledger', notAfterMs: 2_000, old };

const region = (nowMs = 1_000, there: Partial<InstanceView> | 'gone' = {}) => {
  const calls: string[] = [];
  const ports = {
    clock: { now: () => nowMs, sleep: async () => {} },
    old: {
      describe: async () =>
        there === 'gone' ? undefined : { instance: 'old', resourceId: 'db-OLD', status: 'available', ...there },
      snapshot: async (_region: string, _view: InstanceView, name: string) => void calls.push(`snapshot ${name}`),
      stop: async (_region: string, instance: string) => void calls.push(`stop ${instance}`),
    },
  } as unknown as AftermathPorts;
  return { ports, calls };
};

test('the old primary is snapshotted under a name of the pair and its epoch, then stopped', async () => {
  const { ports, calls } = region();
  await salvageOld(ports, order);
  await stopOld(ports, order);
  expect(calls).toEqual(['snapshot salvage-ledger-epoch-3', 'stop old']);
});

test.each([
  ['is about another instance of that name', region(1_000, { resourceId: 'db-REBUILT' }), order, 'db-REBUILT'],
  [
    'is about an instance that was never seen',
    region(),
    { ...order, old: { ...old, resourceId: undefined } },
    'nobody',
  ],
  ['came too late', region(2_001), order, 'too late'],
  ['is about an instance that is gone', region(1_000, 'gone'), order, 'RDS knows no instance old'],
])('an order that %s does nothing', async (_name, { ports, calls }, wrong, because) => {
  for (const act of [salvageOld, stopOld]) await expect(act(ports, wrong)).rejects.toThrow(because);
  expect(calls).toEqual([]);
});
