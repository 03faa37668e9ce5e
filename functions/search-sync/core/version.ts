const BILLION = 1_000_000_000n;

/**
 * The version that OpenSearch compares: seconds of the change × 10⁹ + the last nine digits of its sequence number.
 * A sequence number has 21 to 40 digits (docs: API_streams_StreamRecord) and a version is a signed 64-bit number, so
 * the number alone can't be one; it also begins anew with a new stream. Time first solves both: 1.8·10¹⁸ of 9.2·10¹⁸
 * today. It is the same on every delivery, on every machine.
 */
export const versionOf = (seconds: number, sequence: string): bigint =>
  BigInt(Math.floor(seconds)) * BILLION + BigInt(sequence.slice(-9));

/** A version for a state that was read at `nowMs`, just below what a change of this moment would get. */
export const versionOfRead = (nowMs: number): bigint => BigInt(Math.floor(nowMs / 1_000) - 5) * BILLION;

/** Sequence numbers are compared as numbers: as text "9" would come after "10". */
export const isAtLeast = (stored: string, ours: string): boolean =>
  /^\d+$/.test(stored) && BigInt(stored) >= BigInt(ours);
