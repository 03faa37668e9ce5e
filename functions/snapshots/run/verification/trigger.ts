import * as v from 'valibot';
import type { Config } from '../../../../shared/config/schema.ts';
import { parseInstant } from '../../core/calendar.ts';
import { settingsOf } from '../settings.ts';
import type { VerifyingSettings } from './steps.ts';

// An unreadable moment is no reason not to look: the clock's is taken then.
const moment = v.optional(v.fallback(v.pipe(v.string(), v.transform(parseInstant)), undefined));

const Trigger = v.variant(
  'kind',
  [
    v.object({ kind: v.literal('schedule'), scheduledTime: moment }),
    v.variant(
      'verb',
      [
        v.object({
          kind: v.literal('command'),
          verb: v.literal('verify'),
          database: v.pipe(
            v.string('expected a database identifier'),
            v.minLength(1, 'expected a database identifier'),
          ),
          at: moment,
        }),
        v.object({ kind: v.literal('command'), verb: v.literal('verifications') }),
      ],
      'expected verify or verifications',
    ),
  ],
  'expected {"kind":"schedule"} or {"kind":"command","verb":"verify","database":"…"} or {"kind":"command","verb":"verifications"}',
);

export type VerifyTrigger = v.InferOutput<typeof Trigger>;

/** Reads what the verify function was invoked with. Throws with every problem at once; nothing has been read or changed. */
export const readVerifyTrigger = (event: unknown): VerifyTrigger => {
  const result = v.safeParse(Trigger, event);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`);
  throw new Error(`this event is no trigger of the verify function: ${problems.join('; ')}`);
};

/** The moment that a tick begins at: the later one of the trigger's and the clock's, for a delivery may be late and never early. */
export const tickMoment = (trigger: VerifyTrigger, clockMs: number): number =>
  Math.max(
    clockMs,
    (trigger.kind === 'schedule' ? trigger.scheduledTime : 'at' in trigger ? trigger.at : undefined) ?? clockMs,
  );

/** The wing's settings, with verification. Throws where the config has none. */
export const verifyingSettingsOf = (config: Pick<Config, 'stage' | 'snapshots'>): VerifyingSettings => {
  const { verification, ...settings } = settingsOf(config);
  if (verification === undefined) throw new Error('No verification: the config has no snapshots.verification.');
  return { ...settings, verification };
};
