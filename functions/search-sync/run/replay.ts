import type { Item } from '../core/attribute-value.ts';
import { keysOf } from '../core/document-id.ts';
import { type Letter, readLetter } from '../core/letter.ts';
import { heal } from './heal.ts';
import type { Generations, LetterBox } from './ports.ts';
import type { SyncTarget } from './repair.ts';
import type { UpkeepPorts } from './upkeep-ports.ts';

export type ReplayedLetter =
  /** What it is about is in the index as it should be: the letter is of no more use. */
  | { kind: 'settled'; name: string; documents: number }
  /** The item of today, or the log's document, is refused again. */
  | { kind: 'still-refused'; name: string; reason: string }
  | { kind: 'failed'; name: string; reason: string }
  /** Nothing in it says what it was about, or the config does not name that. */
  | { kind: 'unreadable'; name: string; reason: string };

export interface ReplayPorts extends Pick<UpkeepPorts, 'index' | 'table' | 'hash' | 'patience' | 'deadLetters'> {
  generations: Generations;
}

/** The tables that letters may be about: each with the ports and the shape of its own. */
export type ReplayTables = ReadonlyMap<string, { ports: ReplayPorts; target: SyncTarget }>;

/** Puts what a log's letter holds into its day (run/replay-logs.ts). */
export type ReplayLog = (name: string, letter: LogLetter) => Promise<ReplayedLetter>;
export type LogLetter = Extract<Letter, { kind: 'log-entry' | 'log-delivery' }>;

/**
 * Reads the dead letters again: the keys of each are repaired in every index of their table, from what the table says today
 * and never from what the letter holds; a log has nothing but its letter, and is put back from that. A letter is removed
 * when that succeeded, and only when `remove`.
 */
export const replayLetters = async (
  box: LetterBox,
  tables: ReplayTables,
  replayLog: ReplayLog,
  { remove, progress }: { remove: boolean; progress?: (one: ReplayedLetter) => void },
): Promise<ReplayedLetter[]> => {
  const all: ReplayedLetter[] = [];
  let after: string | undefined;
  do {
    const page = await box.list(after);
    for (const name of page.names) {
      const text = await box.read(name);
      if (text === undefined) continue;
      const one = await replayOne(name, readLetter(text), tables, replayLog);
      if (one.kind === 'settled' && remove) await box.remove(name);
      all.push(one);
      progress?.(one);
    }
    after = page.next;
  } while (after !== undefined);
  return all;
};

const replayOne = async (
  name: string,
  letter: Letter,
  tables: ReplayTables,
  replayLog: ReplayLog,
): Promise<ReplayedLetter> => {
  if (letter.kind === 'unreadable') return { kind: 'unreadable', name, reason: letter.reason };
  if (letter.kind !== 'keys') return replayLog(name, letter);
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
    return { kind: 'settled', name, documents: keys.length };
  } catch (error) {
    return { kind: 'failed', name, reason: error instanceof Error ? error.message : String(error) };
  }
};
