import type { memoryIndex } from '../../../functions/search-sync/aws/memory-index.ts';
import {
  memoryCensus,
  memoryFills,
  type memoryGenerations,
  memoryScan,
} from '../../../functions/search-sync/aws/memory-upkeep.ts';
import type { Item } from '../../../functions/search-sync/core/attribute-value.ts';
import { documentId, type Hash } from '../../../functions/search-sync/core/document-id.ts';
import { fillProgress, freshFill, isFilled } from '../../../functions/search-sync/core/fill.ts';
import { FillStoppedError, fillPart } from '../../../functions/search-sync/run/backfill.ts';
import { cutOver } from '../../../functions/search-sync/run/cutover.ts';
import type { SyncTarget } from '../../../functions/search-sync/run/repair.ts';
import type { SyncPorts } from '../../../functions/search-sync/run/sync.ts';
import { syncGenerations } from '../../../functions/search-sync/run/sync-generations.ts';
import type { Chance } from './chance.ts';
import { KEYS } from './writer.ts';

/** The rules of filling and cutting over. An argument, so that a test can show what each one is for. */
export interface RebuildRules {
  fill: typeof fillPart;
  cutOver: typeof cutOver;
  sync: typeof syncGenerations;
}
export const rebuildRules: RebuildRules = { fill: fillPart, cutOver, sync: syncGenerations };

const SEGMENTS = 2;

/** Only that there was no answer, or an index is gone; what is wrong with the code comes through. */
const unanswered = (error: Error): undefined => {
  if (error instanceof FillStoppedError || /timed out|no such index/.test(error.message)) return undefined;
  throw error;
};

interface Parts {
  ports: SyncPorts;
  chance: Chance;
  target: SyncTarget;
  generations: ReturnType<typeof memoryGenerations>;
  memory: ReturnType<typeof memoryIndex>;
  /** The aliases that the memory knows: a new index adds its own. */
  aliases: string[];
  all: () => Item[];
  hash: Hash;
  rules: RebuildRules;
}

/** Someone who builds the index anew beside the stream: each step is one command or one message, and may die anywhere. */
export const openRebuild = ({ ports, chance, target, generations, memory, aliases, all, hash, rules }: Parts) => {
  const upkeep = {
    ...ports,
    // An invocation of its own, whose time is up after a page or two.
    patience: { ...ports.patience, remainingMs: () => (chance.hit(0.8) ? 60_000 : 0) },
    scan: memoryScan(() => all().map((item) => ({ id: documentId(item, KEYS, hash), item }))),
    census: memoryCensus((index) => {
      if (!aliases.includes(index)) throw new Error(`no such index [${index}]`);
      return memory.documents(index);
    }),
    fills: memoryFills(),
    generations,
    swap: async (_: string, written: { serving: string; shadow?: string | undefined }) => generations.swap(written),
  };
  let count = 1;

  const begin = async (): Promise<void> => {
    const shadow = `documents-v${++count}.write`;
    aliases.push(shadow);
    generations.begin(shadow);
    const parts = Array.from({ length: SEGMENTS }, (_, segment) => freshFill(shadow, segment, SEGMENTS, 0));
    await upkeep.fills.begin(parts);
  };

  const isReady = async (): Promise<boolean> => {
    const { shadow } = await generations.of(target.index);
    const progress = shadow === undefined ? undefined : fillProgress(await upkeep.fills.parts(shadow));
    return shadow !== undefined && (progress === undefined || isFilled(progress));
  };

  const step = async (): Promise<void> => {
    const { shadow } = await generations.of(target.index);
    if (shadow === undefined) {
      if (chance.hit(0.3)) await begin();
      return;
    }
    // Someone deletes what is being built: the stream must not stand still for it.
    if (chance.hit(0.02) && aliases.includes(shadow)) aliases.splice(aliases.indexOf(shadow), 1);
    if (!(await isReady())) {
      // A message may come twice, and two may work on one part.
      const segment = chance.whole(0, SEGMENTS - 1);
      await rules.fill(upkeep, { ...target, index: shadow }, segment).catch(unanswered);
      return;
    }
    const options = { repair: chance.hit(0.5), segments: SEGMENTS, settleMs: 50 };
    const end = await rules.cutOver(upkeep, target, true, options).catch(unanswered);
    if (end?.kind === 'done' && chance.hit(0.4)) generations.drop();
  };

  return { step, isReady };
};
