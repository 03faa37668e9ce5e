import type { Item } from '../core/attribute-value.ts';
import { type KeySchema, keyText } from '../core/document-id.ts';
import type { DeadLetter, DeadLetters, Table } from '../run/ports.ts';

/** A table in memory: the same port, for tests of everything above it. */
export const memoryTable = (
  schema: KeySchema,
): Table & { set(keys: Item, item: Item | undefined): void; all(): Item[] } => {
  const items = new Map<string, Item>();
  return {
    item: async (keys) => items.get(keyText(keys, schema)),
    items: async (keys) => keys.map((key) => items.get(keyText(key, schema))),
    set: (keys, item) => {
      if (item === undefined) items.delete(keyText(keys, schema));
      else items.set(keyText(keys, schema), item);
    },
    all: () => [...items.values()],
  };
};

/** Dead letters in memory, by name. */
export const memoryDeadLetters = (): DeadLetters & { letters: Map<string, DeadLetter> } => {
  const letters = new Map<string, DeadLetter>();
  return {
    letters,
    put: async (letter) => {
      letters.set(letter.name, letter);
    },
  };
};
