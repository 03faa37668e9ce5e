import { beforeAll, describe } from '@jest/globals';
import { openInMemoryCopies } from '../../functions/snapshots/run/copies/in-memory.ts';
import { type CopyContractWorld, copyContract } from './copies-contract.ts';
import { copySettings, database, recovery, snapshot } from './copies-samples.ts';

describe('the ports of copies in memory', () => {
  let world: CopyContractWorld;

  beforeAll(() => {
    const copies = openInMemoryCopies(recovery);
    const orders = database('orders');
    const [plain, encrypted, creating] = [
      snapshot(orders, 0, { id: 'plain' }),
      snapshot(orders, 0, { id: 'encrypted', encrypted: true, kmsKeyId: 'home' }),
      snapshot(orders, 0, { id: 'creating', status: 'creating' }),
    ];
    copies.source.snapshots = [plain, encrypted, creating];
    world = {
      ports: copies.ports,
      plain: plain.arn,
      encrypted: encrypted.arn,
      creating: creating.arn,
      key: copySettings.copies.kmsKeyId,
      settle: async () => copies.settle(),
    };
  });

  copyContract(() => world);
});
