// rate() and cron() in UTC (docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html). One-time `at()` and
// the signs L, W and # are not modelled, and refused.

const MINUTE_MS = 60_000;
const UNITS: Record<string, number> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 1440 * MINUTE_MS };

/** Gives the first time after `ms` (epoch milliseconds); undefined when there is none any more. */
export type Schedule = { after(ms: number, startMs: number): number | undefined };

/** Parses a schedule expression; throws one sentence when it can not be kept. */
export const parseSchedule = (expression: string): Schedule => {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const everyMs = Number(rate[1]) * UNITS[rate[2]!]!;
    // A rate counts from when the schedule was made.
    return { after: (ms, startMs) => startMs + (Math.floor((ms - startMs) / everyMs) + 1) * everyMs };
  }
  const cron = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(/\s+/);
  if (cron?.length !== 6)
    throw new Error(`The schedule "${expression}" is neither rate(…) nor cron(…) with six fields.`);
  return cronSchedule(cron, expression);
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const cronSchedule = (fields: string[], expression: string): Schedule => {
  const [minutes, hours, days, months, weekdays, years] = [
    field(fields[0]!, 0, 59, [], expression),
    field(fields[1]!, 0, 23, [], expression),
    field(fields[2]!, 1, 31, [], expression),
    field(fields[3]!, 1, 12, MONTHS, expression),
    field(fields[4]!, 1, 7, DAYS, expression),
    field(fields[5]!, 1970, 2199, [], expression),
  ] as [Field, Field, Field, Field, Field, Field];
  const isDay = (date: Date) =>
    years(date.getUTCFullYear()) &&
    months(date.getUTCMonth() + 1) &&
    days(date.getUTCDate()) &&
    weekdays(date.getUTCDay() + 1);
  return {
    after: (ms) => {
      let next = (Math.floor(ms / MINUTE_MS) + 1) * MINUTE_MS;
      const giveUpMs = ms + 5 * 366 * UNITS.day!;
      while (next < giveUpMs) {
        const date = new Date(next);
        if (!isDay(date)) next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
        else if (!hours(date.getUTCHours())) next = (Math.floor(next / UNITS.hour!) + 1) * UNITS.hour!;
        else if (!minutes(date.getUTCMinutes())) next += MINUTE_MS;
        else return next;
      }
      return undefined;
    },
  };
};

type Field = (value: number) => boolean;

const field = (text: string, least: number, most: number, names: string[], expression: string): Field => {
  if (text === '*' || text === '?') return () => true;
  const number = (part: string) => {
    const named = names.indexOf(part.toUpperCase());
    const value = named >= 0 ? named + 1 : Number(part);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new Error(
        `The schedule "${expression}" can not be kept here: "${part}" is not a number from ${least} to ${most}.`,
      );
    return value;
  };
  const tests = text.split(',').map((part): Field => {
    const [range = '', step] = part.split('/');
    const [from, to] = range === '*' ? [least, most] : range.split('-').map(number);
    const end = to ?? (step === undefined ? from! : most);
    const every = step === undefined ? 1 : number(step);
    return (value) => value >= from! && value <= end && (value - from!) % every === 0;
  });
  return (value) => tests.some((holds) => holds(value));
};
