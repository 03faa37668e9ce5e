import { HOUR_MS } from './calendar.ts';
import type { Database, Snapshot } from './inventory.ts';
import { type Policy, policyProblems } from './policy.ts';
import { isHeld } from './tags.ts';

// What stands between "the policy does not keep it" and a deletion. Each guard is a function of its own, in a table, so
// that a test can take one away and see the harm. A guard gives back those candidates that must stay.

export interface Judged {
  snapshot: Snapshot;
  id: string;
  slotMs: number;
}

/** The good snapshots of one database, newest first, on their way through the guards. */
export interface Group {
  /** The database, where it still exists under this resource id. */
  database: Database | undefined;
  selected: boolean;
  policy: Policy;
  minKeep: number;
  /** What is wrong with the database's tags. */
  problems: readonly string[];
  good: readonly Judged[];
  /** Not kept by the policy, and by no guard before this one; newest first. */
  candidates: readonly Judged[];
  nowMs: number;
  creationBrokenAfterHours: number;
}

export type GuardName =
  | 'tags-unreadable'
  | 'policy-keeps-nothing'
  | 'orphan'
  | 'not-selected'
  | 'creation-broken'
  | 'held'
  | 'last-good'
  | 'min-keep';

export interface Guard {
  name: GuardName;
  keeps(group: Group): readonly Judged[];
}

const all = (condition: boolean, group: Group): readonly Judged[] => (condition ? group.candidates : []);

/** A mistake in a tag must cost a report line, never a backup. */
const tagsUnreadable: Guard = {
  name: 'tags-unreadable',
  keeps: (group) => all(group.problems.length > 0, group),
};

const policyKeepsNothing: Guard = {
  name: 'policy-keeps-nothing',
  keeps: (group) => all(policyProblems(group.policy).length > 0, group),
};

/** The database is gone (or was deleted and recreated under its name): what is left of it is all that is left. */
const orphan: Guard = {
  name: 'orphan',
  keeps: (group) => all(group.database === undefined, group),
};

/** Taking the tag off stops new snapshots; it is no order to throw the old ones away. */
const notSelected: Guard = {
  name: 'not-selected',
  keeps: (group) => all(group.database !== undefined && !group.selected, group),
};

/** While no new snapshot comes, old ones are not history but the only backup. */
const creationBroken: Guard = {
  name: 'creation-broken',
  keeps: (group) => all(group.nowMs - (group.good[0]?.slotMs ?? 0) > group.creationBrokenAfterHours * HOUR_MS, group),
};

const held: Guard = {
  name: 'held',
  keeps: (group) => group.candidates.filter(({ snapshot }) => isHeld(snapshot.tags, group.nowMs)),
};

/** Whatever the policy and minKeep say. */
const lastGood: Guard = {
  name: 'last-good',
  keeps: (group) => group.candidates.filter((candidate) => candidate === group.good[0]),
};

/** Counted after the deletions, and only what is good: own and available. */
const minKeep: Guard = {
  name: 'min-keep',
  keeps: (group) => {
    const staying = group.good.length - group.candidates.length;
    return group.candidates.slice(0, Math.max(0, group.minKeep - staying));
  },
};

/** In the order in which a reason is given: what is wrong with the whole group before what is special about one. */
export const GUARDS: readonly Guard[] = [
  tagsUnreadable,
  policyKeepsNothing,
  orphan,
  notSelected,
  creationBroken,
  held,
  lastGood,
  minKeep,
];

/** Sends the candidates through the guards: which one keeps which. Those that are left may be deleted. */
export const throughGuards = (
  group: Group,
  guards: readonly Guard[] = GUARDS,
): { kept: Map<Judged, GuardName>; left: readonly Judged[] } => {
  const kept = new Map<Judged, GuardName>();
  let left = group.candidates;
  for (const guard of guards) {
    for (const one of guard.keeps({ ...group, candidates: left })) kept.set(one, guard.name);
    left = left.filter((candidate) => !kept.has(candidate));
  }
  return { kept, left };
};
