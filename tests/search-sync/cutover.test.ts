import { describe, expect, test } from '@jest/globals';
import { memoryDeadLetters, memoryTable } from '../../functions/search-sync/aws/memory.ts';
import { memoryIndex } from '../../functions/search-sync/aws/memory-index.ts';
import {
  memoryCensus,
  memoryFills,
  memoryGenerations,
  memoryScan,
} from '../../functions/search-sync/aws/memory-upkeep.ts';
import { sha256 } from '../../functions/search-sync/aws/wiring.ts';
import type { Item } from '../../functions/search-sync/core/attribute-value.ts';
import { documentId } from '../../functions/search-sync/core/document-id.ts';
import { freshFill } from '../../functions/search-sync/core/fill.ts';
import { cutOverSentence, driftSentence, replaySentence } from '../../functions/search-sync/core/sentences.ts';
import { fillPart } from '../../functions/search-sync/run/backfill.ts';
import { cutOver } from '../../functions/search-sync/run/cutover.ts';
import { checkDrift } from '../../functions/search-sync/run/drift.ts';
import type { LetterBox, SearchIndex, Written } from '../../functions/search-sync/run/ports.ts';
import { repair } from '../../functions/search-sync/run/repair.ts';
import { repairMany } from '../../functions/search-sync/run/repair-many.ts';
import { replayLetters } from '../../functions/search-sync/run/replay.ts';

const KEYS = { partition: 'id' };
const SERVING = 'documents-v1.write';
const SHADOW = 'documents-v2.write';
const target = { table: 'documents', index: 'documents', keys: KEYS };
const inShadow = { ...target, index: SHADOW };
const item = (n: number, text = `text ${n}`): Item => ({ id: { S: `k${n}` }, text: { S: text } });
const keyOf = (n: number): Item => ({ id: { S: `k${n}` } });

const open = (over: (inner: SearchIndex) => Partial<SearchIndex> = () => ({})) => {
  let nowMs = 1_790_000_000_000;
  const memory = memoryIndex({
    nowMs: () => nowMs,
    gcDeletesMs: 600_000,
    aliases: [SERVING, SHADOW],
    refuses: (source) => (source.includes('"POISON"') ? 'failed to parse' : undefined),
  });
  const table = memoryTable(KEYS);
  const generations = memoryGenerations(SERVING);
  const fills = memoryFills();
  const deadLetters = memoryDeadLetters();
  const whilePausing: (() => Promise<unknown>)[] = [];
  const ports = {
    index: { ...memory, ...over(memory) },
    table,
    generations,
    fills,
    deadLetters,
    hash: sha256,
    scan: memoryScan(() => table.all().map((one) => ({ id: documentId(one, KEYS, sha256), item: one }))),
    census: memoryCensus(memory.documents),
    swap: async (_: string, written: Written) => generations.swap(written),
    patience: {
      nowMs: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms;
        await whilePausing.shift()?.();
      },
      chance: () => 1,
      remainingMs: () => 60_000,
    },
  };
  for (let n = 0; n < 20; n++) table.set(keyOf(n), item(n));
  return { ports, memory, table, generations, fills, deadLetters, whilePausing };
};
const look = { repair: false, segments: 2, settleMs: 1_000 };
const filled = async ({ ports, generations, fills }: ReturnType<typeof open>) => {
  generations.begin(SHADOW);
  await fills.begin([0, 1].map((segment) => freshFill(SHADOW, segment, 2, 0)));
  for (const segment of [0, 1]) await fillPart(ports, inShadow, segment);
};

