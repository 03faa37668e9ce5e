import type { Decision } from './decide.ts';
import type { Settlement } from './settle.ts';

export type Reason = Decision['because'] | Settlement['because'] | 'contradicting-facts';

const REASONS: Readonly<Record<Reason, string>> = {
  'first-seen': 'it was not known',
  newer: 'it is newer than what was known',
  'after-truth': 'it happened after S3 was last asked',
  'confirms-truth': 'it is the event of what S3 had shown',
  duplicate: 'it was taken in before',
  'list-agrees': 'the list says the same',
  'after-list': 'what is known is newer than the list',
  'list-differs': 'the list says otherwise',
  'config-differs': 'the config reads its customer or an attribute from the key in another way now',
  stale: 'a newer event was taken in before',
  'before-truth': 'S3 was asked after it happened',
  refresh: 'the event does not say what changed',
  'needs-head': 'an attribute is not in the event',
  'no-sequencer': 'the event has no usable sequencer',
  'ambiguous-sequencer': 'the two readings of its sequencer disagree',
  'other-version': 'sequencers do not order versions',
  'expiry-sequencer': "a lifecycle rule's sequencer may be the rule's date",
  'beyond-horizon': 'it is older than tombstones are kept',
  'near-truth': 'it happened while S3 was asked',
  'contradicting-facts': 'the batch holds events that can not be put in order',
  'truth-differs': 'S3 says otherwise',
  'truth-absent': 'S3 says that it is gone',
  'truth-agrees': 'S3 says the same',
  'nothing-there': 'there is no such object, and none was known',
};

/** Why, in words. */
export const reasonText = (because: Reason): string => REASONS[because];

/** How often what happened. */
export interface Tally {
  set: number;
  removed: number;
  confirmed: number;
  dropped: number;
  heads: number;
  transactions: number;
  failures: { messageId: string; because: string }[];
}

/** What became of one batch. */
export interface IngestSummary extends Tally {
  messages: number;
  objects: number;
  /** Messages that can't be read and are among the dead letters, each with the reason. */
  unreadable: { messageId: string; because: string }[];
}

/** One batch in one sentence: the log line, and what a person reads. */
export const sentenceOf = (summary: IngestSummary): string => {
  const { messages, objects, set, removed, confirmed, dropped, heads, transactions, failures, unreadable } = summary;
  const parts = [
    [set, 'set'],
    [removed, 'removed'],
    [confirmed, 'confirmed'],
    [dropped, 'dropped as already known'],
  ] as const;
  const done = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const work = `${plural(transactions, 'transaction')}${heads > 0 ? ` and ${plural(heads, 'look')} at S3` : ''}`;
  const dead = unreadable[0];
  const lost =
    dead === undefined
      ? ''
      : `; ${plural(unreadable.length, 'message')} can not be read and went to the dead letters, the first because ${dead.because}`;
  const text = `${plural(messages, 'message')} about ${plural(objects, 'object')}: ${done.join(', ') || 'nothing to do'}, in ${work}${lost}`;
  const [first] = failures;
  return first === undefined
    ? `${text}.`
    : `${text}; ${plural(failures.length, 'message')} will come back, the first because ${first.because}.`;
};

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
