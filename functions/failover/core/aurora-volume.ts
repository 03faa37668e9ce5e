import type { Heard, ReplicaReport } from './evidence.ts';
import { volumePosition } from './position.ts';

// The view of a global database's secondary. It has no receiver: Aurora's storage brings the log, and tells about it for each
// region's volume (docs: aurora-global-database-monitoring).

/** A region's volume, as a DB instance of the global database tells it; times by that server's clock. */
export interface VolumeSeen {
  region: string;
  /** The highest LSN on it, in digits. */
  lsn: string;
  /** How much earlier its newest log was written than the newest on the leader's; it grows while nothing comes. */
  lagMs: number | undefined;
  /** When that was last calculated; 0 on the volume of the leader. */
  comparedMs: number | undefined;
  askedMs: number | undefined;
}

/** What one DB instance says beside the volumes. */
export interface VolumeReader {
  /** It takes no writes: a reader, which every instance of a secondary is. */
  isReader: boolean;
  heartbeat?: { atMs: number; epoch: number } | undefined;
}

/** The volume of this region. Throws where there is none: then nothing may be concluded, least of all silence. */
export const volumeOf = (volumes: readonly VolumeSeen[], region: string): VolumeSeen => {
  const own = volumes.find((one) => one.region === region);
  if (own === undefined)
    throw new Error(`Aurora says nothing of the volume in ${region}: is it part of a global database?`);
  return own;
};

/** What changes when something came: the volume's LSN, and the heartbeat on it. */
export const marksOfVolume = ({ lsn }: VolumeSeen, { heartbeat }: VolumeReader): string =>
  `${lsn}/${heartbeat?.epoch ?? ''}/${heartbeat?.atMs ?? ''}`;

/**
 * The secondary's own view in the words that the gates read. That it hears is proven by Aurora's own comparison, by which an idle
 * leader's secondary stays young; what came since a look may have come just now or long ago. Durable is received and replayed in
 * one: a promotion keeps what the volume has.
 */
export const volumeReport = (
  own: VolumeSeen,
  reader: VolumeReader,
  heard: Heard,
  nowMs: number,
): Omit<ReplicaReport, 'atMs' | 'lacks'> => {
  const position = volumePosition(own.lsn, reader.heartbeat?.atMs);
  return {
    inRecovery: reader.isReader,
    ...(reader.isReader && { lastMessageAgeMs: comparedAgeMs(own), mayHearAgeMs: nowMs - heard.sinceMs }),
    receivedLsn: position,
    replayedLsn: position,
    heartbeat: reader.heartbeat,
    heard,
  };
};

// docs: aurora-global-database-monitoring — 1970 is the time of the primary cluster, and -1 (PostgreSQL) or 0 (MySQL) its lag.
const comparedAgeMs = ({ region, lagMs, comparedMs, askedMs }: VolumeSeen): number => {
  if (comparedMs === 0) throw new Error(`the volume in ${region} leads: a reader of it hears nobody else`);
  if (![lagMs, comparedMs, askedMs].every(Number.isFinite) || (lagMs as number) < 0)
    throw new Error(`Aurora does not say when the volume in ${region} was last compared with the leader's`);
  return Math.max(0, (askedMs as number) - (comparedMs as number)) + (lagMs as number);
};
