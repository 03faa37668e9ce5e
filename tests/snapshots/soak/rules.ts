// What a policy keeps, written a second time and from its words alone, with Date and nothing of the code under test: of each
// of the newest N periods that have a snapshot the newest; rules joined by OR; the oldest while a rule is not used up.

export interface PolicyInWords {
  last?: number;
  hourly?: number;
  daily?: number;
  weekly?: number;
  monthly?: number;
  yearly?: number;
  withinHours?: number;
}

const DAY_MS = 86_400_000;

/** The Monday of the week, which names an ISO week as well as its number does. */
const monday = (ms: number): string => {
  const date = new Date(ms);
  return new Date(ms - ((date.getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
};

const periods: [keyof PolicyInWords, (slotMs: number) => string][] = [
  ['last', String],
  ['hourly', (ms) => new Date(ms).toISOString().slice(0, 13)],
  ['daily', (ms) => new Date(ms).toISOString().slice(0, 10)],
  ['weekly', monday],
  ['monthly', (ms) => new Date(ms).toISOString().slice(0, 7)],
  ['yearly', (ms) => new Date(ms).toISOString().slice(0, 4)],
];

/** Which of these slots (epoch milliseconds, each once) a policy keeps. */
export const keptBy = (policy: PolicyInWords, slots: readonly number[]): Set<number> => {
  const newestFirst = [...slots].sort((a, b) => b - a);
  const kept = new Set<number>();
  for (const [rule, periodOf] of periods) {
    const count = policy[rule] ?? 0;
    if (count === 0) continue;
    const newestOfPeriod = new Map<string, number>();
    for (const slot of newestFirst) if (!newestOfPeriod.has(periodOf(slot))) newestOfPeriod.set(periodOf(slot), slot);
    const chosen = [...newestOfPeriod.values()].slice(0, count);
    for (const slot of chosen) kept.add(slot);
    const oldest = newestFirst.at(-1);
    if (chosen.length < count && oldest !== undefined) kept.add(oldest);
  }
  const newest = newestFirst[0] ?? 0;
  for (const slot of newestFirst) if (newest - slot < (policy.withinHours ?? 0) * 3_600_000) kept.add(slot);
  return kept;
};
