import {
  adminStatement,
  connectMariadb,
  copyMariadb,
  endReplication,
  initMariadb,
  type MariadbEngine,
  mariadbLogOf,
  startMariadb,
} from '../../engines/mariadb.ts';
import { type Cluster, replicationUser } from '../../engines/postgres.ts';
import { copyTree } from '../../engines/postgres-copy.ts';
import type { ServerKind } from './server-kind.ts';

/** MariaDB as RDS runs it. Its source keeps no slot for a replica: its binary log is kept for as long as the run lives. */
export const mariadbServer = (engine: MariadbEngine): ServerKind => ({
  engine: 'mariadb',
  run: engine.run,
  owner: engine.binaries,
  init: (cluster) => initMariadb(engine, cluster),
  start: (cluster, upstream) => startMariadb(engine, cluster, { upstream }),
  giveRoles,
  resetPassword: async (cluster, username, password) => {
    await adminStatement(cluster, "ALTER USER ?@'%' IDENTIFIED BY ? ACCOUNT UNLOCK", [username, password]);
  },
  copyLive: (cluster, to) => copyMariadb(engine, cluster, to),
  copyFiles: (from, to) => copyTree(from, to, engine.binaries),
  reserve: async () => {},
  release: async () => {},
  markReplica: async () => {},
  promote: endReplication,
  query: adminStatement,
  logFile: mariadbLogOf,
});

// User Guide, UsingWithRDS.MasterAccounts: what RDS for MariaDB gives its master user. SLAVE MONITOR is not on that list; without
// it nobody but RDS could ask a replica for its status.
const MASTER_PRIVILEGES = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'RELOAD', 'PROCESS', 'REFERENCES', 'INDEX', 'ALTER'],
  ...['SHOW DATABASES', 'CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EXECUTE', 'REPLICATION CLIENT', 'CREATE VIEW'],
  ...['SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'CREATE USER', 'EVENT', 'TRIGGER', 'REPLICATION SLAVE'],
  'SLAVE MONITOR',
];

/** mysql.rds_kill ends anybody's session but RDS's own (User Guide, Appendix.MariaDB.CommonDBATasks). */
const RDS_KILL = `
  CREATE PROCEDURE mysql.rds_kill(IN thread BIGINT) SQL SECURITY DEFINER
  BEGIN
    IF EXISTS (SELECT 1 FROM information_schema.processlist
               WHERE id = thread AND user IN ('rdsadmin', '${replicationUser}', 'system user', 'event_scheduler')) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Cannot kill this thread';
    END IF;
    KILL thread;
  END`;

const giveRoles = async (
  cluster: Cluster,
  master: { username: string; password: string; databaseName: string | undefined },
): Promise<void> => {
  const client = await connectMariadb(cluster);
  try {
    await client.query('SET sql_log_bin = 0');
    await client.query(RDS_KILL);
    await client.query("CREATE USER ?@'%' IDENTIFIED BY ?", [master.username, master.password]);
    await client.query(`GRANT ${MASTER_PRIVILEGES.join(', ')} ON *.* TO ?@'%' WITH GRANT OPTION`, [master.username]);
    if (master.databaseName !== undefined) await client.query('CREATE DATABASE ??', [master.databaseName]);
    // From here on its log is what a replica and a position begin with.
    await client.query('RESET MASTER');
  } finally {
    await client.end();
  }
};
