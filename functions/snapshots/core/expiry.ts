import { GUARDS, type Guard, type GuardName, type Judged, throughGuards } from './guards.ts';
import type { Database, Snapshot } from './inventory.ts';
import { type DoubtReason, GATES, type Gate, type IgnoreReason, stoppedBy } from './ownership.ts';
import { activeRules, type Settings } from './policy.ts';
import { decideRetention, type Match, newestFirst } from './retention.ts';
import { slotOf } from './tags.ts';
import type { Wishes } from './wishes.ts';

/** What is to become of one snapshot, and why. Every snapshot that was seen has exactly one. */
export type SnapshotVerdict = { snapshot: Snapshot; slotMs: number | undefined } & (
  | { kind: 'keep'; because: 'policy'; matches: readonly Match[] }
  | { kind: 'keep'; because: GuardName | DoubtReason | 'in-the-future' | 'circuit-breaker' }
  | { kind: 'remove'; because: 'outside-policy' }
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
  /** Own and available, newest first. */
  good: readonly Judged[];
}

/** Decides about every snapshot of one database: gates, then the policy, then the guards. */
export const expireGroup = (
  { database, selected, wishes, snapshots }: ExpiryGroup,
  settings: Settings,
  nowMs: number,
  { gates, guards }: Protections = PROTECTIONS,
): GroupExpiry => {
  const verdicts: SnapshotVerdict[] = [];
  const admitted: Judged[] = [];
  for (const snapshot of snapshots) {
    const gate = stoppedBy(snapshot, { stack: settings.stack }, gates);
    const slotMs = slotOf(snapshot);
    if (gate === undefined) admitted.push({ snapshot, id: snapshot.id, slotMs: slotMs ?? 0 });
    else verdicts.push({ snapshot, slotMs, kind: gate.otherwise, because: gate.name } as SnapshotVerdict);
  }
  const retention = decideRetention(admitted, wishes.policy, nowMs);
  const good = [...retention.keep.map(({ snapshot }) => snapshot), ...retention.remove].sort(newestFirst);
  const { policy, minKeep, problems } = wishes;
  const { creationBrokenAfterHours } = settings;
  const { kept, left } = throughGuards(
    {
      database,
      selected,
      policy,
      minKeep,
      problems,
      good,
      candidates: retention.remove,
      nowMs,
      creationBrokenAfterHours,
    },
    guards,
  );
  for (const { snapshot: one, matches } of retention.keep) {
    verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'keep', because: 'policy', matches });
  }
  for (const one of retention.future) {
    verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'keep', because: 'in-the-future' });
  }
  for (const [one, because] of kept) {
    verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'keep', because });
  }
  for (const one of left) {
    verdicts.push({ snapshot: one.snapshot, slotMs: one.slotMs, kind: 'remove', because: 'outside-policy' });
  }
  return { verdicts, good };
};

/** How many deletions a run may make unconfirmed: `maxDeletionsPerRun`, or one for each rule of each selected database where that is more, for a steady hour can release no more. */
export const deletionsAllowed = (groups: readonly ExpiryGroup[], settings: Settings): number =>
  Math.max(
    settings.maxDeletionsPerRun,
    groups.filter(({ selected }) => selected).reduce((sum, { wishes }) => sum + activeRules(wishes.policy).length, 0),
  );

/** A mass deletion (a policy cut short, a first arming) is not done but said. */
export const circuitBreaker = (
  verdicts: readonly SnapshotVerdict[],
  allowed: number,
): { verdicts: readonly SnapshotVerdict[]; stopped: number } => {
  const removals = verdicts.filter(({ kind }) => kind === 'remove').length;
  if (removals <= allowed) return { verdicts, stopped: 0 };
  return {
    stopped: removals,
    verdicts: verdicts.map((verdict) =>
      verdict.kind === 'remove'
        ? { snapshot: verdict.snapshot, slotMs: verdict.slotMs, kind: 'keep', because: 'circuit-breaker' }
        : verdict,
    ),
  };
};

export const PROTECTIONS: Protections = { gates: GATES, guards: GUARDS, breaker: circuitBreaker };
