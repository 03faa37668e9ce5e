import type { Heard, ReplicaReport, Unsettled } from './evidence.ts';
import { domainsIn, hasAll, ownIn, unionOf } from './position.ts';

/** One row of SHOW REPLICA STATUS, as the server names its columns. */
export type StatusRow = Readonly<Record<string, unknown>>;

/** What a MySQL or MariaDB server says of itself beside that. */
export interface Standing {
  engine: 'mysql' | 'mariadb';
  /** It refuses writes of everybody but the applier (`read_only`). */
  isReadOnly: boolean;
  /** What it has applied, as a position. */
  applied: string;
  /** Age of the last message of its source, where the server knows it. */
  ageMs?: number | undefined;
  /** Heartbeats that came from its source, where only their number is known. */
  heartbeats?: string | undefined;
  /** Threads that apply side by side; 0 and 1 are one after the other. */
  appliers: number;
  /** Side by side, they commit in the order of their source. */
  keepsOrder: boolean;
  /** Who it is in the GTIDs that it gives; undefined where an earlier setup.mysql.sql does not say it. */
  ownId?: string | undefined;
  /** Every GTID in its own log, as far as it keeps one. */
  logged?: string | undefined;
}

/**
 * What was heard, after this look. The same marks: nothing came since they were first seen, by whomever that was. Others: what came
 * did so after the last look that found those, and nobody knows how long after.
 */
export const heardAfter = (before: readonly (Heard | undefined)[], marks: string, nowMs: number): Heard => {
  const known = before.filter((one) => one !== undefined);
  const sinceMs = Math.min(nowMs, ...known.flatMap((one) => (one.marks === marks ? one.sinceMs : [])));
  const afterMs = Math.max(...known.map((one) => (one.marks === marks ? one.afterMs : one.lookedMs) ?? -Infinity));
  return { marks, sinceMs, ...(afterMs > -Infinity && { afterMs: Math.min(afterMs, sinceMs) }), lookedMs: nowMs };
};

/** What changes with a message: heartbeats counted, transactions received, bytes read. */
export const marksOf = (rows: readonly StatusRow[], { heartbeats = '' }: Standing): string => {
  const [row] = rows;
  if (row === undefined) return 'none';
  const { file, offset } = readUpTo(row);
  return [text(row, 'Slave_IO_Running'), heartbeats, received(row), file, offset].join('/');
};

/**
 * The replica's own view in the words that the gates read. `Connecting` and `No` mean that nothing is received; `Yes` says so for
 * `slave_net_timeout` after a black hole, so that the age of the last message counts, by the server's clock or by marks that did
 * not change. A replica that takes writes of its own is no standby, whatever it replicates beside.
 */
export const replicaView = (
  rows: readonly StatusRow[],
  standing: Standing,
  heard: Heard,
  nowMs: number,
): Omit<ReplicaReport, 'atMs' | 'heartbeat'> => {
  const [row, another] = rows;
  if (another !== undefined)
    throw new Error('it replicates from more than one source: no one of them can be waited for');
  return {
    inRecovery: standing.isReadOnly,
    ...(row && hearingOf(row, standing, heard, nowMs)),
    receivedLsn: row && receivedLsn(row, standing),
    replayedLsn: position(standing.applied),
    unsettled: row && unsettled(row, standing),
    errant: row && errant(standing),
    heard,
  };
};

type Hearing = Pick<ReplicaReport, 'lastMessageAgeMs' | 'mayHearAgeMs'>;

const hearingOf = (row: StatusRow, { ageMs, heartbeats }: Standing, heard: Heard, nowMs: number): Hearing => {
  const word = text(row, 'Slave_IO_Running');
  switch (word) {
    case 'Yes':
      if (ageMs !== undefined) return { lastMessageAgeMs: ageMs };
      return {
        lastMessageAgeMs: heard.afterMs === undefined ? undefined : nowMs - heard.afterMs,
        // Where heartbeats are not told either, an idle source looks like a silent one until the connection is none.
        mayHearAgeMs: heartbeats === undefined ? 0 : nowMs - heard.sinceMs,
      };
    // Connected, and asking for the log: its source is there.
    case 'Preparing':
      return { lastMessageAgeMs: 0 };
    case 'Connecting':
    case 'No':
      return {};
    default:
      throw new Error(`SHOW REPLICA STATUS says ${word || 'nothing'} of the receiver: what it hears is not known`);
  }
};

/** While it follows, whatever it numbered itself came from nobody; who leads numbers everything itself. */
const errant = ({ ownId, logged, applied }: Standing): string | undefined =>
  ownId === undefined ? undefined : ownIn(logged ?? applied, ownId);

const receivedLsn = (row: StatusRow, { engine, applied }: Standing): string | undefined => {
  const gtids = received(row);
  // MySQL counts from the last change of the source on: what was applied before was received, too.
  return position(engine === 'mysql' ? unionOf(gtids, applied) : gtids);
};

/**
 * PromoteReadReplica stops replication, and nothing says that it waits for the applier (docs: USER_ReadRepl.Promote asks people to
 * wait). So what was received and is not applied is no loss only if it drains first: while the applier runs, it is waited for. An
 * applier that has stopped drains nothing; then the newest heartbeat applied is the truth.
 */
const unsettled = (row: StatusRow, standing: Standing): Unsettled | undefined => {
  const sideBySide = standing.appliers > 1;
  // MariaDB keeps the order within a domain only (docs: parallel-replication).
  if (sideBySide && (!standing.keepsOrder || domainsIn(standing.applied) > 1)) return 'out-of-order';
  if (text(row, 'Slave_SQL_Running') !== 'Yes') return undefined;
  return isDrained(row, standing) ? undefined : 'applying';
};

/** Where both say it, GTIDs and bytes must agree: a transaction may be on its way between the two. */
const isDrained = (row: StatusRow, standing: Standing): boolean => {
  const [read, done] = [readUpTo(row), appliedUpTo(row)];
  const byGtid = hasAll(position(standing.applied), receivedLsn(row, standing));
  const byBytes = read.file !== '' && read.file === done.file && read.offset === done.offset;
  return byGtid ?? byBytes;
};

const readUpTo = (row: StatusRow) => ({
  file: text(row, 'Master_Log_File'),
  offset: text(row, 'Read_Master_Log_Pos'),
});
const appliedUpTo = (row: StatusRow) => ({
  file: text(row, 'Relay_Master_Log_File'),
  offset: text(row, 'Exec_Master_Log_Pos'),
});

const received = (row: StatusRow): string => text(row, 'Gtid_IO_Pos') || text(row, 'Retrieved_Gtid_Set');

/** A position without what a server puts into it to be read; undefined where there is none. */
const position = (said: string): string | undefined => {
  const plain = said.replace(/\s+/g, '');
  return plain === '' ? undefined : plain;
};

// MySQL says Replica and Source since 8.0.22, and nothing else since 8.4; MariaDB stays with the old words.
const NEW_WORDS = [
  ['Slave_', 'Replica_'],
  ['Master_', 'Source_'],
] as const;

const text = (row: StatusRow, column: string): string => {
  const renamed = NEW_WORDS.reduce((name, [old, now]) => name.replace(old, now), column);
  const value = row[column] ?? row[renamed];
  return value === null || value === undefined ? '' : String(value);
};
