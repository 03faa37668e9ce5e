// One MariaDB server on this machine: made, started, copied while it runs, made a replica, promoted.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { untilAnswering } from './answering.ts';
import { EngineError } from './engine-error.ts';
import type { MariadbBinaries } from './mariadb-binaries.ts';
import { adminUser, type Cluster, dataDirOf, replicationUser } from './postgres.ts';
import type { Upstream } from './postgres-conf.ts';
import { giveTo } from './postgres-copy.ts';
import type { EngineProcess, Run } from './run.ts';

/** What servers are started with: the run that owns them, and the binaries with the user they run as. */
export type MariadbEngine = { readonly run: Run; readonly binaries: MariadbBinaries };

/** Where the server writes its error log. */
export const mariadbLogOf = (cluster: Cluster): string => join(cluster.dir, 'log', 'mysql-error.log');

/** Where a copy of a running server ends in its log; the copy carries it in a file of this name. */
const POSITION_FILE = 'gtid-of-copy';

/** A new, empty data directory; nothing runs afterwards. Throws EngineError with the installer's log. */
export const initMariadb = async (engine: MariadbEngine, cluster: Cluster): Promise<void> => {
  await runOnce(engine, `${cluster.name}-install`, engine.binaries.install, [
    '--no-defaults',
    `--datadir=${dataDirOf(cluster)}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    '--innodb-log-file-size=8M',
    '--innodb-buffer-pool-size=16M',
  ]);
  // The superuser is RDS's alone. It runs with the first start, and is gone afterwards.
  await write(
    engine,
    join(cluster.dir, 'first-start.sql'),
    [
      'SET sql_log_bin = 0;',
      `CREATE USER ${adminUser}@'%' IDENTIFIED BY '${cluster.secrets.admin}';`,
      `GRANT ALL PRIVILEGES ON *.* TO ${adminUser}@'%' WITH GRANT OPTION;`,
      `CREATE USER ${replicationUser}@'%' IDENTIFIED BY '${cluster.secrets.replication}';`,
      `GRANT REPLICATION SLAVE ON *.* TO ${replicationUser}@'%';`,
      'DROP USER IF EXISTS root@localhost;',
      '',
    ].join('\n'),
  );
};

/**
 * Starts the server and waits until it answers a superuser's query over TLS; with `upstream` it is a replica of that, and
 * refuses writes, as RDS's parameter read_only={TrueIfReplica} has it.
 */
export const startMariadb = async (
  engine: MariadbEngine,
  cluster: Cluster,
  { upstream, timeoutMs = 60_000 }: { upstream?: Upstream | undefined; timeoutMs?: number } = {},
): Promise<EngineProcess> => {
  const first = join(cluster.dir, 'first-start.sql');
  const isFirst = (await readFile(first, 'utf8').catch(() => undefined)) !== undefined;
  await writeTls(engine, cluster);
  const server = await engine.run.spawn({
    ...asEngineUser(engine.binaries),
    name: cluster.name,
    command: engine.binaries.server,
    args: [...serverOptions(cluster, upstream !== undefined), ...(isFirst ? [`--init-file=${first}`] : [])],
    graceMs: 10_000,
    readyWhen: { tcp: { host: cluster.host, port: cluster.port } },
    timeoutMs,
  });
  try {
    await untilAnswering({ name: cluster.name, logFile: mariadbLogOf(cluster) }, server, timeoutMs, () =>
      adminStatement(cluster, 'SELECT 1'),
    );
    await rm(first, { force: true });
    if (upstream !== undefined) await follow(engine, cluster, upstream);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
};

const serverOptions = ({ dir, host, port }: Cluster, isReplica: boolean): string[] => [
  '--no-defaults',
  `--datadir=${dir}/data`,
  `--bind-address=${host}`,
  `--port=${port}`,
  '--socket=mysqld.sock',
  '--pid-file=mysqld.pid',
  `--log-error=${dir}/log/mysql-error.log`,
  `--server-id=${serverIdOf(host)}`,
  '--skip-name-resolve',
  '--log-bin=mysql-bin-changelog',
  '--binlog-format=MIXED',
  '--log-slave-updates',
  '--skip-slave-start',
  `--read-only=${isReplica ? 1 : 0}`,
  `--ssl-cert=${dir}/tls/server.crt`,
  `--ssl-key=${dir}/tls/server.key`,
  `--ssl-ca=${dir}/tls/ca.crt`,
  '--require-secure-transport=ON',
  '--character-set-server=utf8mb4',
  '--max-connections=100',
  '--innodb-buffer-pool-size=16M',
  '--innodb-log-file-size=8M',
  '--key-buffer-size=1M',
  '--aria-pagecache-buffer-size=8M',
  '--performance-schema=OFF',
  // The data lives as long as the run: what the kernel holds survives kill -9 of a server, and nothing else is promised.
  '--sync-binlog=0',
  '--innodb-flush-log-at-trx-commit=2',
  '--default-time-zone=+00:00',
];

/** Every server of a topology has a number of its own; an address has one already. */
const serverIdOf = (host: string): number =>
  host
    .split('.')
    .slice(1)
    .reduce((id, octet) => id * 256 + Number(octet), 0);

/** Replicates by GTID, as RDS for MariaDB does (User Guide, MariaDB.Concepts.FeatureSupport: GTIDs); of a copy, from where it ends. */
const follow = async ({ binaries }: MariadbEngine, cluster: Cluster, upstream: Upstream): Promise<void> => {
  const file = join(dataDirOf(cluster), POSITION_FILE);
  const copied = await readFile(file, 'utf8').catch(() => undefined);
  const client = await connectMariadb(cluster);
  try {
    if (copied !== undefined) {
      await client.query('SET GLOBAL gtid_slave_pos = ?', [copied.trim()]);
      await rm(file);
    }
    await client.query(
      `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?, MASTER_SSL = 1,
       MASTER_SSL_CA = ?, MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1`,
      [upstream.host, upstream.port, upstream.user, upstream.password, join(cluster.dir, 'tls', 'ca.crt')],
    );
    await client.query('START SLAVE');
  } finally {
    await client.end();
  }
  await giveTo(dataDirOf(cluster), binaries);
};

/** Ends replication, applied or not: what was received and is not applied is gone. Writable from the next start on. */
export const endReplication = async (cluster: Cluster): Promise<void> => {
  await adminStatement(cluster, 'STOP SLAVE');
  await adminStatement(cluster, 'RESET SLAVE ALL');
};

/** A superuser's connection on the private address, past every proxy; the caller ends it. */
export const connectMariadb = async ({ host, port, identity, secrets }: Cluster): Promise<Connection> => {
  const client = await createConnection({
    host: identity.name,
    stream: () => connectSocket({ host, port }),
    user: adminUser,
    password: secrets.admin,
    ssl: { ca: identity.authority, verifyIdentity: true },
    connectTimeout: 5_000,
    multipleStatements: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
  });
  client.on('error', () => {}); // a server that dies under us is said by the next query
  return client;
};

/** One statement as superuser; its rows. */
export const adminStatement = async (
  cluster: Cluster,
  sql: string,
  values: readonly unknown[] = [],
  database?: string,
): Promise<Record<string, unknown>[]> => {
  const client = await connectMariadb(cluster);
  try {
    if (database !== undefined) await client.changeUser({ database });
    const [rows] = await client.query(sql, [...values]);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await client.end();
  }
};

/** A consistent copy of the running server's data at `to`, ready to be started on, with the position at which it ends. */
export const copyMariadb = async (engine: MariadbEngine, cluster: Cluster, to: string): Promise<void> => {
  const { host, port, secrets, dir } = cluster;
  await mkdir(to, { recursive: true, mode: 0o700 });
  await giveTo(to, engine.binaries);
  const options = join(dir, 'backup.cnf');
  await write(
    engine,
    options,
    `[mariadb-backup]\nuser=${adminUser}\npassword=${secrets.admin}\nhost=${host}\nport=${port}\nssl-ca=${dir}/tls/ca.crt\nssl\n`,
  );
  const { backup } = engine.binaries;
  await runOnce(engine, `${cluster.name}-backup`, backup, [
    `--defaults-file=${options}`,
    '--backup',
    `--datadir=${dataDirOf(cluster)}`,
    `--target-dir=${to}`,
  ]);
  await runOnce(engine, `${cluster.name}-prepare`, backup, ['--no-defaults', '--prepare', `--target-dir=${to}`]);
  const info = await Promise.any(
    ['xtrabackup_binlog_info', 'mariadb_backup_binlog_info'].map((name) => readFile(join(to, name), 'utf8')),
  );
  const position = info.trim().split(/\s+/)[2] ?? '';
  await write(engine, join(to, POSITION_FILE), position);
};

const runOnce = async (
  { run, binaries }: MariadbEngine,
  name: string,
  command: string,
  args: string[],
): Promise<void> => {
  const child = await run.spawn({ ...asEngineUser(binaries), name, command, args });
  const { code } = await child.exited;
  if (code !== 0) throw new EngineError(`${name} ended with code ${code}; its log: ${child.logFile}`);
};

const writeTls = async (engine: MariadbEngine, { dir, identity }: Cluster): Promise<void> => {
  for (const folder of ['tls', 'log']) {
    await mkdir(join(dir, folder), { recursive: true, mode: 0o700 });
    await giveTo(join(dir, folder), engine.binaries);
  }
  await write(engine, join(dir, 'tls', 'server.crt'), identity.certificate);
  await write(engine, join(dir, 'tls', 'server.key'), identity.key);
  await write(engine, join(dir, 'tls', 'ca.crt'), identity.authority);
};

const write = async ({ binaries }: MariadbEngine, path: string, text: string): Promise<void> => {
  await writeFile(path, text, { mode: 0o600 });
  await giveTo(path, binaries);
};

const asEngineUser = ({ env, uid, gid }: MariadbBinaries) => ({
  env,
  ...(uid === undefined ? {} : { uid }),
  ...(gid === undefined ? {} : { gid }),
});
