import { formatSlot } from './calendar.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import type { Gone, Left, Remaining } from './remaining.ts';

/** How a run parted with what it left. */
export type HandedOn =
  | { kind: 'nothing' }
  | { kind: 'handed-on'; left: readonly Left[]; expiry: Remaining['expiry']; waitMs: number }
  /** Its hour is nearly over: the next run takes them. */
  | { kind: 'closed'; left: readonly Left[]; expiry: Remaining['expiry'] }
  | { kind: 'failed'; left: readonly Left[]; expiry: Remaining['expiry']; detail: string };

const whatIsLeft = ({ left, expiry }: { left: readonly Left[]; expiry: Remaining['expiry'] }): string =>
  [
    ...(left.length > 0 ? [`${left.length} ${left.length === 1 ? 'snapshot' : 'snapshots'} of this slot`] : []),
    ...(expiry === 'left' ? ['the rest of expiry'] : []),
  ].join(' and ');

/** What becomes of what is left; undefined when nothing is. */
export const handedOnSentence = (next: HandedOn): string | undefined => {
  switch (next.kind) {
    case 'nothing':
      return undefined;
    case 'handed-on':
      return `Left: ${whatIsLeft(next)}: gone on with ${next.waitMs === 0 ? 'at once' : `in ${next.waitMs / 60_000} minutes`}.`;
    case 'closed':
      return `Left: ${whatIsLeft(next)}: the slot is over before more can be done, so the next run takes over.`;
    case 'failed':
      return `Left: ${whatIsLeft(next)}: it could not be handed on (${next.detail}), so the next run takes over.`;
  }
};

/** What became of a database that was left and is no more; its name went with it, or is another's by now. */
export const goneSentence = ({ kind, resourceId }: Gone): string =>
  `The ${kind} ${resourceId} was left for later in this slot, and is gone: it has no snapshot of it.`;

/** A slot that was gone on with, in one sentence. */
export const continuedSentence = (slotMs: number, { result, counts }: Outcome, expiry: Plan['expiry']): string => {
  const { selected, created, alreadyThere, deferred, failed, wouldDelete, deleted } = counts;
  const parts = [
    `${created} taken${alreadyThere > 0 ? `, ${alreadyThere} there already` : ''}`,
    ...(deferred > 0 ? [`${deferred} deferred`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    expiry === 'armed' ? `${deleted} deleted` : `${wouldDelete} could be deleted`,
  ];
  return `${result}: slot ${formatSlot(slotMs)} UTC, gone on with, ${selected} ${selected === 1 ? 'database' : 'databases'} selected: ${parts.join(', ')} in all.`;
};

/** Why a message to go on was let go. */
export const overSentence = (slotMs: number): string =>
  `Nothing is left of slot ${formatSlot(slotMs)} UTC: it was gone on with already.`;

/** Why a message to go on waits. */
export const busySentence = (slotMs: number): string =>
  `Slot ${formatSlot(slotMs)} UTC is being gone on with by another; the message comes again.`;
