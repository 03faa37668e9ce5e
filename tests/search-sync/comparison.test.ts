import { expect, test } from '@jest/globals';
import { memoryDeadLetters, memoryTable } from '../../functions/search-sync/aws/memory.ts';
import { memoryIndex } from '../../functions/search-sync/aws/memory-index.ts';
import {
  memoryCensus,
  memoryComparisons,
  memoryFills,
  memoryGenerations,
  memoryScan,
} from '../../functions/search-sync/aws/memory-upkeep.ts';
import { sha256 } from '../../functions/search-sync/aws/wiring.ts';
import type { Item } from '../../functions/search-sync/core/attribute-value.ts';
import { documentId } from '../../functions/search-sync/core/document-id.ts';
import { comparisonSentence } from '../../functions/search-sync/core/sentences.ts';
import { comparePart } from '../../functions/search-sync/run/comparison.ts';
import { checkDrift } from '../../functions/search-sync/run/drift.ts';
import { repairMany } from '../../functions/search-sync/run/repair-many.ts';
import { runUpkeep } from '../../functions/search-sync/run/upkeep.ts';

const KEYS = { partition: 'id' };
const INDEX = 'documents-v1.write';
const target = { table: 'documents', index: 'documents', keys: KEYS };
const searched = { ...target, index: INDEX };
/** Binary keys: what is kept between the parts is text. */
const keyOf = (n: number): Item => ({ id: { B: new Uint8Array([n]) } });
const item = (n: number, text = `text ${n}`): Item => ({ ...keyOf(n), text: { S: text } });
const base64 = (keys: Item): Item => ({ id: { B: Buffer.from(keys.id?.B as Uint8Array).toString('base64') } });

/** A table of 30 items and its index. Each part of work has time for one page. */
const open = async () => {
  let nowMs = 1_790_000_000_000;
  let looks = 0;
  const memory = memoryIndex({ nowMs: () => nowMs, gcDeletesMs: 600_000, aliases: [INDEX] });
  const table = memoryTable(KEYS);
  const comparisons = memoryComparisons();
  const sent: unknown[] = [];
  const ports = {
    index: memory,
    table: {
      ...table,
      item: (keys: Item) => table.item(keys),
      items: (keys: readonly Item[]) => table.items(keys),
    },
    generations: memoryGenerations(INDEX),
    fills: memoryFills(),
    comparisons,
    deadLetters: memoryDeadLetters(),
    hash: sha256,
    scan: memoryScan(() => table.all().map((one) => ({ id: documentId(one, KEYS, sha256), item: one }))),
    census: memoryCensus(memory.documents),
    patience: {
      nowMs: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms;
      },
      chance: () => 1,
      // Enough, then too little, in turn.
      remainingMs: () => (looks++ % 2 === 0 ? 120_000 : 10_000),
    },
  };
  for (let n = 0; n < 30; n++) table.set(keyOf(n), item(n));
  const patience = { ...ports.patience, remainingMs: () => 120_000 };
  const all = Array.from({ length: 30 }, (_, n) => keyOf(n));
  await repairMany({ ...ports, patience }, searched, all);
  const deps = (repair: boolean) => ({
    tables: [{ name: 'documents', index: 'documents' }],
    open: () => ({ ports, target }),
    continuations: { send: async (message: unknown) => void sent.push(message) },
    judge: { repair, settleMs: 1_000 },
  });
  /** The schedule's event, then every message that follows, as the queue hands them over. */
  const night = async (repair = false) => {
    const told: string[] = [];
    let event: unknown = { kind: 'compare', scheduledTime: '2026-11-21T03:15:00Z' };
    for (let parts = 0; parts < 500; parts++) {
      looks = 0;
      for (const one of await runUpkeep(event, deps(repair))) {
        told.push(one.kind);
        if (one.kind === 'compared' && one.end === 'done') return { parts, report: one.comparison.report, told };
      }
      const message = sent.shift();
      if (message === undefined) throw new Error(`nothing follows: ${told}`);
      event = { Records: [{ body: JSON.stringify(message) }] };
    }
    throw new Error('it has no end');
  };
  const spoil = async () => {
    table.set(keyOf(3), undefined);
    table.set(keyOf(4), item(4, 'changed'));
    table.set(keyOf(40), item(40));
  };
  return {
    ...{ ports, table, memory, comparisons, sent, deps, night, spoil, patience },
    later: (ms: number) => {
      nowMs += ms;
    },
  };
};

