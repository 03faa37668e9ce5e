import type { LoginConfig } from '../../../shared/config/schema.ts';
import { type MysqlDatabase, openMysql } from '../../../shared/database/mysql.ts';
import type { Endpoint, Heard, WriteProbe } from '../core/evidence.ts';
import { heardAfter, marksOf, replicaView, type Standing, type StatusRow } from '../core/replica-status.ts';
import type { PrimarySql } from '../run/guard.ts';
import type { ReplicaSql } from '../run/observer.ts';

const TIMEOUT_MS = 2_500;

/** Runs work on one instance, by its own address, and always closes the login. */
const on = async <Result>(
  login: LoginConfig,
  region: string,
  at: Endpoint,
  work: (db: MysqlDatabase) => Promise<Result>,
): Promise<Result> => {
  const db = await openMysql(login, { region, host: at.host, port: at.port, timeoutMs: TIMEOUT_MS });
  try {
    return await work(db);
  } finally {
    await db.close().catch(() => {});
  }
};

/** Names of accounts as the procedures take them. */
const listed = (roles: readonly string[]): string => roles.join(',');

/** The primary's SQL through the procedures of setup.mysql.sql. */
export const mysqlPrimarySql = (login: LoginConfig, region: string): PrimarySql => ({
  beat: async (at, atMs, epoch) => {
    const startMs = performance.now();
    try {
      return await on(login, region, at, async (db) => {
        const [row] = await db.query<{ lsn: string; kept_epoch: string }>('call mainstay.beat(?, ?)', [atMs, epoch]);
        if (row === undefined) return { kind: 'answered', because: 'the heartbeat returned no row' };
        const latencyMs = Math.round(performance.now() - startMs);
        return { kind: 'wrote', lsn: row.lsn.replace(/\s+/g, ''), epoch: Number(row.kept_epoch), latencyMs };
      });
    } catch (error) {
      return mysqlProbeFailure(error);
    }
  },
  fence: (at, roles) =>
    on(login, region, at, async (db) => {
      const [row] = await db.query<{ sessions_left: string }>('call mainstay.fence(?)', [listed(roles)]);
      return Number(row?.sessions_left ?? Number.NaN);
    }),
  open: (at, roles) =>
    on(login, region, at, async (db) => {
      await db.query('call mainstay.open(?)', [listed(roles)]);
    }),
});

// Errors of a connection, not of a server: nothing listens, nothing answers, or the answer did not come.
const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'],
  ...['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT'],
  // docs (MySQL, server error reference): a server that goes.
  ...['ER_SERVER_SHUTDOWN', 'ER_NORMAL_SHUTDOWN', 'ER_SHUTDOWN_COMPLETE'],
]);

/** Tells a server that refused from no server at all. What is not known counts as an answer: it is no evidence of death. */
export const mysqlProbeFailure = (error: unknown): WriteProbe => {
  const { code, message } = error as { code?: string; message?: string };
  return { kind: UNREACHABLE.has(code ?? '') ? 'unreachable' : 'answered', because: message ?? String(error) };
};

/**
 * What each server was heard by, for as long as this process lives: MariaDB tells no time of its source's last message. Who asks
 * remembers it, too, so that a new process need not begin anew; with neither it may have been heard just now.
 */
const heard = new Map<string, Heard>();

/** The replica's own view, and its opening after the promotion. */
export const mysqlReplicaSql = (login: LoginConfig, region: string): ReplicaSql => ({
  view: (at, roles, before) =>
    on(login, region, at, async (db) => {
      // What was applied is read first: read last, it could have what was received meanwhile, and hide that more is waiting.
      const standing = standingOf(await db.query('call mainstay.standing()'));
      const rows = await db.query<StatusRow>('call mainstay.replica_status()');
      const nowMs = Date.now();
      const key = `${at.host}:${at.port}`;
      const now = heardAfter([heard.get(key), before], marksOf(rows, standing), nowMs);
      heard.set(key, now);
      return {
        ...replicaView(rows, standing, now, nowMs),
        heartbeat: await mysqlHeartbeatOf(db),
        lacks: await mysqlLacksOf(db, roles),
      };
    }),
  open: (at, roles, atMs, epoch) =>
    on(login, region, at, async (db) => {
      await db.query('call mainstay.open(?)', [listed(roles)]);
      await db.query('call mainstay.beat(?, ?)', [atMs, epoch]);
    }),
});

/** One row of mainstay.standing(). Throws where there is none: nothing may be concluded from it. */
export const standingOf = ([row]: readonly Record<string, unknown>[]): Standing => {
  if (row === undefined) throw new Error('the server says nothing of itself: run setup.mysql.sql on the leader');
  return {
    engine: row.engine === 'mariadb' ? 'mariadb' : 'mysql',
    isReadOnly: Number(row.is_read_only) !== 0,
    applied: String(row.applied ?? ''),
    // A connection of which nothing was heard yet has times of zero, and no age.
    ageMs: row.age_ms === null || row.age_ms === undefined ? undefined : Math.max(0, Number(row.age_ms)),
    heartbeats: textOf(row.heartbeats),
    appliers: Number(row.appliers),
    keepsOrder: Number(row.keeps_order) !== 0,
    ownId: textOf(row.own_id),
    logged: textOf(row.logged),
  };
};

const textOf = (value: unknown): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

/** The newest heartbeat that is here. */
export const mysqlHeartbeatOf = async (db: Pick<MysqlDatabase, 'query'>) => {
  const [row] = await db.query<{ epoch: string; at_ms: string }>('select epoch, at_ms from mainstay.heartbeat');
  return row && { epoch: Number(row.epoch), atMs: Number(row.at_ms) };
};

/** What a fence by these users would pass over; undefined where that was not told. */
export const mysqlLacksOf = async (
  db: Pick<MysqlDatabase, 'query'>,
  roles: readonly string[],
): Promise<string[] | undefined> => {
  try {
    return lacking(roles, await db.query('call mainstay.accounts(?)', [listed(roles)]));
  } catch (error) {
    // ER_SP_DOES_NOT_EXIST: an earlier setup.mysql.sql. Anything else says nothing of it.
    const isOld = (error as { code?: string }).code === 'ER_SP_DOES_NOT_EXIST';
    return isOld ? ['setup.mysql.sql of this release has not run'] : undefined;
  }
};

/** Which of these users a fence would pass over, by the accounts that there are. */
export const lacking = (roles: readonly string[], accounts: readonly Record<string, unknown>[]): string[] =>
  roles.flatMap((role) => {
    const found = accounts.filter(({ account }) => account === role);
    if (found.length === 0) return [`the user ${role} is not there`];
    return found.every(({ can_be_fenced }) => Number(can_be_fenced) === 1)
      ? []
      : [`the user ${role} cannot be fenced: it may more than a master user, or is RDS's or our own`];
  });
