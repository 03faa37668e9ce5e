import type { Change } from './change.ts';

/**
 * The last change of each key, for within a batch the last one says it all. Its version is strictly above that of every
 * earlier change of the key in the batch: the second may go back, the nine digits may wrap, and a late copy of an
 * earlier attempt must never pass the later state.
 */
export const collapse = (changes: readonly Change[]): Change[] => {
  const last = new Map<string, Change>();
  for (const change of changes) {
    const before = last.get(change.id);
    const isBehind = before !== undefined && before.version >= change.version;
    last.set(change.id, isBehind ? { ...change, version: before.version + 1n } : change);
  }
  return [...last.values()];
};
