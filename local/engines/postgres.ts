// One PostgreSQL cluster on this machine: made, started, copied while it runs, made a standby, promoted.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { untilAnswering } from './answering.ts';
import { EngineError } from './engine-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { hostBasedAccess, serverConf, type Upstream } from './postgres-conf.ts';
import { copyLive, copyTree, giveTo } from './postgres-copy.ts';
import type { EngineProcess, Run } from './run.ts';

/** What clusters are started with: the run that owns them, and the binaries with the user they run as. */
export type PostgresEngine = { readonly run: Run; readonly binaries: PostgresBinaries };

/** Passwords that live in the data itself, so that every copy of it has the same ones. */
export type ClusterSecrets = { readonly admin: string; readonly replication: string };

/** A certificate for the name that clients verify, with its key and the authority that signed it (PEM). */
export type ServerIdentity = {
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
};

/** A cluster's files and the private address it listens on. `dir` holds data/, log/, tls/ and the configuration. */
export type Cluster = {
  readonly name: string;
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  readonly identity: ServerIdentity;
  readonly secrets: ClusterSecrets;
};

export const adminUser = 'rdsadmin';
export const replicationUser = 'rdsrepladmin';

/** Where the server writes its log, with RDS's line prefix. */
export const logFileOf = (cluster: Cluster): string => join(cluster.dir, 'log', 'postgresql.log');

export const dataDirOf = (cluster: Pick<Cluster, 'dir'>): string => join(cluster.dir, 'data');

/** A new, empty cluster with a superuser; nothing runs afterwards. Throws EngineError with initdb's words. */
export const initCluster = async ({ run, binaries }: PostgresEngine, cluster: Cluster): Promise<void> => {
  const passwordFile = join(cluster.dir, 'initial-password');
  await writeFile(passwordFile, cluster.secrets.admin, { mode: 0o600 });
  await giveTo(passwordFile, binaries);
  const initdb = await run.spawn({
    ...asEngineUser(binaries),
    name: `${cluster.name}-initdb`,
    command: join(binaries.bin, 'initdb'),
    args: [
      ...['-D', dataDirOf(cluster), '-U', adminUser, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '-E', 'UTF8'],
      ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync', '--no-instructions'],
    ],
  });
  const { code } = await initdb.exited;
  await rm(passwordFile, { force: true });
  if (code !== 0)
    throw new EngineError(`initdb of ${cluster.name} ended with code ${code}; its log: ${initdb.logFile}`);
};

/** Makes the files of a copy the data of `cluster`; the copy itself stays as it is. */
export const restoreCopy = ({ binaries }: PostgresEngine, cluster: Cluster, from: string): Promise<void> =>
  copyTree(from, dataDirOf(cluster), binaries);

/**
 * Starts the server and waits until it answers a superuser's query over TLS; with `upstream` it is a standby of that.
 * `timeoutMs` bounds the recovery after a crash or of a copy.
 */
export const startCluster = async (
  { run, binaries }: PostgresEngine,
  cluster: Cluster,
  { upstream, timeoutMs = 60_000 }: { upstream?: Upstream | undefined; timeoutMs?: number } = {},
): Promise<EngineProcess> => {
  await writeSettings(binaries, cluster, upstream);
  const server = await run.spawn({
    ...asEngineUser(binaries),
    name: cluster.name,
    command: join(binaries.bin, 'postgres'),
    args: ['-c', `config_file=${join(cluster.dir, 'postgresql.conf')}`],
    stopSignal: 'SIGINT', // PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written
    graceMs: 10_000,
    readyWhen: { tcp: { host: cluster.host, port: cluster.port } },
    timeoutMs,
  });
  try {
    await untilAnswering({ name: cluster.name, logFile: logFileOf(cluster) }, server, timeoutMs, () =>
      adminQuery(cluster, 'SELECT 1'),
    );
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
};

/** A superuser's connection on the private address, past every proxy; the caller ends it. */
export const connectAdmin = async (cluster: Cluster, database = 'postgres'): Promise<Client> => {
  const client = new Client({
    host: cluster.host,
    port: cluster.port,
    user: adminUser,
    password: cluster.secrets.admin,
    database,
    ssl: { ca: cluster.identity.authority, servername: cluster.identity.name },
    connectionTimeoutMillis: 5_000,
    application_name: 'rds',
  });
  client.on('error', () => {}); // a server that dies under us is said by the next query
  await client.connect();
  return client;
};

/** One statement as superuser. */
export const adminQuery = async <Row extends QueryResultRow>(
  cluster: Cluster,
  sql: string,
  values: unknown[] = [],
  database?: string,
): Promise<Row[]> => {
  const client = await connectAdmin(cluster, database);
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
};

/** A consistent copy of the running cluster's data at `to`. */
export const copyCluster = async ({ binaries }: PostgresEngine, cluster: Cluster, to: string): Promise<void> => {
  const client = await connectAdmin(cluster);
  try {
    await copyLive(client, dataDirOf(cluster), to, binaries);
  } finally {
    await client.end();
  }
};

/** A physical slot on the source, which holds its WAL from now on until the standby has it. */
export const reserveSlot = (source: Cluster, slot: string): Promise<unknown> =>
  adminQuery(
    source,
    'SELECT pg_create_physical_replication_slot($1, true) WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)',
    [slot],
  );

/** Marks the cluster's data as a standby's; it takes effect at the next start. */
export const markStandby = async ({ binaries }: PostgresEngine, cluster: Cluster): Promise<void> => {
  const mark = join(dataDirOf(cluster), 'standby.signal');
  await writeFile(mark, '');
  await giveTo(mark, binaries);
};

/** Ends recovery; resolves when the server takes writes, at once if it does already. */
export const promoteCluster = async (cluster: Cluster): Promise<void> => {
  const [answer] = await adminQuery<{ promoted: boolean }>(
    cluster,
    'SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(true, 60) ELSE true END AS promoted',
  );
  if (answer?.promoted !== true) throw new EngineError(`${cluster.name} was not promoted within 60 s`);
};

/** Lets go of a standby's slot, which would otherwise keep WAL for ever. */
export const dropSlot = (source: Cluster, slot: string): Promise<unknown> =>
  adminQuery(
    source,
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active',
    [slot],
  );

const writeSettings = async (
  binaries: PostgresBinaries,
  cluster: Cluster,
  upstream: Upstream | undefined,
): Promise<void> => {
  const { dir, host, port, identity } = cluster;
  for (const folder of ['tls', 'log']) {
    await mkdir(join(dir, folder), { recursive: true, mode: 0o700 });
    await giveTo(join(dir, folder), binaries);
  }
  const files = {
    'postgresql.conf': serverConf({ dir, host, port, upstream }),
    'pg_hba.conf': hostBasedAccess,
    'pg_ident.conf': '',
    'tls/server.crt': identity.certificate,
    'tls/server.key': identity.key, // PostgreSQL refuses a key that others can read
    'tls/ca.crt': identity.authority,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(dir, name), text, { mode: 0o600 });
    await giveTo(join(dir, name), binaries);
  }
};

const asEngineUser = ({ env, uid, gid }: PostgresBinaries) => ({
  env,
  ...(uid === undefined ? {} : { uid }),
  ...(gid === undefined ? {} : { gid }),
});
