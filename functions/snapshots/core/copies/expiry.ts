import { circumstancesOf } from '../circumstances.ts';
import {
  deletionsAllowed,
  type ExpiryGroup,
  expireGroup,
  PROTECTIONS,
  type Protections,
  type RemoveReason,
  type SnapshotVerdict,
} from '../expiry.ts';
import type { Confirmation, Kind, Snapshot } from '../inventory.ts';
import { confirmationAt, pauseOf } from '../orders.ts';
import type { CopySettings, Settings } from '../policy.ts';
import type { CopySight } from './cases.ts';

/** A copy that may be deleted. */
export interface Removal {
  snapshot: Snapshot;
  because: RemoveReason;
}

export interface CopyExpiry {
  verdicts: readonly SnapshotVerdict[];
  removals: readonly Removal[];
  /** Deletions that the circuit breaker held back, and how many it lets pass. */
  stopped: number;
  allowed: number;
  /** The circuit breaker lets deletions pass by this: it must be used up before the first of them. */
  confirmation: Confirmation | undefined;
  /** Good copies of a database: how many, and the newest one's slot. */
  goodOf(resourceId: string, kind: Kind): { good: number; newestGoodMs: number | undefined };
}

/**
 * Decides about every copy at the destination, by the same gates and guards as at home. The newest good copy is the last
 * good one, so it stays until a newer one is available (docs: USER_CopySnapshot — without it the next copy is a full one).
 */
export const expireCopies = (
  { source, destination, orders }: CopySight,
  groups: readonly ExpiryGroup[],
  settings: Settings,
  nowMs: number,
  protections: Protections = PROTECTIONS,
): CopyExpiry => {
  const rules = destinationSettings(settings);
  const circumstances = {
    // The databases are the source's: while they cannot be seen, nothing at the destination is an orphan's.
    ...circumstancesOf({ keys: destination.keys ?? {}, unseen: source.unseen, ...(orders && { orders }) }, rules),
    // Whoever stops the copies wants what there is to stay.
    expiryPause: pauseOf(orders, 'expiry') ?? pauseOf(orders, 'copies'),
  };
  const judged = groups.map((group) => ({
    group,
    ...expireGroup(group, rules, nowMs, protections, circumstances),
  }));
  const good = new Map(
    judged.map(({ group: { database }, good }) => [
      `${database?.kind}/${database?.resourceId}`,
      { good: good.length, newestGoodMs: good[0]?.slotMs },
    ]),
  );
  const allowed = deletionsAllowed(groups, rules);
  const { verdicts, stopped, confirmation } = protections.breaker(
    judged.flatMap((one) => one.verdicts),
    allowed,
    confirmationAt(orders, 'copies', nowMs),
  );
  return {
    verdicts,
    removals: verdicts.flatMap((one) =>
      one.kind === 'remove' ? [{ snapshot: one.snapshot, because: one.because }] : [],
    ),
    stopped,
    allowed,
    confirmation,
    goodOf: (resourceId, kind) => good.get(`${kind}/${resourceId}`) ?? { good: 0, newestGoodMs: undefined },
  };
};

/** The rules of home with the destination's own. */
const destinationSettings = (settings: Settings): Settings => {
  const copies = settings.copies as CopySettings;
  return {
    ...settings,
    policy: copies.policy,
    minKeep: copies.minKeep,
    // A copy is older than its source by as much as may lie between two copies.
    creationBrokenAfterHours: settings.creationBrokenAfterHours + copies.everyHours,
    // A copy that failed half way has the name of the next try.
    failedKeepHours: 0,
    // Nothing is copied on from here, so no copy waits for another.
    copies: undefined,
  };
};
