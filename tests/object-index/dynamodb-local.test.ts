import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../counts.ts';
import { describeWithEngines } from '../engine.ts';
import { history } from './arbitrary.ts';
import { type LocalTables, startLocalTables } from './local-table.ts';
import { tableContract } from './table-contract.ts';
import { play } from './world.ts';

await describeWithEngines(['dynamodb'], 'DynamoDB Local', () => {
  let tables: LocalTables;
  beforeAll(async () => {
    tables = await startLocalTables();
  });
  afterAll(async () => {
    await tables?.stop();
  });

  describe('the table of the template', () => {
    tableContract(() => tables.open());
  });

  test('random histories with crashes, conflicts and lost answers: counters equal rows, rows equal S3', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (one) => {
        const { seen, expected } = await play({ ...one, writers: 4 }, await tables.open());
        expect(seen).toEqual(expected);
      }),
      { ...lengthOf(12, 200), endOnFailure: true },
    );
  }, 600_000);
});
