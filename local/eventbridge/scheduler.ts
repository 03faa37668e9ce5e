// EventBridge Scheduler: AWS::Scheduler::Schedule in UTC on the local clock.
// Not modelled: time zones, flexible windows, start and end dates, its execution role, its dead-letter queue.
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
  /** Invokes asynchronously; settles when the function has run, or throws when the call was refused. */
  invoke(functionArn: string, payload: string): Promise<void>;
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

/** Opens a scheduler without schedules. */
export const openScheduler = ({ clock, invoke }: SchedulerPorts): Scheduler => {
  const live = new Map<FunctionSchedule, { cancel: () => void; nextMs: number }>();
  let paused = false;

  const fire = async (schedule: FunctionSchedule, dueMs: number): Promise<void> => {
    // docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    const payload = schedule.input.replaceAll('<aws.scheduler.scheduled-time>', eventTime(dueMs));
    for (let attempt = 0; attempt <= schedule.maxRetries; attempt++) {
      // A late tick is dropped, not piled up (RetryPolicy.MaximumEventAgeInSeconds).
      if (clock.now() - dueMs > schedule.maxAgeSeconds * 1000) return;
      try {
        return await invoke(schedule.functionArn, payload);
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
      return paused ? undefined : fire(schedule, nextMs);
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
