// The local AWS's one clock: wall time plus an offset. What is scheduled on it (slots, state changes that take time,
// visibility timeouts) can be lived through in a moment by `advance`, in the order in which it would have happened.
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Timer, TimerQueue } from './timer-queue.ts';

/** Time of the local AWS. All times are epoch milliseconds. */
export interface Clock {
  /** Epoch milliseconds: wall time plus what was advanced. */
  now(): number;
  /** Calls `fn` once when the clock reaches `ms` (at once, but not synchronously, when that is past). Returns its cancellation. */
  at(ms: number, fn: () => unknown): () => void;
  /** Moves the clock on by `ms`, firing everything due in order; a callback's promise is awaited before time jumps again. */
  advance(ms: number): Promise<void>;
  /** Resolves when `ms` milliseconds have passed on this clock; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Ends the clock: nothing fires any more, and sleeps stay unsettled. */
  stop(): void;
}

/** One callback in flight. It is quiet when it has settled, or when all it does is sleep on this clock. */
interface Flight {
  settled: boolean;
  sleeping: number;
}

// Longest real timer: setTimeout overflows at 24.8 days, and a suspended machine should be noticed sooner.
const LONGEST_WAIT_MS = 3_600_000;

export type ClockOptions = { readonly startMs?: number; readonly onError?: (error: unknown) => void };

/** What passes by itself, and what wakes us then; a clock without it stands still between advances. */
type Wall = { now(): number; wake(fn: () => void, inMs: number): NodeJS.Timeout };

/** Opens a clock at wall time, or at `startMs`. `onError` hears what a callback threw; by default it is printed. */
export const openClock = (options: ClockOptions = {}): Clock =>
  clockOn({ now: () => Date.now(), wake: (fn, inMs) => setTimeout(fn, inMs) }, options);

/** A clock that time passes on only by `advance` (`local/virtual-clock.ts` opens it). */
export const clockOn = (wall: Wall | undefined, options: ClockOptions): Clock => {
  const onError = options.onError ?? ((error) => console.error('a callback on the local clock failed:', error));
  const wallNow = () => wall?.now() ?? 0;
  let offsetMs = options.startMs === undefined ? 0 : options.startMs - wallNow();
  let orders = 0;
  let stopped = false;
  const timers = new TimerQueue();
  let alarm: NodeJS.Timeout | undefined;
  let advances: Promise<void> = Promise.resolve();
  let watched: Set<Flight> | undefined;
  let onQuiet: (() => void) | undefined;
  const flights = new AsyncLocalStorage<Flight>();

  const now = () => wallNow() + offsetMs;

  const arm = () => {
    clearTimeout(alarm);
    const next = timers.first();
    if (!wall || !next || stopped) return;
    alarm = wall.wake(fireDue, Math.min(Math.max(next.dueMs - now(), 0), LONGEST_WAIT_MS));
  };

  const schedule = (dueMs: number, fire: () => void): (() => void) => {
    if (stopped) return () => {};
    const timer: Timer = {
      dueMs,
      order: orders++,
      fire: () => {
        isOver = true;
        fire();
      },
    };
    let isOver = false;
    timers.add(timer);
    if (timers.first() === timer) arm();
    return () => {
      if (isOver) return;
      isOver = true;
      timers.cancel(timer);
      arm();
    };
  };

  const fireNext = () => timers.take()?.fire();

  const fireDue = () => {
    const upToMs = now();
    // One turn fires only what stood before it: a callback that schedules for "now" gets its own turn.
    const upToOrder = orders;
    for (let next = timers.first(); next && next.dueMs <= upToMs && next.order < upToOrder; next = timers.first()) {
      fireNext();
    }
    arm();
  };

  const isQuiet = () => [...(watched ?? [])].every((flight) => flight.settled || flight.sleeping > 0);
  const noticeQuiet = () => {
    if (onQuiet && isQuiet()) onQuiet();
  };
  // A turn of the event loop lets what just woke reach its next await before it is judged.
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const quiet = async () => {
    await turn();
    while (!stopped && !isQuiet()) {
      await new Promise<void>((resolve) => {
        onQuiet = resolve;
      });
      onQuiet = undefined;
      await turn();
    }
  };

  const jumpTo = (ms: number) => {
    offsetMs += Math.max(0, ms - now());
  };

  const runAdvance = async (ms: number) => {
    if (!(ms >= 0)) throw new RangeError(`a clock only moves forward: advance(${ms})`);
    const targetMs = now() + ms;
    watched = new Set();
    try {
      for (let next = timers.first(); next && next.dueMs <= targetMs && !stopped; next = timers.first()) {
        jumpTo(next.dueMs);
        fireNext();
        await quiet();
      }
      jumpTo(targetMs);
    } finally {
      watched = undefined;
      arm();
    }
  };

  return {
    now,
    at: (ms, fn) =>
      schedule(ms, () => {
        const flight: Flight = { settled: false, sleeping: 0 };
        watched?.add(flight);
        void flights
          .run(flight, async () => fn())
          .catch(onError)
          .finally(() => {
            flight.settled = true;
            noticeQuiet();
            watched?.delete(flight);
          });
      }),
    advance: (ms) => {
      if (flights.getStore() && watched?.has(flights.getStore()!)) {
        return Promise.reject(new Error('advance() was called by a callback that advance() waits for'));
      }
      const turnOfOurs = advances.then(() => runAdvance(ms));
      advances = turnOfOurs.catch(() => {});
      return turnOfOurs;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const flight = flights.getStore();
        const wake = () => {
          signal?.removeEventListener('abort', abort);
          if (!flight) return;
          flight.sleeping--;
          // Woken by an advance: from here on the advance waits for it again.
          watched?.add(flight);
        };
        const cancel = schedule(now() + ms, () => {
          wake();
          resolve();
        });
        const abort = () => {
          cancel();
          wake();
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', abort, { once: true });
        if (flight) flight.sleeping++;
        noticeQuiet();
      }),
    stop: () => {
      stopped = true;
      timers.clear();
      clearTimeout(alarm);
      onQuiet?.();
    },
  };
};
