export type SequencerOrder = 'before' | 'same' | 'after' | 'ambiguous';

const HEX = /^[0-9a-f]{1,64}$/;

/** A sequencer as it is kept: lower case; undefined when it is missing or not hexadecimal. */
export const readSequencer = (value: unknown): string | undefined => {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return HEX.test(text) ? text : undefined;
};

/**
 * Where `a` stands to `b`, both of the same key. S3's page on the message's structure (notification-content-structure)
 * says to pad the shorter one with zeros, and has said on the left (until 2021) and on the right: where the two
 * readings disagree the answer is `ambiguous`, and the bucket is asked. Never parsed into a number: they outgrow one.
 */
export const compareSequencers = (a: string, b: string): SequencerOrder => {
  const [x, y] = [bare(a), bare(b)];
  const length = Math.max(x.length, y.length);
  const right = order(x.padEnd(length, '0'), y.padEnd(length, '0'));
  const left = order(x.padStart(length, '0'), y.padStart(length, '0'));
  return right === left ? right : 'ambiguous';
};

/** The later of two where that is certain; else the first. */
export const laterSequencer = (kept: string | undefined, other: string | undefined): string | undefined =>
  kept === undefined || (other !== undefined && compareSequencers(other, kept) === 'after') ? (other ?? kept) : kept;

// Seen: 18 digits with a leading zero byte (S3) and the same 16 digits without it (EventBridge).
const bare = (text: string): string => {
  const lower = text.toLowerCase();
  return lower.length === 18 && lower.startsWith('00') ? lower.slice(2) : lower;
};

const order = (a: string, b: string): SequencerOrder => (a === b ? 'same' : a < b ? 'before' : 'after');
