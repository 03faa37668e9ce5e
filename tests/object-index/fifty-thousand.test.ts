import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageFiles, packageOf } from '../../demo/package-tree.ts';
import { inMemoryTable } from '../../functions/object-index/aws/in-memory-table.ts';
import { compileRules } from '../../functions/object-index/core/rules.ts';
import { ingest } from '../../functions/object-index/run/ingest.ts';
import { openLanes } from '../../functions/object-index/run/lanes.ts';
import type { IndexReader, IndexTable } from '../../functions/object-index/run/ports.ts';
import { readAllTotals, readTotals } from '../../functions/object-index/run/query-objects.ts';
import { readConfigFile } from '../../shared/config/file.ts';
import { runs } from '../counts.ts';
import { describeWithEngines } from '../engine.ts';
import { type LocalTables, startLocalTables } from './local-table.ts';
import { batchOf, notification } from './s3-model.ts';
import { randomFrom, sha256 } from './world.ts';

const OBJECTS = 50_000;
const BATCH = 1_000;
const NOON = Date.UTC(2026, 2, 1, 12);

interface Message {
  id: string;
  body: string;
}

/** What is stored, as a walk of real files found it, and the events that S3 would have sent: whole, overwritten, deleted. */
const story = async () => {
  const tree = await packageFiles(OBJECTS);
  // Every file under its package, and most of them again under one customer that holds half of everything.
  const again = tree.slice(0, Math.max(0, OBJECTS - tree.length)).map((one) => ({ ...one, key: `mirror/${one.key}` }));
  const files = [...tree, ...again];
  const held = new Map(files.map(({ key, sizeBytes }) => [key, sizeBytes]));
  const messages: Message[] = [];
  let order = 0;
  const send = (eventName: string, key: string, size?: number) => {
    order += 1;
    const sequencer = (0x0055aed6dcd90281n + BigInt(order)).toString(16).padStart(16, '0');
    const bytes = size === undefined ? {} : { size, eTag: `e${size}` };
    const body = notification({
      bucket: 'estate-objects',
      eventName,
      key,
      eventTimeMs: NOON + order,
      sequencer,
      ...bytes,
    });
    messages.push({ id: `m${order}`, body });
  };
  for (const { key, sizeBytes } of files) send('ObjectCreated:Put', key, sizeBytes);
  for (const [index, { key, sizeBytes }] of files.entries()) {
    if (index % 10 === 3) {
      held.set(key, sizeBytes + 7);
      send('ObjectCreated:Put', key, sizeBytes + 7);
    }
    if (index % 10 === 7) {
      held.delete(key);
      send('ObjectRemoved:Delete', key);
    }
  }
  return { files, held, messages };
};

const check = async (table: IndexTable & IndexReader): Promise<void> => {
  const { files, held, messages } = await story();
  expect(files.length).toBeGreaterThanOrEqual(OBJECTS);
  const random = randomFrom(20_261_121);
  const rules = compileRules((await readConfigFile('local')).objectIndex);
  let killAfter = Number.POSITIVE_INFINITY;
  const deps = () => ({
    table: {
      readRows: table.readRows,
      commit: async (transaction: Parameters<IndexTable['commit']>[0]) => {
        if (killAfter-- <= 0) throw new Error('killed');
        return await table.commit(transaction);
      },
    },
    objects: { look: () => Promise.reject(new Error('nobody should ask')) },
    ...{ rules, digest: sha256, lanes: openLanes(2, 16, random), random, now: () => NOON + 3_600_000 },
    pause: async () => {},
  });
  const deliver = async (batch: readonly Message[]) => {
    const { failedMessageIds } = await ingest(batchOf(batch), deps(), { remainingMs: () => 60_000 });
    expect(failedMessageIds).toEqual([]);
  };
  const all = async (list: readonly Message[], kills: number) => {
    for (let from = 0; from < list.length; from += BATCH) {
      const batch = list.slice(from, from + BATCH);
      // In the middle of a batch; the queue gives it again, whole.
      const dies = kills > 0 && from % (20 * BATCH) === 10 * BATCH;
      if (dies) {
        killAfter = 5;
        await expect(deliver(batch)).rejects.toThrow('killed');
        killAfter = Number.POSITIVE_INFINITY;
        kills -= 1;
      }
      await deliver(batch);
    }
    expect(kills).toBeLessThanOrEqual(0);
  };
  await all(messages, 2);
  await all(shuffled(messages, random), 0);

  const sum = (sizes: Iterable<number>) => [...sizes].reduce((total, size) => total + BigInt(size), 0n);
  const totals = await readTotals(undefined, { reader: table });
  expect([totals.objects, totals.bytes]).toEqual([BigInt(held.size), sum(held.values())]);
  const walked = [...Map.groupBy(held, ([key]) => packageOf(key))]
    .map(([customer, own]) => ({ customer, objects: BigInt(own.length), bytes: sum(own.map(([, size]) => size)) }))
    .sort((a, b) => (a.customer < b.customer ? -1 : 1));
  const indexed = await readAllTotals({ reader: table });
  expect(indexed.map(({ customer, objects, bytes }) => ({ customer, objects, bytes }))).toEqual(walked);
};

const shuffled = <Item>(list: readonly Item[], random: () => number): Item[] => {
  const out = [...list];
  for (let index = out.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [out[index], out[other]] = [out[other] as Item, out[index] as Item];
  }
  return out;
};

const NAME = `${OBJECTS} objects of real sizes stored, a tenth overwritten, a tenth deleted, the consumer killed twice, everything replayed in random order: totals equal the walk, byte for byte`;

test(`in memory: ${NAME}`, () => check(inMemoryTable()), 120_000);

// An hour's worth of an engine on one machine is a soak's business.
if (runs(0, 1) === 1) {
  await describeWithEngines(['dynamodb'], 'DynamoDB Local', () => {
    let tables: LocalTables;
    beforeAll(async () => {
      tables = await startLocalTables();
    });
    afterAll(async () => {
      await tables?.stop();
    });
    describe('a table of the template', () => {
      test(NAME, async () => check(await tables.open()), 3_600_000);
    });
  });
}
