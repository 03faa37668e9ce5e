import type { Cluster, ClusterSecrets } from '../../engines/postgres.ts';
import type { Upstream } from '../../engines/postgres-conf.ts';
import type { EngineProcess, Run } from '../../engines/run.ts';

/** Whom an engine's files belong to, and where its programs are. */
export type Owner = { readonly uid?: number; readonly gid?: number };

/** What an engine can do with one server's files and process; every method throws an EngineError when it can't be done. */
export type ServerKind = {
  /** As RDS names it. */
  readonly engine: string;
  readonly run: Run;
  readonly owner: Owner;
  /** A new, empty data directory. */
  init(cluster: Cluster): Promise<void>;
  /** Starts it, as a replica of `upstream` or on its own, and waits until it answers. */
  start(cluster: Cluster, upstream: Upstream | undefined): Promise<EngineProcess>;
  /** RDS's own roles, the master user and the first database, in a server that has just been made. */
  giveRoles(
    cluster: Cluster,
    master: { username: string; password: string; databaseName: string | undefined },
  ): Promise<void>;
  resetPassword(cluster: Cluster, username: string, password: string): Promise<void>;
  /** A consistent copy of a running server's data. */
  copyLive(cluster: Cluster, to: string): Promise<void>;
  /** A copy's files, wherever they lie, copied. */
  copyFiles(from: string, to: string): Promise<void>;
  /** Makes a copied data directory that of a replica; the source keeps its log for it from before the copy on. */
  reserve(source: Cluster, slot: string): Promise<void>;
  release(source: Cluster, slot: string): Promise<void>;
  markReplica(cluster: Cluster): Promise<void>;
  /** Ends replication; it takes writes at once or after the next start. */
  promote(cluster: Cluster): Promise<void>;
  /** One superuser's statement; its rows. */
  query(
    cluster: Cluster,
    sql: string,
    values: readonly unknown[],
    database?: string,
  ): Promise<Record<string, unknown>[]>;
  logFile(cluster: Cluster): string;
};

export type { Cluster, ClusterSecrets, Upstream };
