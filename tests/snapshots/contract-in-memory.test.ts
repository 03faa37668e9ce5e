import { beforeAll, describe } from '@jest/globals';
import { openInMemoryRds } from '../../functions/snapshots/run/in-memory.ts';
import { type ContractWorld, portsContract } from './contract.ts';
import { database, snapshot } from './samples.ts';

describe('the ports in memory', () => {
  let world: ContractWorld;

  beforeAll(() => {
    const rds = openInMemoryRds();
    const orders = database('orders');
    rds.databases = [orders, database('busy', { status: 'modifying' })];
    let planted = 0;
    world = {
      ports: rds.ports,
      resourceId: orders.resourceId,
      plant: async (count) => {
        for (let index = 0; index < count; index++)
          rds.snapshots.push(snapshot(orders, 0, { id: `someone-${planted++}`, tags: {} }));
      },
      plantAutomated: async () => {
        rds.snapshots.push(snapshot(orders, 0, { id: 'rds:orders-1', type: 'automated', tags: {} }));
        return 'rds:orders-1';
      },
      settle: async () => rds.settle(),
    };
  });

  portsContract(() => world);
});
