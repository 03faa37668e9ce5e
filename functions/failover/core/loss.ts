import type { ReplicaReport, Unsettled } from './evidence.ts';
import { CLOCK_SKEW_MS } from './policy.ts';
import { lsnBytes } from './position.ts';

export interface LossBound {
  /** No more than this many seconds of acknowledged commits can be missing on the replica; Infinity when unknown. */
  seconds: number;
  /** Log known to have been written and not received, in bytes; undefined when unknown. It informs, it gates nothing. */
  bytes?: number | undefined;
  /** Why nothing is known though a heartbeat is there. */
  unsettled?: Unsettled | undefined;
}

/**
 * An upper bound, never the ReplicaLag metric: that one is -1 in an outage (MySQL) or grows while the primary is dead
 * (PostgreSQL), docs: USER_ReadRepl. The log is one sequence: a replica that has replayed the commit of time C has
 * everything before it, and the primary took no commit after F, since when it is lost without a gap between the looks. So the loss is within
 * F - C, plus what two clocks may differ. Log received and not yet replayed is no loss: replaying it moves C forward. An engine
 * that would be promoted without replaying it says so (`unsettled`): until it is done, nothing is known.
 */
export const lossBound = (
  lostSinceMs: number | undefined,
  lastWriteLsn: string | undefined,
  replica: ReplicaReport | undefined,
): LossBound => {
  const complete = Math.max(
    replica?.heartbeat?.atMs ?? Number.NEGATIVE_INFINITY,
    replica?.lastReplayedCommitMs ?? Number.NEGATIVE_INFINITY,
  );
  const bytes = missingBytes(lastWriteLsn, replica?.receivedLsn);
  if (replica?.unsettled !== undefined)
    return { seconds: Number.POSITIVE_INFINITY, bytes, unsettled: replica.unsettled };
  if (lostSinceMs === undefined || !Number.isFinite(complete)) return { seconds: Number.POSITIVE_INFINITY, bytes };
  return { seconds: Math.max(0, lostSinceMs - complete + CLOCK_SKEW_MS) / 1000, bytes };
};

const missingBytes = (written: string | undefined, received: string | undefined): number | undefined => {
  const [from, to] = [lsnBytes(received), lsnBytes(written)];
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
};
