import * as v from 'valibot';
import { parseInstant } from '../core/calendar.ts';
import type { RunRequest } from './run.ts';

const instant = v.pipe(
  v.string('expected a moment such as 2026-08-14T01:00:00Z'),
  v.transform((text) => parseInstant(text)),
  v.number('expected a moment such as 2026-08-14T01:00:00Z'),
);

const Trigger = v.variant(
  'kind',
  [
    v.object({ kind: v.literal('schedule'), scheduledTime: instant }),
    v.object({
      kind: v.literal('command'),
      verb: v.literal('plan', 'expected plan'),
      at: v.optional(instant),
    }),
  ],
  'expected {"kind":"schedule","scheduledTime":"…"} or {"kind":"command","verb":"plan","at":"…"}',
);

/** Thrown for an event that is neither a schedule nor a command: every problem at once. Nothing has been read or changed. */
export class TriggerError extends Error {
  constructor(problems: readonly string[]) {
    super(`this event is no trigger of the snapshots function: ${problems.join('; ')}`);
    this.name = 'TriggerError';
  }
}

/** Reads the event. The moment of a scheduled run is the scheduled time, so that a late or second delivery is the same slot; `clockMs` is only for a command that names none. */
export const readTrigger = (event: unknown, clockMs: number): RunRequest => {
  const result = v.safeParse(Trigger, event);
  if (!result.success) {
    throw new TriggerError(result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`));
  }
  const trigger = result.output;
  return trigger.kind === 'schedule'
    ? { nowMs: trigger.scheduledTime, dryRun: false }
    : { nowMs: trigger.at ?? clockMs, dryRun: true };
};
