// EventBridge Scheduler: AWS::Scheduler::Schedule in UTC on the local clock.
// Not modelled: time zones, flexible windows, start and end dates, its execution role, its dead-letter queue.
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { eventTime } from './event.ts';
import { parseSchedule } from './schedule-expression.ts';

/** A schedule whose target is a function. */
export type FunctionSchedule = {
  name: string;
  region: string;
  expression: string;
  functionArn: string;
  input: string;
  maxAgeSeconds: number;
  maxRetries: number;
};

// docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html: asynchronous, through the Invoke API.
export type SchedulerPorts = {
  clock: Clock;
  /** Invokes asynchronously; throws when the call was refused. `done` settles when the event has run to its end. */
  invoke(functionArn: string, payload: string): { done: Promise<void> };
};

export interface Scheduler {
  add(schedule: FunctionSchedule): void;
  /** Makes every schedule wait (a test that wants its own ticks), until resumed. */
  pause(): void;
  resume(): void;
  list(): { name: string; region: string; expression: string; next: string }[];
  stop(): void;
}

const RETRY_MS = 1_000;
/** How long, in real time, a tick may hold up the clock: 1 s for a minute tick, a minute for an hourly one. */
const patienceFor = (periodMs: number) => Math.max(1_000, periodMs / 60);

/** Opens a scheduler without schedules. */
export const openScheduler = ({ clock, invoke }: SchedulerPorts): Scheduler => {
  const live = new Map<FunctionSchedule, { cancel: () => void; nextMs: number }>();
  const running = new Map<FunctionSchedule, number>();
  let paused = false;

  /**
   * Functions run in real time. When the clock has jumped on while one still runs, it would have ended in the time that was
   * jumped over: its next tick is left out, for all of them at once would be a flood that AWS never sees.
   */
  const wasJumpedOver = (schedule: FunctionSchedule, periodMs: number): boolean => {
    const startedMs = running.get(schedule);
    return startedMs !== undefined && performance.now() - startedMs < periodMs / 2;
  };

  const fire = async (schedule: FunctionSchedule, dueMs: number, periodMs: number): Promise<void> => {
    // docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    const payload = schedule.input.replaceAll('<aws.scheduler.scheduled-time>', eventTime(dueMs));
    for (let attempt = 0; attempt <= schedule.maxRetries; attempt++) {
      // A late tick is dropped, not piled up (RetryPolicy.MaximumEventAgeInSeconds).
      if (clock.now() - dueMs > schedule.maxAgeSeconds * 1000) return;
      try {
        const { done } = invoke(schedule.functionArn, payload);
        running.set(schedule, performance.now());
        const ended = done.catch(() => {}).then(() => void running.delete(schedule));
        const patience = new AbortController();
        const enough = setTimeout(patienceFor(periodMs), undefined, { signal: patience.signal }).catch(() => {});
        await Promise.race([ended, enough]);
        return patience.abort();
      } catch {
        await clock.sleep(RETRY_MS * 2 ** Math.min(attempt, 6));
      }
    }
  };

  const arm = (schedule: FunctionSchedule, after: (ms: number) => number | undefined, fromMs: number) => {
    const nextMs = after(fromMs);
    if (nextMs === undefined) return live.delete(schedule);
    const cancel = clock.at(nextMs, () => {
      arm(schedule, after, nextMs);
      const periodMs = (after(nextMs) ?? nextMs) - nextMs;
      return paused || wasJumpedOver(schedule, periodMs) ? undefined : fire(schedule, nextMs, periodMs);
    });
    return live.set(schedule, { cancel, nextMs });
  };

  return {
    add: (schedule) => {
      const startMs = clock.now();
      const parsed = parseSchedule(schedule.expression);
      arm(schedule, (ms) => parsed.after(ms, startMs), startMs);
    },
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
    },
    list: () =>
      [...live].map(([{ name, region, expression }, { nextMs }]) => ({
        name,
        region,
        expression,
        next: eventTime(nextMs),
      })),
    stop: () => {
      for (const { cancel } of live.values()) cancel();
      live.clear();
    },
  };
};
