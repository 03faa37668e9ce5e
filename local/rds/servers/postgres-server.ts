import {
  connectAdmin,
  copyCluster,
  dropSlot,
  initCluster,
  logFileOf,
  markStandby,
  type PostgresEngine,
  promoteCluster,
  reserveSlot,
  startCluster,
} from '../../engines/postgres.ts';
import { copyTree } from '../../engines/postgres-copy.ts';
import { createRdsRoles, resetMasterPassword } from '../roles.ts';
import type { ServerKind } from './server-kind.ts';

/** PostgreSQL as RDS runs it. */
export const postgresServer = (engine: PostgresEngine): ServerKind => ({
  engine: 'postgres',
  run: engine.run,
  owner: engine.binaries,
  init: (cluster) => initCluster(engine, cluster),
  start: (cluster, upstream) => startCluster(engine, cluster, { upstream }),
  giveRoles: createRdsRoles,
  resetPassword: resetMasterPassword,
  copyLive: (cluster, to) => copyCluster(engine, cluster, to),
  copyFiles: (from, to) => copyTree(from, to, engine.binaries),
  reserve: async (source, slot) => void (await reserveSlot(source, slot)),
  release: async (source, slot) => void (await dropSlot(source, slot)),
  markReplica: (cluster) => markStandby(engine, cluster),
  promote: promoteCluster,
  query: async (cluster, sql, values, database = 'postgres') => {
    const client = await connectAdmin(cluster, database);
    try {
      return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  },
  logFile: logFileOf,
});
