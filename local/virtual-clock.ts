import { type Clock, type ClockOptions, clockOn } from './clock.ts';

/**
 * A clock for simulations: it stands at `startMs` until `advance` moves it, looks at no wall and sets no timer. The same calls
 * in the same order give the same times and the same order of callbacks, however slow the machine is.
 */
export const openVirtualClock = (options: ClockOptions & { readonly startMs: number }): Clock =>
  clockOn(undefined, options);
