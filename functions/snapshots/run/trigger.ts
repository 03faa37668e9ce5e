import * as v from 'valibot';
import { HOUR_MS, parseInstant } from '../core/calendar.ts';
import type { Continuation } from './ports.ts';
import type { RunRequest } from './run.ts';

/** A moment in an event. */
export const instant = v.pipe(
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
      verb: v.picklist(['plan', 'run'], 'expected plan or run'),
      at: v.optional(instant),
    }),
    v.object({ kind: v.literal('continue'), slot: instant, part: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  ],
  'expected {"kind":"schedule","scheduledTime":"…"}, {"kind":"command","verb":"plan" or "run","at":"…"}, or {"kind":"continue","slot":"…","part":1}',
);

/** docs: with-sqs — what Lambda makes of messages. */
const Messages = v.object({
  Records: v.array(v.object({ messageId: v.string(), eventSource: v.literal('aws:sqs'), body: v.string() })),
});

/** What the function is asked for: a run, or to go on with slots, each by a message that is acknowledged by itself. */
export type Asked =
  | { kind: 'run'; request: RunRequest }
  | { kind: 'continue'; messages: readonly (Continuation & { messageId: string })[] };

/** Thrown for an event that is no trigger of ours: every problem at once. Nothing has been read or changed. */
export class TriggerError extends Error {
  constructor(problems: readonly string[]) {
    super(`this event is no trigger of the snapshots function: ${problems.join('; ')}`);
    this.name = 'TriggerError';
  }
}

/**
 * Reads the event. The moment of a run is the scheduled time, so that a late or second delivery is the same slot. Once that
 * slot is over the run is of the slot of now (`clockMs`): what is taken now must not carry an hour of the past.
 */
export const readTrigger = (event: unknown, clockMs: number): Asked => {
  const messages = v.safeParse(Messages, event);
  if (messages.success) {
    return {
      kind: 'continue',
      messages: messages.output.Records.map(({ messageId, body }) => {
        const asked = parse(fromJson(body));
        if (asked.kind !== 'continue') throw new TriggerError([`a message of kind ${asked.kind}`]);
        return { messageId, slotMs: asked.slot, part: asked.part };
      }),
    };
  }
  const asked = parse(event);
  switch (asked.kind) {
    case 'schedule':
      return { kind: 'run', request: { nowMs: notLate(asked.scheduledTime, clockMs), dryRun: false } };
    case 'command': {
      const nowMs = asked.at ?? clockMs;
      // What acts is never ahead of the clock: it would take slots of the future, and end holds that have not ended.
      return asked.verb === 'plan'
        ? { kind: 'run', request: { nowMs, dryRun: true } }
        : { kind: 'run', request: { nowMs: notLate(Math.min(nowMs, clockMs), clockMs), dryRun: false } };
    }
    case 'continue':
      return { kind: 'continue', messages: [{ messageId: '', slotMs: asked.slot, part: asked.part }] };
  }
};

const notLate = (scheduledMs: number, clockMs: number): number =>
  clockMs - scheduledMs >= HOUR_MS ? clockMs : scheduledMs;

const parse = (value: unknown): v.InferOutput<typeof Trigger> => {
  const result = v.safeParse(Trigger, value);
  if (result.success) return result.output;
  throw new TriggerError(result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`));
};

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
