import type { KeyState, Snapshot } from './inventory.ts';
import { groupOf, OWN, slotOf } from './tags.ts';

// Who may be judged at all. Each gate is a function of its own, in a table, so that a test can take one away and see
// the harm. `ignore`: it is not ours to speak of. `keep`: it is ours, and in doubt it stays.

export interface GateContext {
  stack: string;
  /** By key id; without it, and for a key that is not in it, the state is unknown. */
  keys?: Readonly<Record<string, KeyState>>;
}

export interface Gate {
  name: GateName;
  otherwise: 'ignore' | 'keep';
  admits(snapshot: Snapshot, context: GateContext): boolean;
}

export type IgnoreReason = 'not-manual' | 'not-of-this-stack' | 'copied-tags';
export type DoubtReason = 'unreadable-tags' | 'not-available' | 'key-unusable';
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

// Without its key a snapshot does not restore (docs: Overview.Encryption), so it is no backup; and a key can be switched on
// again, so it is nothing to throw away either.
const keyUsable: Gate = {
  name: 'key-unusable',
  otherwise: 'keep',
  admits: ({ kmsKeyId, encrypted }, { keys }) =>
    kmsKeyId === undefined ? encrypted !== true : keys?.[kmsKeyId] === 'usable',
};

export const GATES: readonly Gate[] = [manual, ofThisStack, namedByItsTag, readable, available, keyUsable];

/** The first gate that does not let this snapshot through, or undefined: it is own, available and good. */
export const stoppedBy = (
  snapshot: Snapshot,
  context: GateContext,
  gates: readonly Gate[] = GATES,
): Gate | undefined => {
  for (const gate of gates) if (!gate.admits(snapshot, context)) return gate;
  return undefined;
};

/** Ours, whatever its state: what counts for "is one running already". */
export const isOwn = (snapshot: Snapshot, stack: string): boolean => {
  const context = { stack };
  return (
    manual.admits(snapshot, context) && ofThisStack.admits(snapshot, context) && namedByItsTag.admits(snapshot, context)
  );
};
