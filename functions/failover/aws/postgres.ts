import type { LoginConfig } from '../../../shared/config/schema.ts';
import { type Database, openDatabase } from '../../../shared/database/login.ts';
import type { Endpoint, WriteProbe } from '../core/evidence.ts';
import type { PrimarySql } from '../run/guard.ts';
import type { ReplicaSql } from '../run/observer.ts';

const TIMEOUT_MS = 2_500;

/** Runs work on one instance, by its own address, and always closes the login. */
const on = async <Result>(
  login: LoginConfig,
  region: string,
  at: Endpoint,
  work: (db: Database) => Promise<Result>,
): Promise<Result> => {
  const db = await openDatabase(login, { region, host: at.host, port: at.port, timeoutMs: TIMEOUT_MS });
  try {
    return await work(db);
  } finally {
    await db.close().catch(() => {});
  }
};

/** The primary's SQL through the functions of setup.sql. */
export const primarySql = (login: LoginConfig, region: string): PrimarySql => ({
  beat: async (at, atMs, epoch) => {
    const startMs = performance.now();
    try {
      return await on(login, region, at, async (db) => {
        const [row] = await db.query<{ lsn: string; kept_epoch: string }>('select * from mainstay.beat($1, $2)', [
          atMs,
          epoch,
        ]);
        if (row === undefined) return { kind: 'answered', because: 'the heartbeat returned no row' };
        const latencyMs = Math.round(performance.now() - startMs);
        return { kind: 'wrote', lsn: row.lsn, epoch: Number(row.kept_epoch), latencyMs };
      });
    } catch (error) {
      return probeFailure(error);
    }
  },
  fence: (at, roles) =>
    on(login, region, at, async (db) => {
      const [row] = await db.query<{ left: string }>('select mainstay.fence($1) as left', [roles]);
      return Number(row?.left ?? Number.NaN);
    }),
  open: (at, roles) =>
    on(login, region, at, async (db) => {
      await db.query('select mainstay.open($1)', [roles]);
    }),
});

// Errors of a connection, not of a server: nothing listens, nothing answers, or the name has no address.
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE']);
// docs (PostgreSQL, errcodes-appendix): admin_shutdown, crash_shutdown, cannot_connect_now: a server that goes or comes.
const GOING_OR_COMING = new Set(['57P01', '57P02', '57P03']);

/** Tells a server that refused from no server at all. What is not known counts as an answer: it is no evidence of death. */
export const probeFailure = (error: unknown): WriteProbe => {
  const { code, message } = error as { code?: string; message?: string };
  const because = message ?? String(error);
  const silent = /timeout|terminated unexpectedly|socket disconnected|Connection terminated/i.test(because);
  const unreachable = UNREACHABLE.has(code ?? '') || GOING_OR_COMING.has(code ?? '') || (code === undefined && silent);
  return { kind: unreachable ? 'unreachable' : 'answered', because };
};

/** The replica's own view, and its opening after the promotion. */
export const replicaSql = (login: LoginConfig, region: string): ReplicaSql => ({
  view: (at, roles) =>
    on(login, region, at, async (db) => {
      const [row] = await db.query<Record<string, string | boolean | null>>(REPLICA_VIEW);
      const receivers = await db.query<{ age_ms: number | null }>('select age_ms from mainstay.heard()');
      const heartbeat = await heartbeatOf(db);
      return {
        inRecovery: row?.in_recovery === true,
        lastMessageAgeMs: heardAge(receivers),
        receivedLsn: text(row?.received),
        replayedLsn: text(row?.replayed),
        lastReplayedCommitMs: number(row?.commit_ms),
        heartbeat,
        lacks: await lacksOf(db, roles),
      };
    }),
  open: (at, roles, atMs, epoch) =>
    on(login, region, at, async (db) => {
      await db.query('select mainstay.open($1)', [roles]);
      await db.query('select mainstay.beat($1, $2)', [atMs, epoch]);
    }),
});

// A receiver's status word stays `streaming` for wal_receiver_timeout after a black hole: the age of its last message counts
// (docs (PostgreSQL): monitoring-stats, pg_stat_wal_receiver).
const REPLICA_VIEW = `
  select pg_is_in_recovery() as in_recovery,
    pg_last_wal_receive_lsn()::text as received,
    pg_last_wal_replay_lsn()::text as replayed,
    extract(epoch from pg_last_xact_replay_timestamp()) * 1000 as commit_ms`;

/** The age of the last message; undefined when no receiver runs. Throws when the receiver is hidden: that is no evidence of silence. */
export const heardAge = (receivers: readonly { age_ms: number | null }[]): number | undefined => {
  const [receiver] = receivers;
  if (receiver === undefined) return undefined;
  if (receiver.age_ms !== null) return Number(receiver.age_ms);
  throw new Error('the replica hides what its receiver heard: the owner of mainstay.heard() lacks pg_read_all_stats');
};

/** The newest heartbeat that is here; undefined where its table is not. */
export const heartbeatOf = async (db: Pick<Database, 'query'>) => {
  try {
    const [row] = await db.query<{ epoch: string; at_ms: string }>('select epoch, at_ms from mainstay.heartbeat');
    return row && { epoch: Number(row.epoch), atMs: Number(row.at_ms) };
  } catch (error) {
    // undefined_table: setup.sql has not run, or has not been replicated yet; the loss is then unknown.
    if ((error as { code?: string }).code === '42P01') return undefined;
    throw error;
  }
};

/** What a fence by these roles would pass over; undefined where that was not told. */
export const lacksOf = async (db: Pick<Database, 'query'>, roles: readonly string[]): Promise<string[] | undefined> => {
  try {
    return (await db.query<{ what: string }>('select mainstay.lacks($1) as what', [roles])).map(({ what }) => what);
  } catch (error) {
    // undefined_function, invalid_schema_name: an earlier setup.sql, or none. Anything else says nothing of it.
    const isOld = ['42883', '3F000'].includes((error as { code?: string }).code ?? '');
    return isOld ? ['setup.sql of this release has not run'] : undefined;
  }
};

const number = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
