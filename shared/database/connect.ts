import pg from 'pg';
import { authorities } from './authorities.ts';
import type { KnownLogin } from './known.ts';
import { certifiedName, openNames } from './names.ts';

// Apart from login.ts, so that a function which is told its password holds no call to AWS.

export interface Database {
  /** Runs one statement; rows as objects. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export type { KnownLogin } from './known.ts';

export interface Limits {
  /** The bound on connecting, in milliseconds. */
  timeoutMs: number;
  /** The bound on each statement; that on connecting where none is given. */
  statementTimeoutMs?: number;
  /** The server refuses to write in this session. */
  readOnly?: boolean;
}

/** One open login with a password in hand, always TLS verify-full through the name. Throws what the server says; never a password. */
export const connect = async (login: KnownLogin, limits: Limits): Promise<Database> => {
  const names = openNames();
  const certified = certifiedName(await names.chain(login.host));
  const statementMs = limits.statementTimeoutMs ?? limits.timeoutMs;
  const client = new pg.Client({
    // The operating system resolves on AWS; the local AWS's names live in its own server only.
    host: process.env.MAINSTAY_DNS ? (await names.addresses(certified))[0] : certified,
    port: login.port,
    database: login.dbname,
    user: login.username,
    password: login.password,
    ssl: { ca: authorities(), servername: certified, rejectUnauthorized: true },
    connectionTimeoutMillis: limits.timeoutMs,
    query_timeout: statementMs,
    statement_timeout: statementMs,
    application_name: 'mainstay',
    ...(limits.readOnly && { options: '-c default_transaction_read_only=on' }),
  });
  // A connection cut between two statements is reported by the next statement; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  return {
    query: async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
      (await client.query<Row>(sql, values)).rows,
    close: () => client.end(),
  };
};
