const DAY_MS = 86_400_000;
/** Deleted in one run at most: a shorter time in the config takes hold over days, and a wrong clock does not take all. */
export const MOST_DAYS_AT_ONCE = 31;

/** An index whose name begins with a log group's prefix. */
export interface LogIndex {
  name: string;
  /** True when its mapping says that this house made it. */
  isOurs: boolean;
}

export type DayVerdict =
  | { kind: 'delete'; index: string }
  | { kind: 'keep'; index: string; because: 'young' | 'not-ours' | 'not-a-day' | 'next-run' };

/**
 * Which day indexes go: ours, named as a whole UTC day of this prefix, all of whose events are older than `keepDays`. The
 * oldest first, and no more than MOST_DAYS_AT_ONCE.
 */
export const judgeDays = (
  indexes: readonly LogIndex[],
  prefix: string,
  keepDays: number,
  nowMs: number,
): DayVerdict[] => {
  let left = MOST_DAYS_AT_ONCE;
  return [...indexes]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, isOurs }): DayVerdict => {
      const startMs = dayStartMs(name, prefix);
      if (startMs === undefined) return { kind: 'keep', index: name, because: 'not-a-day' };
      if (!isOurs) return { kind: 'keep', index: name, because: 'not-ours' };
      if (startMs + (1 + keepDays) * DAY_MS > nowMs) return { kind: 'keep', index: name, because: 'young' };
      return left-- > 0 ? { kind: 'delete', index: name } : { kind: 'keep', index: name, because: 'next-run' };
    });
};

/** When the UTC day of `prefix-2026.11.21` begins; undefined for any other name, and for a day that no calendar has. */
const dayStartMs = (name: string, prefix: string): number | undefined => {
  const match = name.startsWith(`${prefix}-`) ? /^(\d{4})\.(\d\d)\.(\d\d)$/.exec(name.slice(prefix.length + 1)) : null;
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const longest = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return longest === undefined || day < 1 || day > longest ? undefined : daysFromCivil(year, month, day) * DAY_MS;
};

/** Days since 1970-01-01 (Howard Hinnant's days-from-civil). */
const daysFromCivil = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const yearOfEra = y - era * 400;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
};

/** One sentence about the days of one log group. */
export const retentionSentence = (
  prefix: string,
  keepDays: number | undefined,
  verdicts: readonly DayVerdict[],
): string => {
  if (keepDays === undefined) return `${prefix}-*: kept for ever, for the config names no keepDays`;
  const gone = verdicts.filter(({ kind }) => kind === 'delete');
  const foreign = verdicts.filter(
    (one) => one.kind === 'keep' && (one.because === 'not-ours' || one.because === 'not-a-day'),
  );
  const later = verdicts.filter((one) => one.kind === 'keep' && one.because === 'next-run');
  return [
    `${prefix}-*: days are kept for ${keepDays}: ${gone.length === 0 ? 'none deleted' : `deleted ${gone.map(({ index }) => index).join(', ')}`}`,
    ...(later.length > 0 ? [`${later.length} more go in the next runs`] : []),
    ...(foreign.length > 0
      ? [`left alone, for they are not ours: ${foreign.map(({ index }) => index).join(', ')}`]
      : []),
  ].join('; ');
};
