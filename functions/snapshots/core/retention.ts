import { dayKey, HOUR_MS, hourKey, monthKey, weekKey, yearKey } from './calendar.ts';
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

const PERIODS: readonly { rule: Rule; periodOf: (snapshot: Dated) => string }[] = [
  { rule: 'last', periodOf: ({ id }) => id },
  { rule: 'hourly', periodOf: ({ slotMs }) => hourKey(slotMs) },
  { rule: 'daily', periodOf: ({ slotMs }) => dayKey(slotMs) },
  { rule: 'weekly', periodOf: ({ slotMs }) => weekKey(slotMs) },
  { rule: 'monthly', periodOf: ({ slotMs }) => monthKey(slotMs) },
  { rule: 'yearly', periodOf: ({ slotMs }) => yearKey(slotMs) },
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
  const matches = new Map<S, Match[]>(past.map((snapshot) => [snapshot, []]));
  for (const { rule, periodOf } of PERIODS) {
    let left = policy[RULES[rule]] ?? 0;
    let lastPeriod: string | undefined;
    for (const [index, snapshot] of past.entries()) {
      if (!(left > 0)) break;
      const period = periodOf(snapshot);
      const isNew = period !== lastPeriod;
      if (!isNew && index < past.length - 1) continue;
      matches.get(snapshot)?.push({ rule, period, oldest: !isNew });
      lastPeriod = period;
      left -= 1;
    }
  }
  const withinMs = (policy.keepWithinHours ?? 0) * HOUR_MS;
  for (const snapshot of past) {
    if (snapshot.slotMs > (past[0]?.slotMs ?? 0) - withinMs) {
      matches.get(snapshot)?.push({ rule: 'within-hours', period: `${policy.keepWithinHours} h`, oldest: false });
    }
  }
  const judged = past.map((snapshot) => ({ snapshot, matches: matches.get(snapshot) ?? [] }));
  return {
    keep: judged.filter((one) => one.matches.length > 0),
    remove: judged.filter((one) => one.matches.length === 0).map(({ snapshot }) => snapshot),
    future: snapshots.filter(({ slotMs }) => !(slotMs <= nowMs)).sort(newestFirst),
  };
};
