import { realPatience } from '../../functions/search-sync/aws/wiring.ts';
import type { Config, SearchTableConfig } from '../../shared/config/schema.ts';
import { UsageError } from '../command.ts';

/** How long a command waits in all. */
export const patience = (milliseconds: number) => {
  const untilMs = Date.now() + milliseconds;
  return realPatience(() => untilMs - Date.now());
};

/** Long work that a person watches, and may stop at any time. */
export const HOURS_MS = 12 * 3_600_000;

/** The table that --index names, or the only one. */
export const tableAsked = ({ search }: Config, index: unknown): SearchTableConfig => {
  const [only, ...more] = search.tables;
  if (index === undefined && only !== undefined && more.length === 0) return only;
  const table = search.tables.find((one) => one.index === index);
  if (table === undefined) {
    const known = search.tables.map((one) => one.index).join(', ');
    throw new UsageError(`--index: expected one of ${known}, got ${String(index)}`);
  }
  return table;
};

/** A whole number of an option, or its default. */
export const numberAsked = (name: string, value: unknown, otherwise: number, least: number, most: number): number => {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new UsageError(`--${name}: expected a whole number from ${least} to ${most}, got ${String(value)}`);
};

const WIDTH = 30;

/** `████░░░░  40 %`: how much of something is done. */
export const bar = (part: number, whole: number): string => {
  const share = whole === 0 ? 0 : Math.min(1, part / whole);
  const full = Math.round(share * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
};

export const indexOption = {
  index: { type: 'string', description: 'an index of the config (default: the only one)' },
} as const;
export const yesOption = (what: string) => ({ yes: { type: 'boolean', description: what } }) as const;
