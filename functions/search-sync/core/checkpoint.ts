/**
 * Where the stream goes on: the sequence number of the first record that is not done. Lambda takes the lowest reported
 * one as the checkpoint and delivers everything from it again (docs: services-dynamodb-errors), so one is enough.
 * Undefined: all is done. '' (Lambda's "whole batch failed"): no earlier record can be named.
 */
export const checkpoint = (
  sequences: readonly (string | undefined)[],
  undone: Iterable<number>,
): string | undefined => {
  let first = Number.POSITIVE_INFINITY;
  for (const position of undone) first = Math.min(first, position);
  if (first === Number.POSITIVE_INFINITY) return undefined;
  // A record without a readable number can't be named: go back to one before it that can.
  for (let position = first; position >= 0; position--) {
    const sequence = sequences[position];
    if (sequence !== undefined) return sequence;
  }
  return '';
};

/** The lower of two checkpoints of one batch; undefined is "all done", '' is "nothing". */
export const lowerCheckpoint = (
  sequences: readonly (string | undefined)[],
  a: string | undefined,
  b: string | undefined,
): string | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return a === '' || (b !== '' && sequences.indexOf(a) < sequences.indexOf(b)) ? a : b;
};
