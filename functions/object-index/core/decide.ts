import { HORIZON_MS, type ObjectFact } from './fact.ts';
import type { LiveRow, ObjectRow } from './row.ts';
import { compareSequencers } from './sequencer.ts';
import { agreesWith } from './settle.ts';

/** What to do about one fact, without asking anyone; ARBITRATE means: ask S3, then `settle`. */
export type Decision =
  | { kind: 'set'; because: 'first-seen' | 'newer' | 'after-truth' }
  | { kind: 'tombstone'; because: 'first-seen' | 'newer' | 'after-truth' }
  | { kind: 'adopt'; because: 'confirms-truth' }
  /** What a list showed is taken as S3's word. */
  | { kind: 'take'; because: 'first-seen' }
  | { kind: 'drop'; because: 'duplicate' | 'stale' | 'before-truth' | 'list-agrees' | 'after-list' }
  | { kind: 'arbitrate'; because: ArbitrateReason };

export type ArbitrateReason =
  | 'refresh'
  | 'needs-head'
  | 'no-sequencer'
  | 'ambiguous-sequencer'
  | 'other-version'
  | 'expiry-sequencer'
  | 'beyond-horizon'
  | 'near-truth'
  | 'list-differs'
  | 'config-differs'
  | 'contradicting-facts';

/** S3's hosts do not share one clock, and its `Date` header has whole seconds. */
export const CLOCK_TOLERANCE_MS = 5_000;

export interface DecideContext {
  nowMs: number;
  /** The bucket has attributes that only a HEAD gives. */
  needsHead: boolean;
  /** False where the config of today reads another customer or attribute from the key than the row holds. */
  isReadAsNow?: (row: LiveRow) => boolean;
}

/**
 * One fact against the row of the object as it is now, or of its null version: the lattice of README, "two invariants".
 * Total: every pair has an answer.
 */
export const decide = (row: ObjectRow | undefined, fact: ObjectFact, context: DecideContext): Decision =>
  asking(fact.kind === 'listed' ? decideListed(row, fact, context) : decideEvent(row, fact, context), fact, context);

/** One fact against the row of a version that has an id: it is made once and removed once, so nothing needs an order. */
export const decideVersion = (row: ObjectRow | undefined, fact: ObjectFact, context: DecideContext): Decision => {
  const { nowMs } = context;
  if (row?.state === 'tombstone') return { kind: 'drop', because: 'stale' };
  if (fact.kind === 'removed') {
    return { kind: 'tombstone', because: row === undefined ? 'first-seen' : 'newer' };
  }
  if (fact.kind === 'refresh') return arbitrate('refresh');
  if (fact.kind === 'listed') return asking(decideListed(row, fact, context), fact, context);
  if (row !== undefined) return { kind: 'drop', because: 'duplicate' };
  if (nowMs - fact.eventTimeMs > HORIZON_MS) return arbitrate('beyond-horizon');
  return asking({ kind: 'set', because: 'first-seen' }, fact, context);
};

// Only what holds bytes has what a HEAD would tell.
const asking = (decision: Decision, fact: ObjectFact, { needsHead }: DecideContext): Decision =>
  needsHead && (decision.kind === 'set' || decision.kind === 'take') && !fact.deleteMarker
    ? arbitrate('needs-head')
    : decision;

const decideEvent = (row: ObjectRow | undefined, fact: ObjectFact, { nowMs }: DecideContext): Decision =>
  row === undefined ? decideUnseen(fact, nowMs) : decideSeen(row, fact);

// A list is as old as its answer: an event that was taken in since knows better, and where both may be right S3 is asked.
const decideListed = (row: ObjectRow | undefined, { shown }: ObjectFact, { isReadAsNow }: DecideContext): Decision => {
  if (row === undefined || shown === undefined) return { kind: 'take', because: 'first-seen' };
  if (row.state === 'live' && agreesWith(row, shown)) {
    return isReadAsNow?.(row) === false ? arbitrate('config-differs') : { kind: 'drop', because: 'list-agrees' };
  }
  const knownAtMs = Math.max(row.eventTimeMs, row.truthAtMs ?? 0);
  return knownAtMs > shown.atMs + CLOCK_TOLERANCE_MS
    ? { kind: 'drop', because: 'after-list' }
    : arbitrate('list-differs');
};