test('a table that equals its index is read once, in as many parts as there is time for', async () => {
  const { night } = await open();
  const { parts, report } = await night();
  expect(parts).toBe(10);
  expect(report).toMatchObject({
    items: 30,
    documents: 30,
    buckets: 0,
    missing: 0,
    stale: 0,
    ghosts: 0,
    readUnits: 30,
  });
});

test('what it finds in parts is what a comparison in one piece finds, and it writes nothing unasked', async () => {
  const world = await open();
  await world.spoil();
  const before = [...world.memory.documents(INDEX)];
  const { report, parts } = await world.night();
  expect(parts).toBeGreaterThan(15);
  expect(report).toMatchObject({ missing: 1, stale: 1, ghosts: 1, repaired: 0, items: 30, documents: 30 });
  expect(report.examples.map(({ difference, keys }) => [difference, keys]).sort()).toEqual(
    [
      ['ghost', base64(keyOf(3))],
      ['missing', base64(keyOf(40))],
      ['stale', base64(keyOf(4))],
    ].sort(),
  );
  const whole = { ...world.ports, patience: world.patience };
  const { missing, stale, ghosts } = await checkDrift(whole, searched, { repair: false, segments: 1, settleMs: 10 });
  expect([missing, stale, ghosts]).toEqual([1, 1, 1]);
  expect([...world.memory.documents(INDEX)]).toEqual(before);
});

test('with repair it brings them together, and the next night finds nothing', async () => {
  const world = await open();
  await world.spoil();
  expect((await world.night(true)).report).toMatchObject({ missing: 1, stale: 1, ghosts: 1, repaired: 3 });
  expect((await world.night()).report).toMatchObject({ buckets: 0, missing: 0, stale: 0, ghosts: 0 });
});

test('a part that is done twice counts once, and of two at once one gives way', async () => {
  const world = await open();
  await world.spoil();
  await runUpkeep({ kind: 'compare' }, world.deps(false));
  const part = () => comparePart(world.ports, searched, { repair: false, settleMs: 10 });
  expect((await Promise.all([part(), part()])).map(({ kind }) => kind).sort()).toEqual(['continue', 'overtaken']);
  let last = await part();
  for (let n = 0; last.kind !== 'done' && n < 100; n++) last = await part();
  expect(last).toMatchObject({ comparison: { report: { items: 30, missing: 1, stale: 1, ghosts: 1 } } });
  // The message of its last part comes again: it says the same, and reads nothing.
  const again = await part();
  if (last.kind === 'overtaken' || again.kind === 'overtaken') throw new Error('nobody else works on it');
  expect(again).toMatchObject({ kind: 'done', comparison: { report: last.comparison.report } });
  expect(comparisonSentence(last.comparison, 'done')).toContain('1 missing, 1 stale, 1 ghost');
});

test('while one is under way no other begins; one whose messages are lost is begun anew after hours', async () => {
  const world = await open();
  const begin = async () => (await runUpkeep({ kind: 'compare' }, world.deps(false)))[0];
  expect(await begin()).toMatchObject({ begun: { kind: 'begun' } });
  world.later(5 * 3_600_000);
  expect(await begin()).toMatchObject({ begun: { kind: 'under-way' } });
  expect(world.sent).toHaveLength(1);
  world.later(2 * 3_600_000);
  expect(await begin()).toMatchObject({ begun: { kind: 'begun' } });
});

test('an index that is not there is said, and what nobody here sent is refused', async () => {
  const { deps, ports } = await open();
  const of = () => Promise.reject(new Error('404 no alias [documents]'));
  const without = {
    ...deps(false),
    open: () => ({ ports: { ...ports, generations: { ...ports.generations, of } }, target }),
  };
  expect(await runUpkeep({ kind: 'compare' }, without)).toEqual([
    { kind: 'not-begun', table: 'documents', reason: '404 no alias [documents]' },
  ]);
  const message = (body: unknown) => runUpkeep({ Records: [{ body: JSON.stringify(body) }] }, deps(false));
  await expect(message({ kind: 'compare', table: 'documents', index: 'others-v1.write' })).rejects.toThrow(
    'not an index of',
  );
  await expect(message({ table: 'others', index: INDEX, segment: 0 })).rejects.toThrow('not in search.tables');
  await expect(message({ table: 'documents', index: INDEX, segment: -1 })).rejects.toThrow('is none');
  await expect(runUpkeep({}, deps(false))).rejects.toThrow('expected');
});
