import { expect, test } from '@jest/globals';
import { firstRecord } from '../../functions/failover/core/record.ts';
import { giveCommand } from '../../functions/failover/run/command.ts';
import type { RecordStore } from '../../functions/failover/run/ports.ts';
import { memoryRecords } from './simulation/memory-records.ts';

const clock = { now: () => 1_000 };
const order = { verb: 'pause', by: 'ada', why: 'network work' } as const;
const first = firstRecord('ledger', { instance: 'old', region: 'a' }, { instance: 'new', region: 'b' }, 1);

/** A store in which a look writes the record right before each of the first saves of a command. */
const busy = async (losses: number, epochAfter = 0): Promise<RecordStore> => {
  const store = memoryRecords();
  await store.save({ ...first, version: 1 }, 0);
  let left = losses;
  return {
    ...store,
    save: async (record, expectedVersion) => {
      if (left-- > 0) {
        const now = (await store.load('ledger'))!;
        await store.save({ ...now, version: now.version + 1, epoch: epochAfter }, now.version);
      }
      return store.save(record, expectedVersion);
    },
  };
};

test('a command that loses the compare-and-swap twice is carried out at the third try, with one entry in the history', async () => {
  const records = await busy(2);
  expect(await giveCommand({ records, clock }, 'ledger', order)).toMatchObject({ kind: 'done' });
  expect(await records.load('ledger')).toMatchObject({ version: 4, paused: { by: 'ada' } });
  expect(await records.history('ledger', 9)).toHaveLength(1);
});

test('after three losses it is refused, and nothing is changed', async () => {
  const records = await busy(3);
  expect(await giveCommand({ records, clock }, 'ledger', order)).toMatchObject({
    kind: 'refused',
    sentence: expect.stringContaining('each of 3 tries'),
  });
  expect((await records.load('ledger'))?.paused).toBeUndefined();
});

test.each([
  ['the epoch that it named', { ...order, epoch: 0 }],
  ['the epoch that it met, where it named none', order],
])('it is not carried into another epoch than %s', async (_which, said) => {
  const records = await busy(1, 1);
  expect(await giveCommand({ records, clock }, 'ledger', said)).toMatchObject({
    kind: 'refused',
    sentence: 'Refused ledger: the epoch is 1 now, and this command is about 0.',
  });
  expect((await records.load('ledger'))?.paused).toBeUndefined();
});

test('nothing is recorded of the pair yet', async () => {
  expect(await giveCommand({ records: memoryRecords(), clock }, 'ledger', order)).toBeUndefined();
});