describe('searches go over to another index', () => {
  test('that was filled, equals the table, and when it was confirmed', async () => {
    const world = open();
    await filled(world);
    const written = { serving: SERVING, shadow: SHADOW };
    const ready = await cutOver(world.ports, target, false, look);
    expect(ready).toMatchObject({ kind: 'ready', written });
    expect(cutOverSentence(ready)).toContain('add --yes');
    expect(await world.generations.of('documents')).toEqual(written);
    expect(await cutOver(world.ports, target, true, look)).toMatchObject({ kind: 'done', written });
    expect(await world.generations.of('documents')).toEqual({ serving: SHADOW, shadow: SERVING });
  });

  test('and not when there is none, when it is half filled, or when it differs', async () => {
    const world = open();
    expect(await cutOver(world.ports, target, true, look)).toMatchObject({ kind: 'refused', reason: 'no-shadow' });
    await filled(world);
    const part = await world.fills.part(SHADOW, 1);
    await world.fills.begin([{ ...(part as NonNullable<typeof part>), done: false }]);
    expect(await cutOver(world.ports, target, true, look)).toMatchObject({ kind: 'refused', reason: 'not-filled' });
    await world.fills.begin([part as NonNullable<typeof part>]);
    world.table.set(keyOf(3), item(3, 'changed'));
    expect(await cutOver(world.ports, target, true, look)).toMatchObject({
      kind: 'refused',
      reason: 'drift',
      drift: { stale: 1 },
    });
    expect(await cutOver(world.ports, target, true, { ...look, repair: true })).toMatchObject({ kind: 'done' });
  });

  test('and not when the indexes changed while they were compared', async () => {
    const world = open();
    await filled(world);
    world.table.set(keyOf(3), item(3, 'changed'));
    world.whilePausing.push(async () => world.generations.drop());
    const end = await cutOver(world.ports, target, true, { ...look, repair: true });
    expect(end).toMatchObject({ kind: 'refused', reason: 'moved' });
    expect(await world.generations.of('documents')).toEqual({ serving: SERVING });
  });
});

describe('a part that is filled', () => {
  test('again writes what is missing and what stands there wrong, and nothing else', async () => {
    const world = open();
    await filled(world);
    const right = new Map(world.memory.documents(SHADOW));
    const byHand = { index: SHADOW, viaAlias: true, condition: { kind: 'at-least' as const, version: 2n ** 62n } };
    await world.ports.index.bulk([
      { ...byHand, id: 'Sk1', write: { kind: 'index', document: '{"text":"by hand"}' } },
      { ...byHand, id: 'Sk2', write: { kind: 'delete' } },
    ]);
    await world.fills.begin([freshFill(SHADOW, 0, 1, 0)]);
    expect(await fillPart(world.ports, inShadow, 0)).toMatchObject({ kind: 'done', fill: { items: 20, written: 2 } });
    expect(new Map(world.memory.documents(SHADOW))).toEqual(right);
  });
});

describe('a comparison', () => {
  test('finds what is missing, stale and a ghost, says it in one sentence, and writes nothing unasked', async () => {
    const world = open();
    await filled(world);
    const [document] = await world.ports.index.reads(SHADOW, ['Sk1']);
    await world.ports.index.bulk(
      ['Sk1', 'Sk2'].map((id) => ({
        index: SHADOW,
        viaAlias: true,
        id,
        condition: { kind: 'at-least', version: 2n ** 62n },
        write: { kind: 'delete' },
      })),
    );
    world.table.set(keyOf(4), undefined);
    world.table.set(keyOf(5), item(5, 'changed'));
    const before = [...world.memory.documents(SHADOW)];
    const found = await checkDrift(world.ports, inShadow, look);
    expect(found).toMatchObject({ items: 19, documents: 18, missing: 2, stale: 1, ghosts: 1, repaired: 0 });
    expect(driftSentence(found)).toMatch(/19 items, 18 documents: 2 missing, 1 stale, 1 ghost; .* cost \d+ read units/);
    expect([...world.memory.documents(SHADOW)]).toEqual(before);
    expect(await checkDrift(world.ports, inShadow, { ...look, repair: true })).toMatchObject({ repaired: 4 });
    expect(await checkDrift(world.ports, inShadow, look)).toMatchObject({
      buckets: 0,
      missing: 0,
      stale: 0,
      ghosts: 0,
    });
    expect(document).toBeDefined();
  });

  test('does not count what was only on its way', async () => {
    const world = open();
    await filled(world);
    world.table.set(keyOf(5), item(5, 'changed'));
    world.whilePausing.push(() => repair(world.ports, inShadow, keyOf(5)));
    expect(await checkDrift(world.ports, inShadow, look)).toMatchObject({ buckets: 1, stale: 0 });
  });
});

