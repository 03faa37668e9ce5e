import { memoryDeadLetters } from '../../../functions/search-sync/aws/memory.ts';
import { memoryIndex } from '../../../functions/search-sync/aws/memory-index.ts';
import { memoryGenerations } from '../../../functions/search-sync/aws/memory-upkeep.ts';
import type { Item } from '../../../functions/search-sync/core/attribute-value.ts';
import { contentOf, readStored, standsFor } from '../../../functions/search-sync/core/document.ts';
import { documentId, type Hash } from '../../../functions/search-sync/core/document-id.ts';
import { sendSettings } from '../../../functions/search-sync/run/send.ts';
import { type SyncRules, syncRules } from '../../../functions/search-sync/run/sync.ts';
import { chanceOf } from './chance.ts';
import { Crash, type FaultOptions, faultyIndex } from './faulty-index.ts';
import { openRebuild, type RebuildRules, rebuildRules } from './rebuild.ts';
import { KEYS, openWriter, type WriterOptions } from './writer.ts';

/** The rules of sync and of rebuilding. */
export const allRules: SyncRules & RebuildRules = { ...syncRules, ...rebuildRules };

export interface HistoryOptions extends FaultOptions, WriterOptions {
  /** The consumer forgets that it was acknowledged, and delivers again. */
  duplicates: boolean;
  recreations: boolean;
  /** A new index is filled beside the stream, and searches go over to it; and back, now and then. */
  rebuilds: boolean;
}

const ALIAS = 'documents';
const FIRST = 'documents-v1.write';
const WRITES = 60;
const MAX_INVOCATIONS = 400;

/** Cheap and good enough for a model: 64 bits of FNV, spread to the length of a sha256. */
export const modelHash: Hash = (text) => {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b);
  }
  return ((a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0')).repeat(4);
};

const hash = modelHash;

/** One random life of a table, its stream, a consumer and an index. Returns what is wrong at its end: nothing, if the rules are right. */
export const runHistory = async (
  seed: number,
  options: HistoryOptions,
  rules: SyncRules & RebuildRules = allRules,
): Promise<string[]> => {
  const chance = chanceOf(seed);
  let nowMs = 1_790_000_000_000 + chance.whole(0, 999);
  const writer = openWriter(chance, () => nowMs, options);
  const aliases = [FIRST];
  const memory = memoryIndex({
    nowMs: () => nowMs,
    gcDeletesMs: 600_000,
    aliases,
    refuses: (source) => (source.includes('"text":"POISON"') ? 'failed to parse field [text]' : undefined),
  });
  const faulty = faultyIndex(memory, chance, () => nowMs, options);
  const deadLetters = memoryDeadLetters();
  const target = { table: 'documents', index: ALIAS, keys: KEYS };
  const generations = memoryGenerations(FIRST);
  let written = 0;
  let calm = false;
  const writeSome = async (most: number) => {
    for (let i = chance.whole(0, most); i > 0 && written < WRITES; i--, written++) {
      await writer.write();
      nowMs += chance.whole(0, 400);
    }
  };
  const ports = {
    index: faulty.index,
    generations: faulty.generations(generations),
    table: writer.moving(() => (calm ? 0 : 0.1)),
    deadLetters,
    hash,
    patience: {
      nowMs: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += Math.ceil(ms);
        await writeSome(1);
      },
      chance: chance.next,
      remainingMs: () => endsMs - nowMs,
    },
  };

  /** Somewhere in the middle of what goes on beside it. */
  const later = async (work: () => Promise<void>): Promise<void> => {
    for (let ticks = chance.whole(0, 60); ticks > 0; ticks--) await Promise.resolve();
    await work();
  };

  let endsMs = 0;
  let at = 0;
  const rebuild = openRebuild({
    ports,
    chance,
    target,
    generations,
    memory,
    aliases,
    all: writer.table.all,
    hash,
    rules,
  });
  for (let turn = 0; turn < MAX_INVOCATIONS; turn++) {
    await writeSome(8);
    if (turn > MAX_INVOCATIONS / 2) {
      calm = true;
      faulty.calmDown();
    }
    const isDrained = at >= writer.records.length;
    if (isDrained && written >= WRITES) break;
    if (isDrained && options.recreations && chance.hit(0.3)) writer.recreateStream();
    if (options.rebuilds && chance.hit(0.5)) await untilCrash(rebuild.step);
    const batch = ofOneStream(writer.records.slice(at, at + chance.whole(1, 20)));
    if (batch.length === 0) continue;
    endsMs = nowMs + chance.whole(8_000, 20_000);
    const from = at;
    try {
      const settings = { ...sendSettings, maxOperations: chance.whole(1, 10), requestsInFlight: 3 };
      const stream = labelOf(batch[0]);
      const beside = options.rebuilds && chance.hit(0.5) ? untilCrash(() => later(rebuild.step)) : undefined;
      const { checkpoint } = await rules
        .sync(ports, { ...target, stream }, batch, settings, rules)
        .finally(() => beside);
      const stopped = batch.findIndex((record) => sequenceOf(record) === checkpoint);
      at = checkpoint === undefined ? at + batch.length : at + Math.max(0, stopped);
      if (options.duplicates && chance.hit(0.1)) at = chance.whole(from, at);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    nowMs += chance.whole(1, 300);
  }
  await faulty.landAll();
  const indexes = await generations.of(ALIAS);
  const drained = at === writer.records.length;
  const letters = [...deadLetters.letters.values()];
  const wrong = wrongs(writer.table.all(), memory.documents(indexes.serving), letters, drained);
  // A shadow that is filled is one to cut over to: it must be right, too.
  if (indexes.shadow === undefined || !(await rebuild.isReady())) return wrong;
  const inShadow = wrongs(writer.table.all(), memory.documents(indexes.shadow), letters, drained);
  return [...wrong, ...inShadow.map((one) => `in the shadow ${one}`)];
};

/** The process died: whoever comes next finds what it left. */
const untilCrash = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
};

