import { parseInstant } from '../../functions/snapshots/core/calendar.ts';
import { type CommandCall, UsageError } from '../command.ts';

// How the commands of this wing read what was typed.

/** --at, or now; the moment that a command plans for. Epoch milliseconds. */
export const atOption = {
  at: { type: 'string', description: 'the moment to plan for, such as 2026-08-14T01:00:00Z (default: now)' },
} as const;

export const whyOption = { why: { type: 'string', description: 'why; kept, and shown to whoever asks' } } as const;

/** The moment of --at, if one was given. */
export const givenMoment = ({ values: { at } }: CommandCall): number | undefined => {
  if (typeof at !== 'string') return undefined;
  const ms = parseInstant(at);
  if (ms === undefined) throw new UsageError(`--at ${at}: expected a moment such as 2026-08-14T01:00:00Z`);
  return ms;
};

/** The moment of --at, else now. */
export const moment = (call: CommandCall): number => givenMoment(call) ?? Date.now();

/** Databases are looked at where they are: what there is of them elsewhere are copies, and judged as such. */
export const inPrimary = ({ config: { regions }, region }: CommandCall): void => {
  if (region === regions.primary) return;
  throw new UsageError(
    `the databases of this stage are in ${regions.primary}; copies are shown by status, explain and "plan --copies"`,
  );
};

/** The one thing that a command is about. */
export const only = ({ positionals: [first, ...more] }: CommandCall, what: string): string => {
  if (first === undefined || more.length > 0) throw new UsageError(`expected ${what}`);
  return first;
};

/** An option with a text in it. */
export const textOf = ({ values }: CommandCall, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
};

/** --why, which must say something. */
export const why = (call: CommandCall): string => {
  const text = textOf(call, 'why');
  if (text === undefined) throw new UsageError('--why "…" is needed: it is what others will read');
  return text;
};
