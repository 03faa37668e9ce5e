import { formatInstant } from './calendar.ts';
import type { Breaker, Confirmation, Orders, Part, Pause } from './inventory.ts';

/** The pause of a part, where somebody stopped it. */
export const pauseOf = (orders: Orders | undefined, part: Part): Pause | undefined =>
  orders?.pauses.find((pause) => pause.part === part);

/** A pause in words, without what it stops: `by ann since 2026-08-14T08:00:00Z: storage migration`. */
export const pauseText = ({ by, atMs, why }: Pause): string => `by ${by} since ${formatInstant(atMs)}: ${why}`;

/** The confirmation of a breaker that holds at this moment: not lapsed, and not given after it. */
export const confirmationAt = (orders: Orders | undefined, breaker: Breaker, nowMs: number) => {
  const confirmation = orders?.confirmations.find((one): one is Confirmation => one.of === breaker);
  if (confirmation === undefined) return undefined;
  const { atMs, untilMs } = confirmation;
  return atMs <= nowMs && nowMs < untilMs ? confirmation : undefined;
};
