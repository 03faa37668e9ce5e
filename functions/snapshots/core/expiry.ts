import { HOUR_MS } from './calendar.ts';
import { type Circumstances, IN_THE_DARK } from './circumstances.ts';
import { type Group, GUARDS, type Guard, type GuardName, type Judged, orphanLapsed, throughGuards } from './guards.ts';
import type { Confirmation, Database, Snapshot } from './inventory.ts';
import { type DoubtReason, GATES, type Gate, type IgnoreReason, stoppedBy } from './ownership.ts';
import { activeRules, type Policy, type Settings } from './policy.ts';
import { decideRetention, type Match, type MatchesMade, newestFirst } from './retention.ts';
import { slotOf } from './tags.ts';
import type { Wishes } from './wishes.ts';

/** Why one may be deleted. */
export type RemoveReason = 'outside-policy' | 'orphan-expired' | 'failed' | 'quota';

/** What is to become of one snapshot, and why. Every snapshot that was seen has exactly one. */
export type SnapshotVerdict = { snapshot: Snapshot; slotMs: number | undefined } & (
  | { kind: 'keep'; because: 'policy'; matches: readonly Match[] }
  | { kind: 'keep'; because: GuardName | DoubtReason | 'in-the-future' | 'circuit-breaker' }
  | { kind: 'remove'; because: RemoveReason }
  | { kind: 'ignore'; because: IgnoreReason }
);

/** The protections in force; a test takes one away to see what it was for. */
export interface Protections {
  gates: readonly Gate[];
  guards: readonly Guard[];
  breaker: typeof circuitBreaker;
}

/** One database's part in expiry: its tags as read, and its snapshots. */
export interface ExpiryGroup {
  database: Database | undefined;
  selected: boolean;
  wishes: Wishes;
  snapshots: readonly Snapshot[];
}

export interface GroupExpiry {
  verdicts: SnapshotVerdict[];
  /** Own, available and their key usable, newest first. */
  good: readonly Judged[];
  /** What the policy keeps and nothing else does, newest first: where the config asks for it, it makes room under a short quota. */
  spare: readonly Judged[];
}

// Of a database that has been gone for long enough no rule keeps anything: the last good one and the floor do.
const NOTHING: Policy = {};

/** Decides about every snapshot of one database: gates, then the policy, then the guards. Without circumstances nothing is removed. */
export const expireGroup = (
  { database, selected, wishes, snapshots }: ExpiryGroup,
  settings: Settings,
  nowMs: number,
  { gates, guards }: Protections = PROTECTIONS,
  circumstances: Circumstances = IN_THE_DARK,
  matchesMade: MatchesMade = new Map(),
): GroupExpiry => {
  const verdicts: SnapshotVerdict[] = [];
  const admitted: Judged[] = [];
  const failed: Judged[] = [];
  const context = { stack: settings.stack, keys: circumstances.keys };
  const failedBeforeMs = nowMs - settings.failedKeepHours * HOUR_MS;
  let newestOwnMs: number | undefined;
  for (const snapshot of snapshots) {
    const gate = stoppedBy(snapshot, context, gates);
    const slotMs = slotOf(snapshot);
    if (gate?.otherwise !== 'ignore' && slotMs !== undefined) newestOwnMs = Math.max(newestOwnMs ?? slotMs, slotMs);
    if (gate === undefined) admitted.push({ snapshot, id: snapshot.id, slotMs: slotMs ?? 0 });
    else if (gate.name === 'not-available' && snapshot.status === 'failed' && (slotMs ?? nowMs) < failedBeforeMs)
      failed.push({ snapshot, id: snapshot.id, slotMs: slotMs as number });
    else verdicts.push({ snapshot, slotMs, kind: gate.otherwise, because: gate.name } as SnapshotVerdict);
  }
  const { policy, minKeep, problems } = wishes;
  const { creationBrokenAfterHours, orphanKeepDays } = settings;
  const byPolicy = decideRetention(admitted, policy, nowMs, matchesMade);
  const good = byPolicy.past;
  const lapsed = database === undefined && orphanLapsed({ newestOwnMs, nowMs, orphanKeepDays });
  const { keep, remove, future } = lapsed ? decideRetention(admitted, NOTHING, nowMs) : byPolicy;
  const group: Group = {
    database,
    selected,
    policy,
    minKeep,
    problems,
    good,
    newestOwnMs,
    candidates: remove,
    nowMs,
    creationBrokenAfterHours,
    orphanKeepDays,
    circumstances,
  };
  for (const { snapshot: one, matches } of keep) {
    verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'keep', because: 'policy', matches });
  }
  for (const one of future) {
    verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'keep', because: 'in-the-future' });
  }
  const settle = (of: Group, by: readonly Guard[], because: RemoveReason) => {
    const { kept, left } = throughGuards(of, by);
    for (const [one, guard] of kept) {
      verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'keep', because: guard });
    }
    for (const one of left) {
      verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'remove', because });
    }
  };
  settle(group, guards, lapsed ? 'orphan-expired' : 'outside-policy');
  if (failed.length > 0) {
    // No backups, so neither the policy nor the floor speaks for them; they count against the quota.
    const ofFailed = guards.filter(({ failedToo }) => failedToo === true);
    settle({ ...group, good: [], candidates: failed.sort(newestFirst) }, ofFailed, 'failed');
  }
  return { verdicts, good, spare: spareOf(group, settings, guards) };
};

