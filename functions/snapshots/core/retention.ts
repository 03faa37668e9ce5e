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
  keep: { snapshot: S; matches: readonly Match[] }[];
  remove: S[];
  /** Dated after now: a clock is wrong somewhere, so they are neither removed nor taken for the newest. */
  future: S[];
  /** All but the future ones, newest first. */
  past: S[];
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

/** Matches by rule and period, made once: in one plan, thousands of databases share the same few periods. */
export type MatchesMade = Map<Rule, Map<number, Match>>;

const matchOf = (made: MatchesMade, rule: Rule, period: number, oldest: boolean, name: () => string): Match => {
  let ofRule = made.get(rule);
  if (ofRule === undefined) {
    ofRule = new Map();
    made.set(rule, ofRule);
  }
  const key = period * 2 + (oldest ? 1 : 0);
  let match = ofRule.get(key);
  if (match === undefined) {
    match = { rule, period: name(), oldest };
    ofRule.set(key, match);
  }
  return match;
};

/** Newest first; equal times by id, so that two runs agree. */
export const newestFirst = (a: Dated, b: Dated): number =>
  b.slotMs - a.slotMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Splits the snapshots of one database into kept (with reasons), removed and future. Pure policy: guards come after. */
export const decideRetention = <S extends Dated>(
  snapshots: readonly S[],
  policy: Policy,
  nowMs: number,
  made: MatchesMade = new Map(),
): Retention<S> => {
  const past = snapshots.filter(({ slotMs }) => slotMs <= nowMs).sort(newestFirst);
  const matches: (Match[] | undefined)[] = new Array(past.length);
  const match = (index: number, one: Match) => {
    const list = matches[index];
    if (list) list.push(one);
    else matches[index] = [one];
  };
  for (const { rule, number, name } of PERIODS) {
    let left = policy[RULES[rule]] ?? 0;
    let lastPeriod: number | undefined;
    for (let index = 0; index < past.length && left > 0; index++) {
      const one = past[index]!;
      const period = number(one.slotMs, index);
      const isNew = period !== lastPeriod;
      if (!isNew && index < past.length - 1) continue;
      // What the last n are is their own names: nothing to share.
      const oldest = !isNew;
      match(
        index,
        rule === 'last' ? { rule, period: name(one), oldest } : matchOf(made, rule, period, oldest, () => name(one)),
      );
      lastPeriod = period;
      left -= 1;
    }
  }
  const withinHours = policy.keepWithinHours ?? 0;
  const sinceMs = (past[0]?.slotMs ?? 0) - withinHours * HOUR_MS;
  for (let index = 0; index < past.length && past[index]!.slotMs > sinceMs; index++) {
    match(
      index,
      matchOf(made, 'within-hours', withinHours, false, () => `${withinHours} h`),
    );
  }
  const keep: Retention<S>['keep'] = [];
  const remove: S[] = [];
  for (const [index, snapshot] of past.entries()) {
    const of = matches[index];
    if (of) keep.push({ snapshot, matches: of });
    else remove.push(snapshot);
  }
  const future =
    past.length === snapshots.length ? [] : snapshots.filter(({ slotMs }) => !(slotMs <= nowMs)).sort(newestFirst);
  return { keep, remove, future, past };
};
