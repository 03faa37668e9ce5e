import { marksOfVolume, type VolumeSeen, volumeReport } from '../../../functions/failover/core/aurora-volume.ts';
import type { Heard, ReplicaReport } from '../../../functions/failover/core/evidence.ts';
import { volumePosition } from '../../../functions/failover/core/position.ts';
import { heardAfter } from '../../../functions/failover/core/replica-status.ts';
import type { Database } from './database.ts';

// What Aurora says of a global database's volumes in a world: late, and behind a cut as its page has it. The log grows by one a millisecond.

/** Its status is of the last full second. */
const TOLD_EVERY_MS = 1_000;
const told = (ms: number): string => String(Math.floor(ms / TOLD_EVERY_MS) * TOLD_EVERY_MS);

/** How far the leader's volume is, by its guard's probe. Clocks of servers tell whole milliseconds; those of a world do not. */
export const positionOfLeader = (one: Database, nowMs: number): string =>
  volumePosition(told(nowMs), Math.floor(one.beat.atMs)) ?? '';

/**
 * The view of one of a global database, by the core's own judgement. What comes to a secondary that nobody reaches stands still: in
 * one half of the worlds the comparison does, too, in the other it goes on and the lag grows.
 */
export const viewOfVolume = (
  one: Database,
  before: Heard | undefined,
  nowMs: number,
  isCompared: boolean,
): ReplicaReport => {
  const silentMs = nowMs - one.heardMs;
  const secondary = isCompared ? { lagMs: silentMs, comparedMs: nowMs } : { lagMs: 0, comparedMs: one.heardMs };
  const own: VolumeSeen = {
    region: one.region,
    lsn: told(one.replayedCommitMs),
    askedMs: nowMs,
    ...(one.standby ? secondary : { lagMs: -1, comparedMs: 0 }),
  };
  const reader = {
    isReader: one.standby,
    heartbeat: { atMs: Math.floor(one.heartbeat.atMs), epoch: Math.max(one.opened ?? 0, one.heartbeat.epoch) },
  };
  return { atMs: nowMs, ...volumeReport(own, reader, heardAfter([before], marksOfVolume(own, reader), nowMs), nowMs) };
};
