import type { LeaseWord } from './lease.ts';
import type { Policy } from './policy.ts';

/** What became of one step of a lease, in one sentence. */
export const leaseSentence = (
  { pair, lease }: Pick<Policy, 'pair' | 'lease'>,
  step: { word: LeaseWord['kind']; duty: 'nothing' | 'close' | 'open'; done: boolean },
): string => {
  const seconds = lease?.seconds ?? 0;
  const shut = step.done ? 'its leader is shut out' : 'its leader is to be shut out, and could not be yet';
  switch (step.word) {
    case 'renewed':
      if (step.duty === 'nothing') return `The lease of ${pair} is renewed.`;
      return step.done
        ? `The lease of ${pair} is renewed again, and the door of its leader is open.`
        : `The lease of ${pair} is renewed again, and the door of its leader could not be opened yet.`;
    case 'taken':
      return step.duty === 'close'
        ? `The lease of ${pair} was taken by the other region: ${shut}.`
        : `The lease of ${pair} was taken by the other region; this pair is only watched.`;
    case 'elsewhere':
      return `The lease of ${pair} keeps the door of the other region's leader.`;
    case 'no-answer':
      return step.duty === 'close'
        ? `The lease of ${pair} could not be renewed for ${seconds} s: ${shut}, for another one may lead.`
        : `The lease of ${pair} could not be renewed just now; after ${seconds} s its leader is shut out, if it was ever kept.`;
  }
};
