import type { Item } from '../core/attribute-value.ts';
import { keysOf } from '../core/document-id.ts';
import { type Letter, readLetter } from '../core/letter.ts';
import { heal } from './heal.ts';
import type { Generations, LetterBox } from './ports.ts';
import type { SyncTarget } from './repair.ts';
import type { UpkeepPorts } from './upkeep-ports.ts';

export type ReplayedLetter =
  /** Index and table agree on its keys: the letter is of no more use. */
  | { kind: 'settled'; name: string; keys: number }
  /** The item of today is refused as well. */
  | { kind: 'still-refused'; name: string; reason: string }
  | { kind: 'failed'; name: string; reason: string }
  /** Nothing in it says which item it was about. */
  | { kind: 'unreadable'; name: string; reason: string };

export interface ReplayPorts extends Pick<UpkeepPorts, 'index' | 'table' | 'hash' | 'patience' | 'deadLetters'> {
  generations: Generations;
}

/** The tables that letters may be about: each with the ports and the shape of its own. */
export type ReplayTables = ReadonlyMap<string, { ports: ReplayPorts; target: SyncTarget }>;

/**
 * Reads the dead letters again: the keys of each are repaired in every index of their table, from what the table says today
 * and never from what the letter holds. A letter is removed when its keys agree, and only when `remove`. Logs stay.
 */
export const replayLetters = async (
  box: LetterBox,
  tables: ReplayTables,
  { remove, progress }: { remove: boolean; progress?: (one: ReplayedLetter) => void },
): Promise<ReplayedLetter[]> => {
  const all: ReplayedLetter[] = [];
  let after: string | undefined;
  do {
    const page = await box.list(after);
    for (const name of page.names) {
      const text = await box.read(name);
      if (text === undefined) continue;
      const one = await replayOne(name, readLetter(text), tables);
      if (one.kind === 'settled' && remove) await box.remove(name);
      all.push(one);
      progress?.(one);
    }
    after = page.next;
  } while (after !== undefined);
  return all;
};

const replayOne = async (name: string, letter: Letter, tables: ReplayTables): Promise<ReplayedLetter> => {
  if (letter.kind === 'unreadable') return { kind: 'unreadable', name, reason: letter.reason };
  const table = tables.get(letter.table);
  if (table === undefined) return { kind: 'unreadable', name, reason: `${letter.table} is not in search.tables` };
  const { ports, target } = table;
  try {
    const keys: Item[] = letter.keys.map((one) => keysOf(one, target.keys));
    const written = await ports.generations.of(target.index);
    for (const index of [written.serving, written.shadow]) {
      if (index === undefined) continue;
      const repaired = await heal(ports, { ...target, index }, keys);
      for (const { end } of repaired) {
        if (end.kind === 'stubbed') return { kind: 'still-refused', name, reason: end.reason };
        if (end.kind !== 'agreed') return { kind: 'failed', name, reason: end.reason };
      }
    }
    return { kind: 'settled', name, keys: keys.length };
  } catch (error) {
    return { kind: 'failed', name, reason: error instanceof Error ? error.message : String(error) };
  }
};
