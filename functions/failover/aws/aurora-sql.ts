import type { LoginConfig } from '../../../shared/config/schema.ts';
import type { Where } from '../../../shared/database/known.ts';
import { type Database, openDatabase } from '../../../shared/database/login.ts';
import { type MysqlDatabase, openMysql } from '../../../shared/database/mysql.ts';
import { marksOfVolume, type VolumeReader, type VolumeSeen, volumeOf, volumeReport } from '../core/aurora-volume.ts';
import type { Endpoint, Heard } from '../core/evidence.ts';
import { volumePosition } from '../core/position.ts';
import { heardAfter } from '../core/replica-status.ts';
import type { PrimarySql } from '../run/guard.ts';
import type { ReplicaSql } from '../run/observer.ts';
import { mysqlHeartbeatOf, mysqlLacksOf, mysqlPrimarySql, mysqlProbeFailure } from './mysql.ts';
import { heartbeatOf, lacksOf, primarySql, probeFailure } from './postgres.ts';

// An Aurora global database: its volumes are told of by SQL of Aurora's own, and WAL functions of PostgreSQL refuse there
// (docs: AuroraPostgreSQL.Reference). The fence and its opening are those of the engine.

const TIMEOUT_MS = 2_500;

export type AuroraEngine = 'postgres' | 'mysql';

/** One open login, whatever the engine. */
interface Login {
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

interface Dialect<Db extends Login> {
  open(login: LoginConfig, where: Where): Promise<Db>;
  mark: string;
  volumes: string;
  /** docs: AuroraMySQL.BestPractices (innodb_read_only). */
  isReader: string;
  heartbeat(db: Db): Promise<VolumeReader['heartbeat']>;
  lacks(db: Db, roles: readonly string[]): Promise<string[] | undefined>;
  failure: typeof probeFailure;
  primary: typeof primarySql;
}

const POSTGRES: Dialect<Database> = {
  open: openDatabase,
  mark: 'select mainstay.mark($1, $2)',
  volumes: 'select * from mainstay.volumes()',
  isReader: 'select pg_is_in_recovery() as is_reader',
  heartbeat: heartbeatOf,
  lacks: lacksOf,
  failure: probeFailure,
  primary: primarySql,
};

const MYSQL: Dialect<MysqlDatabase> = {
  open: openMysql,
  mark: 'call mainstay.mark(?, ?)',
  volumes: 'call mainstay.volumes()',
  isReader: 'select @@global.innodb_read_only as is_reader',
  heartbeat: mysqlHeartbeatOf,
  lacks: mysqlLacksOf,
  failure: mysqlProbeFailure,
  primary: mysqlPrimarySql,
};

/** The SQL of the cluster that leads a global database, in its region. */
export const auroraGlobalPrimarySql = (engine: AuroraEngine, login: LoginConfig, region: string): PrimarySql =>
  engine === 'postgres' ? leading(POSTGRES, login, region) : leading(MYSQL, login, region);

/** A secondary's own view in its region, and its opening once it leads. */
export const auroraGlobalReplicaSql = (engine: AuroraEngine, login: LoginConfig, region: string): ReplicaSql =>
  engine === 'postgres' ? following(POSTGRES, login, region) : following(MYSQL, login, region);

const leading = <Db extends Login>(dialect: Dialect<Db>, login: LoginConfig, region: string): PrimarySql => ({
  ...dialect.primary(login, region),
  beat: async (at, atMs, epoch) => {
    const startMs = performance.now();
    try {
      return await on(dialect, login, region, at, async (db) => {
        await db.query(dialect.mark, [atMs, epoch]);
        const kept = await dialect.heartbeat(db);
        const latencyMs = Math.round(performance.now() - startMs);
        if (kept === undefined) return { kind: 'answered', because: 'the heartbeat returned no row' };
        // The write was accepted: that nobody says how far the volume is takes nothing from it.
        const lsn = await volumesOf(dialect, db)
          .then((volumes) => volumePosition(volumeOf(volumes, region).lsn, kept.atMs))
          .catch(() => undefined);
        return { kind: 'wrote', lsn: lsn ?? '', epoch: kept.epoch, latencyMs };
      });
    } catch (error) {
      return dialect.failure(error);
    }
  },
});

/** What each secondary was heard by, for as long as this process lives; who asks remembers it, too (mysql.ts). */
const heard = new Map<string, Heard>();

const following = <Db extends Login>(dialect: Dialect<Db>, login: LoginConfig, region: string): ReplicaSql => ({
  view: (at, roles, before) =>
    on(dialect, login, region, at, async (db) => {
      const own = volumeOf(await volumesOf(dialect, db), region);
      const [row] = await db.query(dialect.isReader);
      const reader = { isReader: isYes(row?.is_reader), heartbeat: await dialect.heartbeat(db) };
      const nowMs = Date.now();
      const key = `${at.host}:${at.port}`;
      const now = heardAfter([heard.get(key), before], marksOfVolume(own, reader), nowMs);
      heard.set(key, now);
      return { ...volumeReport(own, reader, now, nowMs), lacks: await dialect.lacks(db, roles) };
    }),
  open: async (at, roles, atMs, epoch) => {
    await dialect.primary(login, region).open(at, roles);
    await on(dialect, login, region, at, (db) => db.query(dialect.mark, [atMs, epoch]));
  },
});

/** Runs work on one DB instance, by the address of its cluster, and always closes the login. */
const on = async <Db extends Login, Result>(
  dialect: Dialect<Db>,
  login: LoginConfig,
  region: string,
  at: Endpoint,
  work: (db: Db) => Promise<Result>,
): Promise<Result> => {
  const db = await dialect.open(login, { region, host: at.host, port: at.port, timeoutMs: TIMEOUT_MS });
  try {
    return await work(db);
  } finally {
    await db.close().catch(() => {});
  }
};

const volumesOf = async ({ volumes }: { volumes: string }, db: Login): Promise<VolumeSeen[]> =>
  (await db.query(volumes)).map((row) => ({
    region: String(row.region),
    lsn: String(row.lsn),
    lagMs: number(row.lag_ms),
    comparedMs: number(row.compared_ms),
    askedMs: number(row.asked_ms),
  }));

const number = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);

/** PostgreSQL says true, MySQL 1. Throws on anything that is neither yes nor no: nothing may be concluded from it. */
const isYes = (value: unknown): boolean => {
  if (value === true || value === false) return value;
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  if (number !== 0 && number !== 1) throw new Error(`the server does not say whether it is a reader (${value})`);
  return number === 1;
};
