import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dynamoClosingBook } from '../../functions/object-index/aws/dynamo-closing-book.ts';
import { dynamoClosings } from '../../functions/object-index/aws/dynamo-closings.ts';
import { dynamoJobs } from '../../functions/object-index/aws/dynamo-jobs.ts';
import { addressText } from '../../functions/object-index/core/fact.ts';
import { lengthOf } from '../counts.ts';
import { describeWithEngines } from '../engine.ts';
import { history } from './arbitrary.ts';
import { injectFaults } from './client-faults.ts';
import { jobsContract } from './jobs-contract.ts';
import { type LocalTables, startLocalTables } from './local-table.ts';
import { live, tableContract, transaction } from './table-contract.ts';
import { play, randomFrom } from './world.ts';

/** As many writers as Lambda has environments in a busy hour. */
const WRITERS = 8;

for (const [engine, name] of [
  ['dynamodb', 'DynamoDB Local'],
  ['ministack', "ministack's DynamoDB"],
] as const) {
  await describeWithEngines([engine], name, () => {
    let tables: LocalTables;
    beforeAll(async () => {
      tables = await startLocalTables(engine);
    });
    afterAll(async () => {
      await tables?.stop();
    });

    describe('the table of the template', () => {
      tableContract(() => tables.open());
    });

    test('keys that a read left out are asked for again, until all are there', async () => {
      const table = await tables.open();
      const rows = ['a', 'b', 'c'].map((key) => live(`acme/${key}`));
      await table.commit(transaction(rows.map((after) => ({ after }))));
      let leaves = 3;
      const leave = () => leaves-- > 0;
      injectFaults(tables.client, leave, (count) => Math.min(1, count - 1));
      try {
        const read = await table.readRows(rows, 'strong');
        expect([...read.keys()].sort()).toEqual(rows.map(addressText).sort());
      } finally {
        injectFaults(
          tables.client,
          () => false,
          () => 0,
        );
      }
      expect(leaves).toBeLessThan(2);
    });

    describe('jobs and closings in that table', () => {
      let count = 0;
      jobsContract(async () => {
        count += 1;
        const name = `jobs-${count}`;
        await tables.open(name);
        return {
          jobs: dynamoJobs(tables.client, name, Date.now),
          closings: { ...dynamoClosings(tables.client, name), ...dynamoClosingBook(tables.client, name) },
        };
      });
    });

    test('random histories with 8 writers, crashes, conflicts, throttling, unread keys and lost answers: counters equal rows, rows equal S3', async () => {
      await fc.assert(
        fc.asyncProperty(history, async (one) => {
          const random = randomFrom(one.seed);
          const faulty = () => random() < one.faultRate;
          injectFaults(tables.client, faulty, (count) => Math.floor(random() * count));
          try {
            const given = await tables.open();
            const calm = () =>
              injectFaults(
                tables.client,
                () => false,
                () => 0,
              );
            const { seen, expected } = await play({ ...one, faultRate: 0, writers: WRITERS }, given, async () =>
              calm(),
            );
            expect(seen).toEqual(expected);
          } finally {
            injectFaults(
              tables.client,
              () => false,
              () => 0,
            );
          }
        }),
        { ...lengthOf(10, 200), endOnFailure: true },
      );
    }, 1_800_000);
  });
}
