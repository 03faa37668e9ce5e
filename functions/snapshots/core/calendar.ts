// The proleptic Gregorian calendar in UTC on plain numbers, so that no time zone of the machine can move a bucket.
// A day is counted from 1970-01-01; years are laid out from 1 March, which puts the leap day last.

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const DAYS_PER_ERA = 146_097; // 400 years
const DAYS_TO_EPOCH = 719_468; // from 0000-03-01 to 1970-01-01

export interface CivilDate {
  year: number;
  /** 1 to 12. */
  month: number;
  /** 1 to 31. */
  day: number;
}

/** The date of a day counted from 1970-01-01. */
export const civilFromDays = (days: number): CivilDate => {
  const shifted = days + DAYS_TO_EPOCH;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
};

/** The day, counted from 1970-01-01, of a date. */
export const daysFromCivil = ({ year, month, day }: CivilDate): number => {
  const yearFromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(yearFromMarch / 400);
  const yearOfEra = yearFromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_EPOCH;
};

/** The start of the UTC hour in which a moment lies: the slot. Epoch milliseconds. */
export const hourStart = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

const daysOf = (ms: number): number => Math.floor(ms / DAY_MS);
const pad2 = (value: number): string => String(value).padStart(2, '0');
const pad4 = (value: number): string => String(value).padStart(4, '0');

/** ISO 8601 week: it belongs to the year in which its Thursday lies, so 2021-01-01 is in 2020-W53. */
export const isoWeek = (ms: number): { year: number; week: number } => {
  const days = daysOf(ms);
  const daysSinceMonday = (((days + 3) % 7) + 7) % 7;
  const thursday = days - daysSinceMonday + 3;
  const { year } = civilFromDays(thursday);
  return { year, week: Math.floor((thursday - daysFromCivil({ year, month: 1, day: 1 })) / 7) + 1 };
};

/** The natural periods that hold a moment, in UTC, as numbers that grow by one. */
export const hourNumber = (ms: number): number => Math.floor(ms / HOUR_MS);
export const dayNumber = daysOf;
/** ISO weeks begin on Monday; 1970-01-01 was a Thursday. */
export const weekNumber = (ms: number): number => Math.floor((daysOf(ms) + 3) / 7);
export const monthNumber = (ms: number): number => {
  const { year, month } = civilFromDays(daysOf(ms));
  return year * 12 + month - 1;
};
export const yearNumber = (ms: number): number => civilFromDays(daysOf(ms)).year;

/** Names of the natural periods that hold a moment, in UTC. */
export const hourKey = (ms: number): string => `${dayKey(ms)}T${pad2(hourOf(ms))}`;
export const dayKey = (ms: number): string => {
  const { year, month, day } = civilFromDays(daysOf(ms));
  return `${pad4(year)}-${pad2(month)}-${pad2(day)}`;
};
export const weekKey = (ms: number): string => {
  const { year, week } = isoWeek(ms);
  return `${pad4(year)}-W${pad2(week)}`;
};
export const monthKey = (ms: number): string => dayKey(ms).slice(0, 7);
export const yearKey = (ms: number): string => dayKey(ms).slice(0, 4);

const hourOf = (ms: number): number => Math.floor((ms - daysOf(ms) * DAY_MS) / HOUR_MS);

/** A moment as `2026-08-14T01:00:00Z`; parts of a second are cut. */
export const formatInstant = (ms: number): string => {
  const seconds = Math.floor((ms - hourStart(ms)) / 1000);
  return `${hourKey(ms)}:${pad2(Math.floor(seconds / 60))}:${pad2(seconds % 60)}Z`;
};

/** A slot as people say it: `2026-08-14 01:00`. */
export const formatSlot = (ms: number): string => `${hourKey(ms).replace('T', ' ')}:00`;

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads an ISO 8601 moment with a zone; undefined for anything else, also for dates that do not exist. */
export const parseInstant = (text: string): number | undefined => {
  // Our own tags are all canonical, and a large inventory has hundreds of thousands: these are read without a pattern.
  if (isCanonical(text)) {
    return momentOf(
      { year: two(text, 0) * 100 + two(text, 2), month: two(text, 5), day: two(text, 8) },
      two(text, 11),
      two(text, 14),
      two(text, 17),
    );
  }
  const match = INSTANT.exec(text.trim());
  if (match === null) return undefined;
  const part = (index: number) => Number(match[index] ?? 0);
  const localMs = momentOf({ year: part(1), month: part(2), day: part(3) }, part(4), part(5), part(6));
  if (localMs === undefined) return undefined;
  const offsetMinutes = part(9) * 60 + part(10);
  const sign = match[8] === '-' ? -1 : 1;
  const fractionMs = Number((match[7] ?? '0').padEnd(3, '0').slice(0, 3));
  return localMs - sign * offsetMinutes * 60_000 + fractionMs;
};

const momentOf = (date: CivilDate, hour: number, minute: number, second: number): number | undefined => {
  const { year, month, day } = date;
  // Written so that what is not a number is refused too.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  return ((daysFromCivil(date) * 24 + hour) * 3600 + minute * 60 + second) * 1000;
};

/** True for `2026-08-14T01:00:00Z` and its like, as far as the signs between the digits go. */
const isCanonical = (text: string): boolean =>
  text.length === 20 &&
  text.charCodeAt(4) === DASH &&
  text.charCodeAt(7) === DASH &&
  text.charCodeAt(10) === LETTER_T &&
  text.charCodeAt(13) === COLON &&
  text.charCodeAt(16) === COLON &&
  text.charCodeAt(19) === LETTER_Z;
const [DASH, COLON, LETTER_T, LETTER_Z, ZERO] = [45, 58, 84, 90, 48];

/** Two digits that stand at a place; NaN where they are none. */
const two = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
};

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const THIRTY_DAYS = new Set([4, 6, 9, 11]);
const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : THIRTY_DAYS.has(month) ? 30 : 31;

/** A length of time as people say it: `3 h`, `5 d 2 h`, `40 min`. */
export const formatAge = (ms: number): string => {
  const hours = Math.floor(ms / HOUR_MS);
  if (hours < 1) return `${Math.max(0, Math.floor(ms / 60_000))} min`;
  const days = Math.floor(hours / 24);
  return days === 0 ? `${hours} h` : hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
};
