import { type Cluster, connectAdmin, replicationUser } from '../engines/postgres.ts';

/**
 * Gives a fresh cluster what RDS gives one (User Guide, Appendix.PostgreSQL.CommonDBATasks.Roles): RDS's own roles, a master
 * user who is no superuser but a member of rds_superuser, and the first database.
 */
export const createRdsRoles = async (
  cluster: Cluster,
  master: { username: string; password: string; databaseName: string | undefined },
): Promise<void> => {
  const client = await connectAdmin(cluster);
  try {
    const name = client.escapeIdentifier;
    const text = client.escapeLiteral;
    await client.query(`
      CREATE ROLE ${replicationUser} REPLICATION LOGIN PASSWORD ${text(cluster.secrets.replication)};
      CREATE ROLE rds_iam NOLOGIN; CREATE ROLE rds_replication NOLOGIN; CREATE ROLE rds_superuser NOLOGIN;
      GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_read_all_data, pg_write_all_data TO rds_superuser WITH ADMIN OPTION;
      GRANT rds_iam, rds_replication TO rds_superuser WITH ADMIN OPTION;
      CREATE ROLE ${name(master.username)} LOGIN CREATEROLE CREATEDB PASSWORD ${text(master.password)} IN ROLE rds_superuser;
      GRANT ALL ON SCHEMA public TO ${name(master.username)};`);
    await client.query('CREATE DATABASE rdsadmin');
    if (master.databaseName !== undefined && master.databaseName !== 'postgres') {
      await client.query(`CREATE DATABASE ${name(master.databaseName)} OWNER ${name(master.username)}`);
    }
  } finally {
    await client.end();
  }
};

/** What ModifyDBInstance's MasterUserPassword does to the server; the master can log in again if someone took that away. */
export const resetMasterPassword = async (cluster: Cluster, username: string, password: string): Promise<void> => {
  const client = await connectAdmin(cluster);
  try {
    await client.query(
      `ALTER ROLE ${client.escapeIdentifier(username)} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
    );
  } finally {
    await client.end();
  }
};
