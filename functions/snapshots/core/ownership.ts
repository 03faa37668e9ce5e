import type { Snapshot } from './inventory.ts';
import { groupOf, OWN, slotOf } from './tags.ts';

// Who may be judged at all. Each gate is a function of its own, in a table, so that a test can take one away and see
// the harm. `ignore`: it is not ours to speak of. `keep`: it is ours, and in doubt it stays.

export interface GateContext {
  stack: string;
}

export interface Gate {
  name: GateName;
  otherwise: 'ignore' | 'keep';
  admits(snapshot: Snapshot, context: GateContext): boolean;
}

export type IgnoreReason = 'not-manual' | 'not-of-this-stack' | 'copied-tags';
export type DoubtReason = 'unreadable-tags' | 'not-available';
export type GateName = IgnoreReason | DoubtReason;

// Someone's automated, AWS Backup or shared snapshots are never manual ones of ours, whatever their tags say.
const manual: Gate = {
  name: 'not-manual',
  otherwise: 'ignore',
  admits: ({ type }) => type === 'manual',
};

const ofThisStack: Gate = {
  name: 'not-of-this-stack',
  otherwise: 'ignore',
  admits: ({ tags }, { stack }) => tags[OWN.stack] === stack,
};

// CopyDBSnapshot with CopyTags takes our tags along onto a person's copy.
const namedByItsTag: Gate = {
  name: 'copied-tags',
  otherwise: 'ignore',
  admits: ({ id, tags }) => tags[OWN.name]?.toLowerCase() === id.toLowerCase(),
};

const readable: Gate = {
  name: 'unreadable-tags',
  otherwise: 'keep',
  admits: (snapshot) => slotOf(snapshot) !== undefined && snapshot.tags[OWN.resourceId] === groupOf(snapshot),
};

// docs: API_DeleteDBSnapshot — a snapshot must be available to be deleted; and one that is not available is no backup.
const available: Gate = {
  name: 'not-available',
  otherwise: 'keep',
  admits: ({ status }) => status === 'available',
};

export const GATES: readonly Gate[] = [manual, ofThisStack, namedByItsTag, readable, available];

/** The first gate that does not let this snapshot through, or undefined: it is own, available and good. */
export const stoppedBy = (snapshot: Snapshot, context: GateContext, gates: readonly Gate[] = GATES): Gate | undefined =>
  gates.find((gate) => !gate.admits(snapshot, context));

/** Ours, whatever its state: what counts for "is one running already". */
export const isOwn = (snapshot: Snapshot, stack: string): boolean =>
  [manual, ofThisStack, namedByItsTag].every((gate) => gate.admits(snapshot, { stack }));
