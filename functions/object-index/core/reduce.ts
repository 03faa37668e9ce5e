import type { ParsedMessage } from './event.ts';
import { identityText, type ObjectFact } from './fact.ts';
import { compareSequencers } from './sequencer.ts';

/** All that one batch says about one object, as one fact, and the messages that rest on it. */
export interface ObjectWork {
  fact: ObjectFact;
  /** The facts can't be put in order by themselves: S3 must be asked, whatever the row says. */
  contradicting: boolean;
  messageIds: string[];
}

/** One work item per object: two actions on one key in one batch are one step of its row (HDDS-5119). */
export const reduceByObject = (messages: readonly ParsedMessage[]): ObjectWork[] => {
  const byObject = new Map<string, ObjectWork>();
  for (const { id, facts } of messages) {
    for (const fact of facts) {
      const name = identityText(fact);
      const seen = byObject.get(name);
      if (seen === undefined) {
        byObject.set(name, { fact, contradicting: false, messageIds: [id] });
      } else {
        if (!seen.messageIds.includes(id)) seen.messageIds.push(id);
        Object.assign(seen, combine(seen, fact));
      }
    }
  }
  return [...byObject.values()];
};

const combine = (seen: ObjectWork, fact: ObjectFact): Pick<ObjectWork, 'fact' | 'contradicting'> => {
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
  if (a.sequencer === b.sequencer) return 'same';
  if (a.expired || b.expired || a.versionId !== b.versionId) return undefined;
  const order = compareSequencers(a.sequencer, b.sequencer);
  return order === 'ambiguous' ? undefined : order;
};
