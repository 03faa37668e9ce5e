/** What every look has found, for as long as no two looks lay further apart than LOOK_GAP_MS. */
export interface Streak {
  sinceMs: number;
  /** When the last look that found it began. */
  seenMs: number;
}

/** When one look's answers were given: its first and its last. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/**
 * Between two looks further apart than this, a lost primary may have come back, taken commits and been lost again. A step is
 * 5 s, a probe that gets no answer up to 9 s, and from the last step of a minute to the next tick it is about 10 s.
 */
export const LOOK_GAP_MS = 20_000;

/** The streak after one more look that found the same: carried on, or begun anew when nobody looked for too long. */
export const carriedOn = (before: Streak | undefined, { fromMs, toMs }: Span): Streak =>
  isUnbroken(before, toMs) ? { sinceMs: before.sinceMs, seenMs: fromMs } : { sinceMs: toMs, seenMs: fromMs };

/** True when something seen at `atMs` still belongs to the streak. */
export const isUnbroken = (streak: Streak | undefined, atMs: number): streak is Streak =>
  streak !== undefined && atMs - streak.seenMs <= LOOK_GAP_MS;

/** Two observers' streaks of the same thing: one, since the earlier began, where the later began within the gap after its last look. */
export const joined = (stored: Streak, other: Streak | undefined): Streak =>
  other !== undefined && other.sinceMs < stored.sinceMs && isUnbroken(other, stored.sinceMs)
    ? { ...stored, sinceMs: other.sinceMs }
    : stored;
