import { DAY_MS, HOUR_MS } from './calendar.ts';
import type { Circumstances } from './circumstances.ts';
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
  /** The newest slot of any own one, in whatever state: that one was the last sign of the database. */
  newestOwnMs: number | undefined;
  /** Not kept by the policy, and by no guard before this one; newest first. */
  candidates: readonly Judged[];
  nowMs: number;
  creationBrokenAfterHours: number;
  orphanKeepDays: number | undefined;
  circumstances: Circumstances;
}

export type GuardName =
  | 'tags-unreadable'
  | 'policy-keeps-nothing'
  | 'databases-unseen'
  | 'orphan'
  | 'not-selected'
  | 'creation-broken'
  | 'copies-unseen'
  | 'held'
  | 'copy-pending'
  | 'last-good'
  | 'min-keep'
  | 'orders-unseen'
  | 'expiry-paused';

export interface Guard {
  name: GuardName;
  /** True for those that also stand before a failed snapshot, which is no backup: people's orders, and doubt. */
  failedToo?: boolean;
  keeps(group: Group): readonly Judged[];
}

const all = (condition: boolean, group: Group): readonly Judged[] => (condition ? group.candidates : []);

/** A mistake in a tag must cost a report line, never a backup. */
const tagsUnreadable: Guard = {
  name: 'tags-unreadable',
  failedToo: true,
  keeps: (group) => all(group.problems.length > 0, group),
};

const policyKeepsNothing: Guard = {
  name: 'policy-keeps-nothing',
  keeps: (group) => all(policyProblems(group.policy).length > 0, group),
};

/** While the databases cannot be seen, everything looks like an orphan, and their tags are unknown. */
const databasesUnseen: Guard = {
  name: 'databases-unseen',
  failedToo: true,
  keeps: ({ database, candidates, circumstances: { blind } }) =>
    database === undefined && blind.size > 0 ? candidates.filter(({ snapshot }) => blind.has(snapshot.kind)) : [],
};

/** The database is gone (or was deleted and recreated under its name): what is left of it is all that is left. */
const orphan: Guard = {
  name: 'orphan',
  keeps: (group) => all(group.database === undefined && !orphanLapsed(group), group),
};

/** True when what is left of a deleted database has been kept for as long as the config says, counted from the newest of it, good or not. */
export const orphanLapsed = ({
  newestOwnMs,
  nowMs,
  orphanKeepDays,
}: Pick<Group, 'newestOwnMs' | 'nowMs' | 'orphanKeepDays'>): boolean =>
  orphanKeepDays !== undefined && newestOwnMs !== undefined && nowMs - newestOwnMs > orphanKeepDays * DAY_MS;

/** Taking the tag off stops new snapshots; it is no order to throw the old ones away. */
const notSelected: Guard = {
  name: 'not-selected',
  keeps: (group) => all(group.database !== undefined && !group.selected, group),
};

/** While no new snapshot comes, old ones are not history but the only backup. (Of a database that is gone none can come.) */
const creationBroken: Guard = {
  name: 'creation-broken',
  keeps: (group) =>
    all(
      group.database !== undefined &&
        group.nowMs - (group.good[0]?.slotMs ?? 0) > group.creationBrokenAfterHours * HOUR_MS,
      group,
    ),
};

/** Nobody could say which snapshots a copy is being made from. */
const copiesUnseen: Guard = {
  name: 'copies-unseen',
  keeps: (group) => all(!group.circumstances.copiesSeen, group),
};

/** docs: API_DeleteDBSnapshot — deleting a snapshot that is being copied ends the copy. */
const copyPending: Guard = {
  name: 'copy-pending',
  keeps: ({ candidates, circumstances: { copying } }) => candidates.filter(({ snapshot }) => copying.has(snapshot.arn)),
};

const held: Guard = {
  name: 'held',
  failedToo: true,
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

/** Somebody may have stopped expiry, and nobody could ask. */
const ordersUnseen: Guard = {
  name: 'orders-unseen',
  failedToo: true,
  keeps: (group) => all(!group.circumstances.ordersSeen, group),
};

/** Last of all, so that its reason names exactly what would go without it. */
const expiryPaused: Guard = {
  name: 'expiry-paused',
  failedToo: true,
  keeps: (group) => all(group.circumstances.expiryPause !== undefined, group),
};

/** In the order in which a reason is given: what is wrong with the whole group, what is special about one, and at last what people ordered. */
export const GUARDS: readonly Guard[] = [
  tagsUnreadable,
  policyKeepsNothing,
  databasesUnseen,
  orphan,
  notSelected,
  creationBroken,
  copiesUnseen,
  held,
  copyPending,
  lastGood,
  minKeep,
  ordersUnseen,
  expiryPaused,
];

/** Sends the candidates through the guards: which one keeps which. Those that are left may be deleted. */
export const throughGuards = (
  group: Group,
  guards: readonly Guard[] = GUARDS,
): { kept: Map<Judged, GuardName>; left: readonly Judged[] } => {
  const kept = new Map<Judged, GuardName>();
  let left = group.candidates;
  for (const guard of guards) {
    if (left.length === 0) break;
    const staying = guard.keeps({ ...group, candidates: left });
    if (staying.length === 0) continue;
    for (const one of staying) kept.set(one, guard.name);
    left = left.filter((candidate) => !kept.has(candidate));
  }
  return { kept, left };
};
