import * as v from 'valibot';
import { instant, TriggerError } from '../trigger.ts';
import type { CopyRequest } from './copies.ts';

const Asked = v.variant(
  'kind',
  [
    v.object({ kind: v.literal('schedule'), scheduledTime: instant }),
    v.object({ kind: v.literal('command'), verb: v.literal('copies', 'expected copies'), at: v.optional(instant) }),
  ],
  'expected {"kind":"schedule","scheduledTime":"…"}, {"kind":"command","verb":"copies"} or messages of a queue',
);

const Messages = v.object({ Records: v.array(v.object({ body: v.string() })) });

const SnapshotEvent = v.object({
  source: v.literal('aws.rds'),
  region: v.string(),
  detail: v.object({ EventID: v.string() }),
});

// docs: USER_Events.Messages — a manual snapshot was made (of an instance, of a cluster): there may be something to copy; a
// copy between regions ended or was cancelled: there is room again. By id, for the texts are for people.
const MADE = new Set(['RDS-EVENT-0042', 'RDS-EVENT-0075']);
const ENDED = new Set(['RDS-EVENT-0060', 'RDS-EVENT-0061']);

/** What there is to do, or nothing: `hints` are the messages that came and said nothing of interest. */
export type CopyTrigger = { kind: 'run'; request: CopyRequest } | { kind: 'nothing'; hints: number };

const QUARTER_MS = 15 * 60_000;

/**
 * Reads the event. Messages are hints to look now: one that cannot be read, or is of another region, is none, and no
 * error either, for the next sweep looks anyway. Throws TriggerError for what is no trigger at all.
 */
export const readCopyTrigger = (
  event: unknown,
  regions: { primary: string; recovery: string },
  clockMs: number,
): CopyTrigger => {
  const messages = v.safeParse(Messages, event);
  if (messages.success) {
    const { Records } = messages.output;
    return Records.some(({ body }) => isHint(body, regions))
      ? { kind: 'run', request: { nowMs: clockMs, dryRun: false, tellAgain: false } }
      : { kind: 'nothing', hints: Records.length };
  }
  const asked = v.safeParse(Asked, event);
  if (!asked.success) {
    throw new TriggerError(asked.issues.map((issue) => `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`));
  }
  const trigger = asked.output;
  if (trigger.kind === 'command') {
    return { kind: 'run', request: { nowMs: trigger.at ?? clockMs, dryRun: true, tellAgain: false } };
  }
  // Of the sweeps of an hour one tells what everybody knows already.
  const tellAgain = trigger.scheduledTime % (4 * QUARTER_MS) < QUARTER_MS;
  return { kind: 'run', request: { nowMs: trigger.scheduledTime, dryRun: false, tellAgain } };
};

const isHint = (body: string, { primary, recovery }: { primary: string; recovery: string }): boolean => {
  const event = v.safeParse(SnapshotEvent, parsed(body));
  if (!event.success) return false;
  const { region, detail } = event.output;
  return (
    (region === primary && MADE.has(detail.EventID)) ||
    ((region === primary || region === recovery) && ENDED.has(detail.EventID))
  );
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
