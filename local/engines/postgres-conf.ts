// What a PostgreSQL server of the local RDS is configured with: RDS's choices where clients can tell, small otherwise.

/** How a standby reaches its source: certified name, the address that really leads there, slot and password. */
export type Upstream = {
  readonly certifiedName: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly slot: string;
  readonly applicationName: string;
};

export type ServerSettings = {
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  readonly upstream?: Upstream | undefined;
};

/** The text of postgresql.conf. Paths are absolute, so that nothing of it lies in the data directory that gets copied. */
export const serverConf = ({ dir, host, port, upstream }: ServerSettings): string =>
  Object.entries({
    data_directory: `${dir}/data`,
    hba_file: `${dir}/pg_hba.conf`,
    ident_file: `${dir}/pg_ident.conf`,
    listen_addresses: host,
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '16MB',
    io_method: 'sync',
    jit: 'off',
    // The data lives as long as the run. kill -9 of a server loses nothing without fsync, for the kernel keeps the pages;
    // only the machine's own crash would, and then the whole run is thrown away.
    fsync: 'off',
    full_page_writes: 'on',
    wal_level: 'replica',
    hot_standby: 'on',
    max_wal_senders: 20,
    max_replication_slots: 20,
    min_wal_size: '32MB',
    wal_retrieve_retry_interval: '500ms',
    ssl: 'on',
    ssl_cert_file: `${dir}/tls/server.crt`,
    ssl_key_file: `${dir}/tls/server.key`,
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'on',
    log_directory: `${dir}/log`,
    log_filename: 'postgresql.log',
    log_rotation_age: 0,
    log_rotation_size: 0,
    // RDS fixes this prefix (User Guide, USER_LogAccess.Concepts.PostgreSQL): time:host(port):user@database:[pid]:
    log_line_prefix: '%t:%r:%u@%d:[%p]:',
    ...(upstream && { primary_conninfo: conninfo(dir, upstream), primary_slot_name: upstream.slot }),
  })
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join('');

const conninfo = (dir: string, upstream: Upstream): string =>
  Object.entries({
    host: upstream.certifiedName,
    hostaddr: upstream.host,
    port: upstream.port,
    user: upstream.user,
    password: upstream.password,
    application_name: upstream.applicationName,
    sslmode: 'verify-full',
    sslrootcert: `${dir}/tls/ca.crt`,
    gssencmode: 'disable',
  })
    .map(([name, value]) => `${name}='${String(value).replace(/['\\]/g, '\\$&')}'`)
    .join(' ');

/** TLS and a SCRAM password for everybody (as with rds.force_ssl = 1, the default since PostgreSQL 15). */
export const hostBasedAccess = `hostssl all all 127.0.0.0/8 scram-sha-256\nhostssl replication rdsrepladmin 127.0.0.0/8 scram-sha-256\n`;
