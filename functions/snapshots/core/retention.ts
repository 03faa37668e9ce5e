import {
  dayKey,
  dayNumber,
  HOUR_MS,
  hourKey,
  hourNumber,
  monthKey,
  monthNumber,
  weekKey,
  weekNumber,
  yearKey,
  yearNumber,
} from './calendar.ts';
import { type Policy, RULES, type Rule } from './policy.ts';

// Which snapshots a policy keeps, chosen from what exists (restic's meaning of each rule), so that a missed run heals:
// of every natural period the newest is kept; periods without a snapshot do not count; rules are joined by OR; and while
// a rule is not used up, the oldest snapshot is kept too, so that history grows from the first day on.

export interface Dated {
  id: string;
  /** Epoch milliseconds of its slot. */
  slotMs: number;
}

/** One rule that keeps a snapshot, and the period that it stands for. */
export interface Match {
  rule: Rule;
  period: string;
  /** Kept as the oldest of a rule that is not used up. */
  oldest: boolean;
}

export interface Retention<S extends Dated> {
  keep: { snapshot: S; matches: Match[] }[];
  remove: S[];
  /** Dated after now: a clock is wrong somewhere, so they are neither removed nor taken for the newest. */
  future: S[];
}

// A period is compared as a number and named only for what is kept: most of a long history is not.
const PERIODS: readonly {
  rule: Rule;
  number: (slotMs: number, index: number) => number;
  name: (of: Dated) => string;
}[] = [
  { rule: 'last', number: (_, index) => index, name: ({ id }) => id },
  { rule: 'hourly', number: hourNumber, name: ({ slotMs }) => hourKey(slotMs) },
  { rule: 'daily', number: dayNumber, name: ({ slotMs }) => dayKey(slotMs) },
  { rule: 'weekly', number: weekNumber, name: ({ slotMs }) => weekKey(slotMs) },
  { rule: 'monthly', number: monthNumber, name: ({ slotMs }) => monthKey(slotMs) },
  { rule: 'yearly', number: yearNumber, name: ({ slotMs }) => yearKey(slotMs) },
];

/** Newest first; equal times by id, so that two runs agree. */
export const newestFirst = (a: Dated, b: Dated): number =>
  b.slotMs - a.slotMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Splits the snapshots of one database into kept (with reasons), removed and future. Pure policy: guards come after. */
export const decideRetention = <S extends Dated>(
  snapshots: readonly S[],
  policy: Policy,
  nowMs: number,
): Retention<S> => {
  const past = snapshots.filter(({ slotMs }) => slotMs <= nowMs).sort(newestFirst);
  const judged = past.map((snapshot) => ({ snapshot, matches: [] as Match[] }));
  for (const { rule, number, name } of PERIODS) {
    let left = policy[RULES[rule]] ?? 0;
    let lastPeriod: number | undefined;
    for (let index = 0; index < judged.length && left > 0; index++) {
      const one = judged[index]!;
      const period = number(one.snapshot.slotMs, index);
      const isNew = period !== lastPeriod;
      if (!isNew && index < judged.length - 1) continue;
      one.matches.push({ rule, period: name(one.snapshot), oldest: !isNew });
      lastPeriod = period;
      left -= 1;
    }
  }
  const withinMs = (policy.keepWithinHours ?? 0) * HOUR_MS;
  for (const { snapshot, matches } of judged) {
    if (snapshot.slotMs > (past[0]?.slotMs ?? 0) - withinMs) {
      matches.push({ rule: 'within-hours', period: `${policy.keepWithinHours} h`, oldest: false });
    }
  }
  return {
    keep: judged.filter((one) => one.matches.length > 0),
    remove: judged.filter((one) => one.matches.length === 0).map(({ snapshot }) => snapshot),
    future: snapshots.filter(({ slotMs }) => !(slotMs <= nowMs)).sort(newestFirst),
  };
};
