import { parseInstant } from '../calendar.ts';
import type { Snapshot } from '../inventory.ts';
import { slotOf, VERIFIED } from '../tags.ts';

export interface Verdict {
  atMs: number;
  result: 'ok' | 'failed';
}

/**
 * What a snapshot's tags say of its own verification. A moment before its slot is about the snapshot that it was copied
 * or restored from, and one after now is no evidence.
 */
export const verdictOf = (snapshot: Snapshot, nowMs: number): Verdict | undefined => {
  const atMs = parseInstant(snapshot.tags[VERIFIED.at] ?? '');
  const result = snapshot.tags[VERIFIED.result];
  const slotMs = slotOf(snapshot);
  if (atMs === undefined || slotMs === undefined || atMs < slotMs || atMs > nowMs) return undefined;
  return result === 'ok' || result === 'failed' ? { atMs, result } : undefined;
};
