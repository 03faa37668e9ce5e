/** How much of a Lambda's time is left. Work stops early enough to report, instead of being cut in the middle. */
export interface Deadline {
  remainingMs(): number;
}

/** The deadline of a Lambda invocation; `marginMs` is kept back for the last words. */
export const deadlineOf = (context: { getRemainingTimeInMillis?: () => number }, marginMs = 1_000): Deadline => ({
  remainingMs: () => Math.max(0, (context.getRemainingTimeInMillis?.() ?? 60_000) - marginMs),
});