const decideUnseen = (fact: ObjectFact, nowMs: number): Decision => {
  if (fact.kind === 'refresh') return arbitrate('refresh');
  // Tombstones are gone by then: what this event is older than can't be known from the table.
  if (nowMs - fact.eventTimeMs > HORIZON_MS) return arbitrate('beyond-horizon');
  const doubt = doubtOf(fact);
  if (doubt !== undefined) return arbitrate(doubt);
  return apply(fact, 'first-seen');
};

const decideSeen = (row: ObjectRow, fact: ObjectFact): Decision => {
  // One rule removes several versions, all with the sequencer of its date: only of other events does it say "the same".
  const same = fact.sequencer !== undefined && fact.sequencer === row.sequencer;
  if (same && !fact.expired) return { kind: 'drop', because: 'duplicate' };
  if (row.truthAtMs !== undefined) return decideByTime(row, row.truthAtMs, fact);
  if (fact.kind === 'refresh') return arbitrate('refresh');
  const doubt = doubtOf(fact, row);
  if (doubt !== undefined) return arbitrate(doubt);
  if (row.versionId !== fact.versionId) return arbitrate('other-version');
  if (row.sequencer === undefined || fact.sequencer === undefined) return arbitrate('no-sequencer');
  const order = compareSequencers(fact.sequencer, row.sequencer);
  switch (order) {
    case 'after':
      return apply(fact, 'newer');
    case 'same':
      return { kind: 'drop', because: 'duplicate' };
    case 'before':
      return { kind: 'drop', because: 'stale' };
    case 'ambiguous':
      return arbitrate('ambiguous-sequencer');
  }
};

// S3 itself was asked at `truthAtMs`. An older event is in that answer already, whatever its sequencer says.
const decideByTime = (row: ObjectRow, truthAtMs: number, fact: ObjectFact): Decision => {
  const sinceTruthMs = fact.eventTimeMs - truthAtMs;
  if (sinceTruthMs > CLOCK_TOLERANCE_MS) {
    if (fact.kind === 'refresh') return arbitrate('refresh');
    const doubt = doubtOf(fact, row) ?? (row.versionId === fact.versionId ? undefined : 'other-version');
    return doubt === undefined ? apply(fact, 'after-truth') : arbitrate(doubt);
  }
  if (sinceTruthMs >= -CLOCK_TOLERANCE_MS) return arbitrate('near-truth');
  return confirms(row, fact) ? { kind: 'adopt', because: 'confirms-truth' } : { kind: 'drop', because: 'before-truth' };
};

// The event that made what S3 showed us: its sequencer and its exact time are worth keeping.
const confirms = (row: ObjectRow, fact: ObjectFact): boolean =>
  fact.kind === 'created' &&
  row.state === 'live' &&
  row.object.etag === fact.etag &&
  row.object.sizeBytes === fact.sizeBytes &&
  row.versionId === fact.versionId &&
  fact.sequencer !== undefined &&
  (row.sequencer === undefined || compareSequencers(fact.sequencer, row.sequencer) === 'after');

// Facts that can't be placed in a key's order by their sequencer.
const doubtOf = (fact: ObjectFact, row?: ObjectRow): ArbitrateReason | undefined => {
  // A lifecycle rule's event may carry the rule's date: too small a tombstone would let an older PUT rise again.
  if (fact.expired) return 'expiry-sequencer';
  if (fact.sequencer === undefined) return 'no-sequencer';
  // In a versioned bucket what goes away may not be what is current, and what becomes current sends no event.
  if (fact.kind === 'removed' && (fact.versionId !== undefined || row?.apart)) return 'other-version';
  return undefined;
};

const apply = (fact: ObjectFact, because: 'first-seen' | 'newer' | 'after-truth'): Decision =>
  fact.kind === 'created' ? { kind: 'set', because } : { kind: 'tombstone', because };

const arbitrate = (because: ArbitrateReason): Decision => ({ kind: 'arbitrate', because });
