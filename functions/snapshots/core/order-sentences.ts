import { formatInstant, formatSlot } from './calendar.ts';
import type { Breaker, Confirmation, Part, Pause } from './inventory.ts';
import { pauseText } from './orders.ts';
import { plural } from './words.ts';

// What is said of people's orders when they are given; what they do is said where it is done.

const STOPS: Record<Part, string> = {
  creation: 'no snapshot is taken',
  expiry: 'no snapshot and no copy is deleted',
  copies: 'no copy is begun and none is deleted',
  verification: 'no restore is tried; what stands is torn down',
};

const NAMES: Record<Part, string> = {
  creation: 'Creation is',
  expiry: 'Expiry is',
  copies: 'Copies are',
  verification: 'Verification is',
};

/** A pause that lasts: who stopped what, since when, and why. */
export const pausedSentence = (pause: Pause): string =>
  `${NAMES[pause.part]} paused ${pauseText(pause)} (${STOPS[pause.part]}).`;

/** A pause, as it begins. */
export const pauseSentence = ({ part, by, why }: Pause): string =>
  `Until "mainstay snapshots resume ${part}": ${STOPS[part]}. A run under way may not see it at once. Ordered by ${by}: ${why}.`;

/** The end of a pause. */
export const resumeSentence = (part: Part, wasPaused: boolean): string =>
  wasPaused ? `${part} goes on with the next run.${AFTER_A_PAUSE[part] ?? ''}` : `${part} was not paused.`;

// What gathered meanwhile comes all at once.
const AFTER_A_PAUSE: Partial<Record<Part, string>> = {
  expiry:
    ' If what gathered meanwhile is more than the circuit breaker allows, it stops that run: "mainstay snapshots plan" shows it, "mainstay snapshots confirm" lets it pass.',
};

/** A confirmation, as it is given. */
export const confirmationSentence = ({ of, deletions, newestSlotMs, untilMs, by, why }: Confirmation): string =>
  `Up to ${deletions} deletions of ${of} of slots up to ${formatSlot(newestSlotMs)} UTC may pass, once, until ${formatInstant(untilMs)}. Confirmed by ${by}: ${why}.`;

/** Why there is nothing to confirm. */
export const nothingStoppedSentence = (of: Breaker): string =>
  `Nothing is confirmed: the circuit breaker stops no deletion of ${of} now.`;

/** What a breaker stops while something that was confirmed passes; undefined when nothing passes. */
export const beyondConfirmedText = (stopped: number, passed: number, allowed: number): string | undefined =>
  passed === 0
    ? undefined
    : `${plural(passed, 'confirmed deletion')} may pass, and ${stopped} more ${stopped === 1 ? 'is' : 'are'} stopped: together more than the ${allowed} allowed in one run`;

/** What lets pass what a breaker stopped, to be typed as it is. */
export const confirmCommand = (of: Breaker): string =>
  `mainstay snapshots confirm ${of === 'copies' ? '--copies ' : ''}--why "…"`;
