// Instants without a clock: epoch milliseconds ⇄ ISO 8601 in UTC. All dates of the index are UTC.

const DAY_MS = 86_400_000;
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?Z)?$/;

/** An ISO 8601 date or UTC instant as epoch milliseconds; undefined when it is not one. Finer than a millisecond is cut off. */
export const parseInstant = (text: string): number | undefined => {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as Six;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  return daysSinceEpoch(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
};

type Six = [number, number, number, number, number, number];

/** Epoch milliseconds as `2026-03-01T12:00:00.000Z`: sorts as text the way it sorts in time. */
export const formatInstant = (ms: number): string => {
  const inDay = Math.floor(mod(ms, DAY_MS));
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [Math.floor(inDay / 3_600_000), Math.floor(inDay / 60_000) % 60, Math.floor(inDay / 1000) % 60];
  return `${formatDay(ms)}T${time.map(two).join(':')}.${String(inDay % 1000).padStart(3, '0')}Z`;
};

/** Epoch milliseconds as the UTC day `2026-03-01`. */
export const formatDay = (ms: number): string => {
  const [year, month, day] = civil(Math.floor(ms / DAY_MS));
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
};

/** The first millisecond of the UTC day that holds an instant. */
export const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

export const dayMs = DAY_MS;

const mod = (value: number, by: number) => ((value % by) + by) % by;
const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

// Both ways count from 1 March, so that the leap day is the last of its year.
const daysSinceEpoch = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
};

const civil = (days: number): [number, number, number] => {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return [year, month, dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1];
};
