import type { RDSClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-rds';
import { isThrottle } from '../../../shared/aws/errors.ts';

/** A call that was given up because the function's time is nearly over. What it asked for may have been done. */
export class OutOfTimeError extends Error {
  constructor() {
    super('there was no time left to wait for an answer');
    this.name = 'OutOfTimeError';
  }
}

// What the client's own types call a FinalizeHandler; @smithy/types is no dependency of ours.
type Attempt = (args: {
  input: ServiceInputTypes;
  request: unknown;
}) => Promise<{ response: unknown; output: ServiceOutputTypes }>;

export interface TimeLeft {
  remainingMs(): number;
}

/** What is kept back of the time for the report. */
const RESERVE_MS = 8_000;

/**
 * Keeps a client to the time that is left, retries and the waits between them included, and counts how often RDS says
 * "slower". Gives back the count so far.
 */
export const keepPace = (rds: RDSClient, time: TimeLeft): (() => number) => {
  let throttles = 0;
  rds.middlewareStack.add(
    (next) => async (args) => {
      const leftMs = time.remainingMs() - RESERVE_MS;
      if (leftMs <= 0) throw new OutOfTimeError();
      if (leftMs > LONGEST_TIMER_MS) return next(args);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const over = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new OutOfTimeError()), leftMs);
      });
      try {
        return await Promise.race([next(args), over]);
      } finally {
        clearTimeout(timer);
      }
    },
    { step: 'initialize', name: 'mainstayTimeLeft', priority: 'high' },
  );
  // After the retry middleware: this one sees every attempt.
  rds.middlewareStack.addRelativeTo(
    (next: Attempt): Attempt =>
      async (args) => {
        // A call that was given up must not begin another attempt behind our back.
        if (time.remainingMs() < RESERVE_MS) throw new OutOfTimeError();
        try {
          return await next(args);
        } catch (error) {
          if (isThrottle(error)) throttles++;
          throw error;
        }
      },
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'mainstayPace' },
  );
  return () => throttles;
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;