/** What would go past every guard if no rule kept anything, and is not going anyway. */
const spareOf = (group: Group, { onQuota }: Settings, guards: readonly Guard[]): readonly Judged[] => {
  if (onQuota !== 'evict-oldest' || group.database === undefined) return [];
  const going = new Set(group.candidates);
  return throughGuards({ ...group, candidates: group.good }, guards).left.filter((one) => !going.has(one));
};

/** How many deletions a run may make unconfirmed: `maxDeletionsPerRun`, or one for each rule of each selected database where that is more, for a steady hour can release no more. */
export const deletionsAllowed = (groups: readonly ExpiryGroup[], settings: Settings): number =>
  Math.max(
    settings.maxDeletionsPerRun,
    groups.filter(({ selected }) => selected).reduce((sum, { wishes }) => sum + activeRules(wishes.policy).length, 0),
  );

/** What the breaker let pass and what it stopped. */
export interface Broken {
  verdicts: readonly SnapshotVerdict[];
  stopped: number;
  /** What lets some pass that it would have stopped; to be used up before the first of them goes. */
  confirmation?: Confirmation;
}

/**
 * A mass deletion (a policy cut short, a first arming) is not done but said. What a person confirmed passes, the oldest
 * first, as many as were confirmed and only of slots that they saw; the rest waits.
 */
export const circuitBreaker = (
  verdicts: readonly SnapshotVerdict[],
  allowed: number,
  confirmation?: Confirmation,
): Broken => {
  const removals = verdicts.filter(({ kind }) => kind === 'remove');
  if (removals.length <= allowed) return { verdicts, stopped: 0 };
  const passing = new Set(confirmation === undefined ? [] : confirmed(removals, confirmation));
  return {
    stopped: removals.length - passing.size,
    verdicts: verdicts.map((verdict) =>
      verdict.kind === 'remove' && !passing.has(verdict)
        ? { snapshot: verdict.snapshot, slotMs: verdict.slotMs, kind: 'keep', because: 'circuit-breaker' }
        : verdict,
    ),
    ...(confirmation !== undefined && passing.size > 0 && { confirmation }),
  };
};

const confirmed = (
  removals: readonly SnapshotVerdict[],
  { deletions, newestSlotMs }: Confirmation,
): readonly SnapshotVerdict[] =>
  removals
    .filter(({ slotMs }) => slotMs !== undefined && slotMs <= newestSlotMs)
    .sort((a, b) => (a.slotMs ?? 0) - (b.slotMs ?? 0) || (a.snapshot.id < b.snapshot.id ? -1 : 1))
    .slice(0, Math.max(0, deletions));

export const PROTECTIONS: Protections = { gates: GATES, guards: GUARDS, breaker: circuitBreaker };