/** What is wrong with an index at the end. */
export const wrongs = (
  items: readonly Item[],
  documents: ReadonlyMap<string, string>,
  letters: readonly { keys?: Item | undefined }[],
  drained: boolean,
  hash: Hash = modelHash,
): string[] => {
  const wrong: string[] = drained ? [] : ['the stream was not drained'];
  const ids = new Set<string>();
  const buried = new Set(letters.flatMap(({ keys }) => (keys === undefined ? [] : [documentId(keys, KEYS, hash)])));
  for (const item of items) {
    const id = documentId(item, KEYS, hash);
    ids.add(id);
    const stored = readStored(documents.get(id) ?? '');
    if (stored === undefined) wrong.push(`${id}: missing`);
    else if (!standsFor(stored, contentOf(item, { keys: KEYS }), hash)) wrong.push(`${id}: stale (${stored.state})`);
    else if ((stored.state === 'stub') !== (item.text?.S === 'POISON')) wrong.push(`${id}: is a ${stored.state}`);
    else if (stored.state === 'stub' && !buried.has(id)) wrong.push(`${id}: a stub without a dead letter`);
  }
  for (const id of documents.keys()) if (!ids.has(id)) wrong.push(`${id}: a ghost`);
  return wrong;
};

export const ofOneStream = (records: readonly unknown[]): unknown[] => {
  const end = records.findIndex((record) => labelOf(record) !== labelOf(records[0]));
  return end < 0 ? [...records] : records.slice(0, end);
};
export const labelOf = (record: unknown): string =>
  (record as { eventSourceARN: string }).eventSourceARN.split('/stream/')[1] ?? '';
export const sequenceOf = (record: unknown): string =>
  (record as { dynamodb: { SequenceNumber: string } }).dynamodb.SequenceNumber;

/** Which hostile things a seed meets: every combination comes up. */
export const optionsOf = (seed: number): HistoryOptions => {
  const chance = chanceOf(seed ^ 0x5eed);
  const zombies = chance.hit(0.5);
  return {
    throttles: chance.hit(0.6),
    timeouts: zombies || chance.hit(0.5),
    zombies,
    crashes: chance.hit(0.5),
    outages: chance.hit(0.5),
    duplicates: chance.hit(0.6),
    recreations: chance.hit(0.3),
    poison: chance.hit(0.5),
    clockSteps: !zombies && chance.hit(0.5),
    rebuilds: chance.hit(0.5),
    view: chance.pick(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'KEYS_ONLY'] as const),
  };
};
