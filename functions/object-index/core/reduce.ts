import type { ParsedMessage } from './event.ts';
import { identityText, NULL_SLOT, type ObjectFact, type ObjectIdentity } from './fact.ts';
import { compareSequencers } from './sequencer.ts';

/** All that one batch says about one row. */
export interface SlotWork {
  fact: ObjectFact;
  /** The facts can't be put in order by themselves: S3 must be asked, whatever the row says. */
  contradicting: boolean;
}

/** All that one batch says about one object and its versions, and the messages that rest on it. */
export interface ObjectWork {
  object: ObjectIdentity;
  /** undefined where a list showed only versions that are not current. */
  current: SlotWork | undefined;
  /** By version id; under NULL_SLOT what would be said of the null version if it had a row of its own. */
  versions: ReadonlyMap<string, SlotWork>;
  messageIds: readonly string[];
}

/** Versions of one key that are written together with it; more follow apart, since a transaction ends at 100 items. */
const VERSIONS_TOGETHER = 30;

/** One work item per object: two actions on one key in one batch are one step of its row (HDDS-5119). */
export const reduceByObject = (messages: readonly ParsedMessage[]): ObjectWork[] => {
  const byObject = new Map<string, Gathering>();
  for (const { id, facts } of messages) {
    for (const fact of facts) {
      const name = identityText(fact);
      const seen = byObject.get(name) ?? {
        object: { bucket: fact.bucket, key: fact.key },
        current: undefined,
        versions: new Map<string, SlotWork>(),
        messageIds: [],
      };
      byObject.set(name, seen);
      if (!seen.messageIds.includes(id)) seen.messageIds.push(id);
      gather(seen, fact);
    }
  }
  return [...byObject.values()].flatMap(inParts);
};

interface Gathering extends ObjectWork {
  versions: Map<string, SlotWork>;
  messageIds: string[];
}

const gather = (seen: Gathering, fact: ObjectFact): void => {
  const slot = fact.versionId ?? NULL_SLOT;
  const known = seen.versions.get(slot);
  const one = ofVersion(fact);
  seen.versions.set(slot, fact.versionId === undefined ? inOrder(known, one) : inLattice(known, one));
  if (fact.kind !== 'listed' || fact.isCurrent) seen.current = inOrder(seen.current, fact);
};

const inParts = (work: ObjectWork): ObjectWork[] => {
  if (work.versions.size <= VERSIONS_TOGETHER) return [work];
  // The null version goes with the current row: the two may change places.
  const all = [...work.versions].sort(([a], [b]) => Number(b === NULL_SLOT) - Number(a === NULL_SLOT));
  return Array.from({ length: Math.ceil(all.length / VERSIONS_TOGETHER) }, (_, part) => ({
    ...work,
    current: part === 0 ? work.current : undefined,
    versions: new Map(all.slice(part * VERSIONS_TOGETHER, (part + 1) * VERSIONS_TOGETHER)),
  }));
};

/** A delete marker is a version that appears, though what is current goes away by it. */
const ofVersion = (fact: ObjectFact): ObjectFact =>
  fact.deleteMarker && fact.kind === 'removed' ? { ...fact, kind: 'created', sizeBytes: 0, etag: '' } : fact;

// A version that has an id is made once and removed once: what says more wins, in whatever order it came.
const WEIGHTS: Readonly<Record<ObjectFact['kind'], number>> = { removed: 3, refresh: 2, created: 1, listed: 0 };
const inLattice = (seen: SlotWork | undefined, fact: ObjectFact): SlotWork => {
  if (seen === undefined) return { fact, contradicting: false };
  const heavier = WEIGHTS[fact.kind] > WEIGHTS[seen.fact.kind];
  return { fact: heavier ? fact : seen.fact, contradicting: false };
};

const inOrder = (seen: SlotWork | undefined, fact: ObjectFact): SlotWork => {
  if (seen === undefined) return { fact, contradicting: false };
  const order = orderOf(fact, seen.fact);
  const later = order === undefined ? isWeightier(fact, seen.fact) : order === 'after';
  return { fact: later ? fact : seen.fact, contradicting: seen.contradicting || order === undefined };
};

// A refresh never hides a PUT or a DELETE: those may leave a tombstone, it does not.
const isWeightier = (a: ObjectFact, b: ObjectFact): boolean => {
  if (a.kind === 'refresh' || b.kind === 'refresh') return a.kind !== 'refresh' && b.kind === 'refresh';
  return a.eventTimeMs > b.eventTimeMs;
};

// Where `a` stands to `b` when that is certain.
const orderOf = (a: ObjectFact, b: ObjectFact): 'before' | 'same' | 'after' | undefined => {
  if (a.sequencer === undefined || b.sequencer === undefined) return undefined;
  if (a.expired || b.expired || a.versionId !== b.versionId) return undefined;
  if (a.sequencer === b.sequencer) return 'same';
  const order = compareSequencers(a.sequencer, b.sequencer);
  return order === 'ambiguous' ? undefined : order;
};