describe('a repair in company', () => {
  test('never undoes what is written while it works', async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const world = open((inner) => ({
      bulk: async (operations) => {
        const race = meanwhile;
        meanwhile = undefined;
        await race?.();
        return inner.bulk(operations);
      },
    }));
    await filled(world);
    world.table.set(keyOf(5), item(5, 'first'));
    meanwhile = async () => {
      world.table.set(keyOf(5), item(5, 'second'));
      await repair(world.ports, inShadow, keyOf(5));
    };
    await repairMany(world.ports, inShadow, [keyOf(5), keyOf(6)]);
    expect(world.memory.documents(SHADOW).get('Sk5')).toContain('"second"');
  });

  test('is over only when the reads agree: an answer that was lost is not believed', async () => {
    let losses = 5;
    const world = open((inner) => ({
      bulk: async (operations) =>
        losses-- > 0 ? { kind: 'items', items: operations.map(() => ({ status: 200 })) } : inner.bulk(operations),
    }));
    const ends = await repairMany(world.ports, { ...target, index: SERVING }, [keyOf(1), keyOf(1), keyOf(2)]);
    expect(ends.map(({ end }) => end)).toEqual([{ kind: 'agreed' }, { kind: 'agreed' }]);
    expect(world.memory.documents(SERVING).size).toBe(2);
  });
});

const noLogs = () => Promise.reject(new Error('no log here'));

describe('dead letters', () => {
  const boxOf = (letters: Record<string, unknown>): LetterBox & { left: Map<string, string> } => {
    const left = new Map(Object.entries(letters).map(([name, body]) => [name, JSON.stringify(body)]));
    return {
      left,
      list: async () => ({ names: [...left.keys()] }),
      read: async (name) => left.get(name),
      remove: async (name) => void left.delete(name),
    };
  };

  test('are repaired from the table of today; only what is settled is removed', async () => {
    const world = open();
    world.table.set(keyOf(2), item(2, 'POISON'));
    const batch = {
      DDBStreamBatchInfo: { streamArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/documents/stream/now' },
      payload: JSON.stringify({ Records: [{ dynamodb: { Keys: keyOf(3) } }, { dynamodb: { Keys: keyOf(99) } }] }),
    };
    const box = boxOf({
      good: { source: 'documents', reason: 'it was too long', keys: keyOf(1), record: {} },
      poison: { source: 'documents', reason: 'failed to parse', keys: keyOf(2), record: {} },
      batch,
      malformed: { source: 'documents', reason: 'no key', record: {} },
      other: { source: 'another', reason: 'x', keys: keyOf(1), record: {} },
    });
    const tables = new Map([['documents', { ports: world.ports, target }]]);
    const ends = await replayLetters(box, tables, noLogs, { remove: true });
    expect(ends.map(({ name, kind }) => [name, kind])).toEqual([
      ['good', 'settled'],
      ['poison', 'still-refused'],
      ['batch', 'settled'],
      ['malformed', 'unreadable'],
      ['other', 'unreadable'],
    ]);
    expect([...box.left.keys()]).toEqual(['poison', 'malformed', 'other']);
    expect([...world.memory.documents(SERVING).keys()].sort()).toEqual(['Sk1', 'Sk2', 'Sk3']);
    expect(replaySentence(ends)).toBe(
      '5 dead letters: 2 settled and removed, 1 refused as before, 2 name nothing of ours',
    );
  });
});
